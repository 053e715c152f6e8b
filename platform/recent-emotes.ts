import browser from 'webextension-polyfill'

const KEY = 'recentEmotes'
/** No emote's code and no emoji is longer. */
const MAX_LENGTH = 64

/** What the viewer picked last, in the extension's own storage area on this browser. */
export const recentEmotes = {
  async load(): Promise<string[]> {
    const { [KEY]: stored } = await browser.storage.local.get(KEY)
    const texts: unknown[] = Array.isArray(stored) ? stored : []
    return texts.flatMap((text) => (typeof text === 'string' && text.length <= MAX_LENGTH ? text : []))
  },
  save: (texts: readonly string[]): Promise<void> => browser.storage.local.set({ [KEY]: [...texts] }),
}
