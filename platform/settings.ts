import browser, { type Storage } from 'webextension-polyfill'
import { type AppearanceSource, appearanceFrom } from '../protocol/appearance'

const KEY = 'appearance'

/**
 * The viewer's settings in the extension's own storage area: every page of ours reads it at once, the panel in
 * Twitch's page too, without waking the background.
 */
export const appearanceSettings: AppearanceSource = {
  load: async () => appearanceFrom((await browser.storage.local.get(KEY))[KEY]),
  save: (appearance) => browser.storage.local.set({ [KEY]: appearance }),
  onChanged(listener) {
    const heard = (changes: Record<string, Storage.StorageChange>) => {
      const change = changes[KEY]
      if (change) listener(appearanceFrom(change.newValue))
    }
    browser.storage.local.onChanged.addListener(heard)
    return () => browser.storage.local.onChanged.removeListener(heard)
  },
}
