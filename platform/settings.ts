import browser, { type Storage } from 'webextension-polyfill'
import {
  type Appearance,
  type AppearanceSource,
  appearanceFrom,
  DEFAULT_APPEARANCE,
} from '../protocol/appearance'
import { type AttentionSource, attentionFrom } from '../protocol/attention'
import type { SettingsSource } from '../protocol/kept-settings'

type Area = Storage.StorageArea

/**
 * How Sidestream looks, in the storage that the viewer's browsers share, if they let them; in this browser's own where
 * there is no such storage. Every page of ours reads it at once, the panel in Twitch's page too, without waking the
 * background. Until version 2 it was this browser's own everywhere, and is taken over from there.
 */
export const appearanceSettings: AppearanceSource = {
  ...keptIn('appearance', appearanceFrom, sharedArea),
  async load(): Promise<Appearance> {
    const area = await sharedArea()
    const { appearance } = await area.get('appearance')
    if (appearance !== undefined || area === browser.storage.local) return appearanceFrom(appearance)
    const { appearance: own } = await browser.storage.local.get('appearance')
    if (own === undefined) return appearanceFrom(undefined)
    await area.set({ appearance: appearanceFrom(own) })
    await browser.storage.local.remove('appearance')
    return appearanceFrom(own)
  },
}

/** What may call the viewer: words are personal and permissions each browser's own, so it stays here. */
export const attentionSettings: AttentionSource = keptIn(
  'attention',
  attentionFrom,
  async () => browser.storage.local,
)

/** Storage that does not answer holds no page up longer than this (ms). */
const PATIENCE_MS = 500

/** The language of the viewer's choice, before anything shows. Never rejects. */
export async function chosenLanguage(): Promise<Appearance['language']> {
  const { language } = DEFAULT_APPEARANCE
  const late = new Promise<Pick<Appearance, 'language'>>((resolve) =>
    setTimeout(() => resolve({ language }), PATIENCE_MS),
  )
  return (await Promise.race([appearanceSettings.load().catch(() => ({ language })), late])).language
}

/** Where the viewer's browsers share settings; some browsers, and their administrators, turn that off. */
async function sharedArea(): Promise<Area> {
  const { local, sync } = browser.storage
  return sync.get('appearance').then(
    () => sync,
    () => local,
  )
}

function keptIn<Settings>(
  key: string,
  read: (stored: unknown) => Settings,
  area: () => Promise<Area>,
): SettingsSource<Settings> {
  return {
    load: async () => read((await (await area()).get(key))[key]),
    save: async (settings) => (await area()).set({ [key]: settings }),
    onChanged(listener) {
      const heard = (changes: Record<string, Storage.StorageChange>) => {
        // What is taken over leaves its old place.
        if (changes[key] && 'newValue' in changes[key]) listener(read(changes[key].newValue))
      }
      browser.storage.onChanged.addListener(heard)
      return () => browser.storage.onChanged.removeListener(heard)
    },
  }
}
