import { connectPage, type PageConnection } from '../../platform/page-connection'
import { RealClock } from '../../platform/real-clock'
import type { SizedShape } from '../../protocol/host-port'
import { Retry } from '../../services/reconnection/retry'
import { loginFromUrl } from '../../services/twitch/location'
import { pageTheme } from './page-theme'
import { type Layout, PanelPlace } from './panel-place'

/** Who leaves a channel for a page without one has the panel kept for so long (ms): most go on to the next. */
const LINGER_MS = 5_000

/** One stay on pages of channels: all that Sidestream has in a page is here, and goes when it is over. */
export class Visit {
  readonly #over = new AbortController()
  readonly #connection: PageConnection
  readonly #place: PanelPlace
  #url = ''
  #reported = ''
  #layout: Layout | undefined
  #linger: ReturnType<typeof setTimeout> | undefined

  /**
   * @param lifetime of the content script; ended here where the extension is found to be gone.
   * @param onOver hears that nothing is left of it.
   */
  constructor(lifetime: AbortController, onOver: () => void) {
    const signal = AbortSignal.any([lifetime.signal, this.#over.signal])
    this.#place = new PanelPlace({
      signal,
      onLook: () => this.#report(),
      onSize: (shape, size) => this.#resize(shape, size),
    })
    const clock = new RealClock()
    this.#connection = connectPage({
      signal,
      retry: (task, firstMs) => new Retry({ clock, random: Math.random, task, firstMs }),
      onLayout: (layout) => this.#layOut(layout),
      onOrphaned: () => lifetime.abort(),
    })
    signal.addEventListener('abort', () => {
      clearTimeout(this.#linger)
      onOver()
    })
  }

  /** The page is at another address now. Without a channel everything rests, and after a while goes. */
  goTo(url: string): void {
    this.#url = url
    clearTimeout(this.#linger)
    this.#report()
    if (loginFromUrl(url) !== null) return this.#place.wake()
    this.#place.rest()
    this.#linger = setTimeout(() => this.#over.abort(), LINGER_MS)
  }

  #layOut(layout: Layout): void {
    this.#layout = layout
    this.#place.layOut(layout)
  }

  #report(): void {
    const theme = pageTheme()
    const visible = document.visibilityState === 'visible'
    const report = `${theme} ${visible} ${this.#url}`
    if (this.#reported !== report) this.#connection.report({ t: 'page', url: this.#url, theme, visible })
    this.#reported = report
  }

  #resize(shape: SizedShape, size: number | null): void {
    if (!this.#layout) return
    const { [shape]: _, ...others } = this.#layout.sizes
    // Not only once the host has heard: the edge would jump back and forth under the viewer's hand.
    this.#layOut({ ...this.#layout, sizes: size === null ? others : { ...others, [shape]: size } })
    this.#connection.resize({ t: 'size', shape, size })
  }
}
