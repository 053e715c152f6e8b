import { defineUnlistedScript } from 'wxt/utils/define-unlisted-script'
import { loginFromUrl } from '../../services/twitch/location'
import { watchLocation } from './location-watch'
import { whenVisited } from './page-ready'
import { Visit } from './visit'

/**
 * The content script: on pages without a channel it looks at the address and does nothing else. It is declared in the
 * manifest by hand (wxt.config.ts): WXT's own wrapper announces itself to the page by events that carry the extension's
 * id, and any script on the page could hear or forge them.
 */
export default defineUnlistedScript(() => {
  /** Ends when the extension itself is gone (updated, removed) and has left this page behind. */
  const lifetime = new AbortController()
  let visit: Visit | undefined

  function goTo(url: string): void {
    if (!visit && loginFromUrl(url) === null) return
    visit ??= new Visit(lifetime, () => {
      visit = undefined
    })
    visit.goTo(url)
  }

  whenVisited(() => watchLocation(lifetime.signal, goTo))
})
