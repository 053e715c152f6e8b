import browser from 'webextension-polyfill'
import type { PageLayout, SizedShape, Theme } from '../../protocol/host-port'
import { boxOf, type PageMeasures, type Placement, placePanel } from '../../services/twitch/placement'
import { mainContent, mountPoint } from './anchors'
import { controlsBeneath } from './controls'
import { measurePage } from './measure'
import { PageMargin } from './page-margin'
import { whenParsed } from './page-ready'
import { pageTheme } from './page-theme'
import { watchPage } from './page-watch'
import { PanelFrame } from './panel-frame'
import { Patience } from './patience'

export type Layout = Pick<PageLayout, 'collapsed' | 'sizes'>

interface Wiring {
  /** Ends it; nothing is left in the page. */
  signal: AbortSignal
  /** The page may look otherwise than before. */
  onLook(): void
  /** The viewer chose a size; `null`: the usual one. */
  onSize(shape: SizedShape, size: number | null): void
}

/** Keeps the panel's frame in its place in Twitch's page, for as long as it is awake. */
export class PanelPlace {
  readonly #wiring: Wiring
  readonly #margin = new PageMargin()
  readonly #frame: PanelFrame
  readonly #root = new Patience(() => this.#update())
  readonly #content = new Patience(() => this.#update())
  /** Watches the page. */
  #watching: { end: AbortController; follow(elements: Element[]): void } | undefined
  /** Until the host has told the viewer's choice, nothing shows: a panel that jumps is worse than one that comes. */
  #layout: Layout | undefined
  /** The size under the viewer's hand. */
  #dragged: number | undefined
  #placement: Placement | undefined
  /** What the page was like when it was placed. */
  #measured = ''
  #main: Element | null = null
  /** The element that goes fullscreen, where it was in the page before any script ran. */
  #served: Element | null = null
  #remount: ReturnType<typeof setTimeout> | undefined

  constructor(wiring: Wiring) {
    this.#wiring = wiring
    this.#frame = new PanelFrame({
      signal: wiring.signal,
      url: browser.runtime.getURL('panel.html'),
      resizeLabel: browser.i18n.getMessage('resize') || 'Resize Sidestream',
      onDrag: (size) => {
        this.#dragged = size
        this.#update()
      },
      onSize: (size) => {
        const shape = this.#placement?.grip?.shape
        if (shape) wiring.onSize(shape, size)
      },
    })
    wiring.signal.addEventListener('abort', () => {
      this.rest()
      this.#frame.remove()
    })
  }

  layOut(layout: Layout): void {
    this.#layout = layout
    this.#update()
  }

  wake(): void {
    if (this.#watching) return this.#update()
    const end = new AbortController()
    this.#watching = { end, follow: () => {} }
    whenParsed(end.signal, () => {
      this.#served = document.readyState === 'complete' ? null : mountPoint()
      const onChange = () => this.#update()
      const { follow } = watchPage({ signal: end.signal, onChange, urgency: () => this.#urgency() })
      this.#watching = { end, follow }
      this.#update()
    })
  }

  /** Nothing of Twitch's page is watched, held or moved any more; the frame is kept, but not to be seen. */
  rest(): void {
    this.#watching?.end.abort()
    this.#watching = undefined
    this.#main = this.#served = null
    this.#measured = ''
    for (const patience of [this.#root, this.#content]) patience.reset()
    clearTimeout(this.#remount)
    this.#remount = undefined
    this.#margin.clear()
    this.#frame.hide()
  }

  #urgency(): 'now' | 'soon' | undefined {
    // New content, or the first: the room beside it has to be there before anybody sees it.
    if (!this.#main?.isConnected && mainContent()) return 'now'
    return this.#frame.isTornOut ? 'soon' : undefined
  }

  #update(): void {
    if (!this.#watching || document.readyState === 'loading') return
    this.#wiring.onLook()
    const isArranged = this.#layout !== undefined && this.#arrange(this.#layout)
    const home = this.#home
    if (!home) return
    // Room was made before: to show a frame, or to look what lies where, makes the browser settle everything, and the
    // page would be seen to move.
    const theme = pageTheme()
    this.#mount(home, theme)
    if (isArranged && this.#placement) this.#frame.place(this.#placement, theme)
  }

  /** Finds the panel its place. @returns whether there is one now. */
  #arrange(layout: Layout): boolean {
    const { page, elements } = measurePage(this.#margin.reserved)
    this.#main = mainContent()
    this.#watching?.follow(elements)
    if (page.mode !== 'page' || page.content || page.chat) this.#content.reset()
    else if (this.#content.misses()) return false
    this.#placement = this.#place(page, layout)
    this.#margin.reserve(this.#placement.side, this.#placement.reserve)
    return true
  }

  #place(page: PageMeasures, { collapsed, sizes }: Layout): Placement {
    const before = this.#placement
    const shape = before?.grip?.shape
    const held = this.#dragged === undefined || !shape ? sizes : { ...sizes, [shape]: this.#dragged }
    const measured = JSON.stringify([page, collapsed, held])
    const isSame = measured === this.#measured
    this.#measured = measured
    const isTaken = controlsBeneath(this.#frame.host)
    // Twitch's controls come and go over the video: what avoids them stays where it is until there is one beneath it.
    if (isSame && before && !(before.avoids && isTaken(boxOf(before, page.width)))) return before
    return placePanel(page, collapsed, held, isTaken)
  }

  /** Where the panel belongs; `null` for nowhere yet. */
  get #home(): Element | null {
    const root = mountPoint()
    if (!root) return this.#root.misses() ? null : document.body
    this.#root.reset()
    // What the server has drawn is taken over by Twitch's scripts, which find nothing in it that they do not know.
    return root === this.#served && document.readyState !== 'complete' ? null : root
  }

  #mount(home: Element, theme: Theme): void {
    const wait = this.#frame.mount(home, theme)
    if (wait <= 0) return
    this.#remount ??= setTimeout(() => {
      this.#remount = undefined
      this.#update()
    }, wait)
  }
}
