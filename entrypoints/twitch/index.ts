import browser from 'webextension-polyfill'
import { defineUnlistedScript } from 'wxt/utils/define-unlisted-script'
import { connectPage } from '../../platform/page-connection'
import { loginFromUrl } from '../../services/twitch/location'
import { placePanel } from '../../services/twitch/placement'
import { measurePage, mountPoint, pageTheme } from './anchors'
import { watchLocation } from './location-watch'
import { PageMargin } from './page-margin'
import { watchPage } from './page-watch'
import { PanelFrame } from './panel-frame'

/** How long (ms) Twitch may take to draw the element the panel belongs into, before the body must do. */
const ROOT_MS = 3_000

/**
 * The content script. It is declared in the manifest by hand (wxt.config.ts): WXT's own wrapper announces itself
 * to the page by events that carry the extension's id, and any script on the page could hear or forge them.
 */
export default defineUnlistedScript(() => {
  const lifetime = new AbortController()
  const frame = new PanelFrame(browser.runtime.getURL('panel.html'), 'Sidestream')
  const margin = new PageMargin()
  const begun = performance.now()
  let url = location.href
  let reported = ''
  // Until the host has told the viewer's choice, nothing shows: a panel that jumps is worse than one that comes.
  let collapsed: boolean | undefined

  const host = connectPage(lifetime, (isCollapsed) => {
    collapsed = isCollapsed
    update()
  })

  function update(): void {
    const theme = pageTheme()
    const report = `${theme} ${url}`
    if (reported !== report) host.report({ t: 'page', url, theme })
    reported = report
    if (loginFromUrl(url) === null) {
      frame.hide()
      return margin.clear()
    }
    const home = mountPoint() ?? (performance.now() - begun < ROOT_MS ? null : document.body)
    if (!home) return
    frame.mount(home, theme)
    if (collapsed === undefined) return
    const placement = placePanel(measurePage(), collapsed)
    frame.place(placement, theme)
    margin.reserve(placement.side, placement.reserve)
  }

  watchLocation(lifetime.signal, (newUrl) => {
    url = newUrl
    update()
  })
  watchPage(lifetime.signal, update)
  const rootTimer = setTimeout(update, ROOT_MS)
  lifetime.signal.addEventListener('abort', () => {
    clearTimeout(rootTimer)
    margin.clear()
    frame.remove()
  })
})
