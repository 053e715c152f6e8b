import browser from 'webextension-polyfill'
import { EMOTE_APIS } from '../protocol/emotes'

const permissions = { origins: Object.values(EMOTE_APIS).map((origin) => `${origin}/*`) }

/** Where the viewer is asked if not in the panel. */
const SETTINGS = '/popup.html#privacy'

/** The browser's word for whether providers of emotes may be asked: the viewer's consent, and nothing else keeps it. */
export const emotePermission = {
  /** For the background: not every page may ask. */
  isGranted: (): Promise<boolean> => browser.permissions.contains(permissions),

  /**
   * Has the browser ask the viewer; only in answer to a click, at once. Resolves with what they said. Firefox does not let
   * a frame in somebody else's page ask: it opens our settings in a tab instead, and resolves with `null`.
   */
  async request(): Promise<boolean | null> {
    const asking: Partial<typeof browser.permissions> | undefined = browser.permissions
    if (asking?.request) return asking.request(permissions)
    open(SETTINGS, '_blank', 'noopener')
    return null
  },

  /** Takes it back. `false` where it cannot be. */
  remove: async (): Promise<boolean> => browser.permissions.remove(permissions),

  /** Calls back whenever it was given or taken back, by us or in the browser's own settings. */
  onChanged(listener: () => void): void {
    browser.permissions.onAdded.addListener(listener)
    browser.permissions.onRemoved.addListener(listener)
  },
}
