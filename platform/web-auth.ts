import browser from 'webextension-polyfill'
import type { WebAuth } from '../services/identity/twitch-account'

/** The browser's window for sign-in at another site (permission `identity`). */
export const browserWebAuth: WebAuth = {
  redirectUrl: () => browser.identity.getRedirectURL('twitch'),
  async launch(url) {
    try {
      return await browser.identity.launchWebAuthFlow({ url, interactive: true })
    } catch {
      // Closed by the viewer, or the page could not be loaded: browsers tell them apart in words alone, if at all.
      return undefined
    }
  },
}
