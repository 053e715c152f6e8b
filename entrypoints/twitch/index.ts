import browser from 'webextension-polyfill'
import { defineUnlistedScript } from 'wxt/utils/define-unlisted-script'
import { connectPage } from '../../platform/page-connection'
import { RealClock } from '../../platform/real-clock'
import { Retry } from '../../services/reconnection/retry'
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

  const retry = (task: () => void, firstMs: number) =>
    new Retry({ clock: new RealClock(), random: Math.random, task, firstMs })
  const host = connectPage(lifetime, retry, (isCollapsed) => {
    collapsed = isCollapsed
    update()
  })

  function update(): void {
    const theme = pageTheme()
    const visible = document.visibilityState === 'visible'
    const report = `${theme} ${visible} ${url}`
    if (reported !== report) host.report({ t: 'page', url, theme, visible })
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
  // Not one of those, because a page that is out of sight is not drawn.
  document.addEventListener('visibilitychange', update, { signal: lifetime.signal })
  const rootTimer = setTimeout(update, ROOT_MS)
  lifetime.signal.addEventListener('abort', () => {
    clearTimeout(rootTimer)
    margin.clear()
    frame.remove()
  })
})
