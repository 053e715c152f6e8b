import browser from 'webextension-polyfill'
import { defineContentScript } from 'wxt/utils/define-content-script'
import { connectPage } from '../../platform/page-connection'
import { loginFromUrl } from '../../services/twitch/location'
import { placePanel } from '../../services/twitch/placement'
import { mainContent, measurePage, mountPoint, pageTheme } from './anchors'
import { watchPage } from './page-watch'
import { PanelFrame } from './panel-frame'

export default defineContentScript({
  matches: ['https://www.twitch.tv/*'],
  runAt: 'document_idle',
  main(ctx) {
    // WXT reports a navigation before it is committed: its own URL counts, not the document's.
    let url = location.href
    let collapsed = true
    let moved: HTMLElement | undefined
    let reported = ''

    ctx.addEventListener(window, 'wxt:locationchange', ({ newUrl }) => {
      url = newUrl.href
      update()
    })
    const frame = new PanelFrame(browser.runtime.getURL('panel.html'), 'Sidestream')
    const host = connectPage(ctx.signal, (isCollapsed) => {
      collapsed = isCollapsed
      update()
    })

    function update(): void {
      const theme = pageTheme()
      const isNews = reported !== `${theme} ${url}`
      reported = `${theme} ${url}`
      if (isNews) host.report({ t: 'page', url, theme })
      if (loginFromUrl(url) === null) {
        frame.hide()
        return makeRoom(0)
      }
      if (!frame.isMounted) frame.mount(mountPoint())
      const placement = placePanel(measurePage(), collapsed)
      frame.place(placement)
      makeRoom(placement.reserve, placement.side)
    }

    function makeRoom(width: number, side: 'left' | 'right' = 'right'): void {
      const main = mainContent() ?? undefined
      if (moved !== main) clear()
      if (width === 0 || !main) return clear()
      const margin = `${width}px`
      if (main.style.getPropertyValue(`margin-${side}`) === margin) return
      clear()
      main.style.setProperty(`margin-${side}`, margin)
      moved = main
    }

    function clear(): void {
      moved?.style.removeProperty('margin-left')
      moved?.style.removeProperty('margin-right')
      moved = undefined
    }

    watchPage(ctx.signal, update)
    ctx.onInvalidated(() => {
      clear()
      frame.remove()
    })
  },
})
