import type { Placement } from '../../services/twitch/placement'

/** Above Twitch's theatre column (3000). */
const LAYER = '3001'

/**
 * The panel's frame: an extension page in a closed shadow root, in an element without a name. The page's
 * scripts get neither into it nor at what is typed there. Moving the element would reload the frame, so it is
 * mounted once and only styled.
 */
export class PanelFrame {
  readonly #host = document.createElement('div')

  constructor(url: string, title: string) {
    const frame = document.createElement('iframe')
    frame.src = url
    frame.title = title
    frame.style.cssText = 'display:block;width:100%;height:100%;border:0;background:transparent'
    this.#host.attachShadow({ mode: 'closed' }).append(frame)
    this.#host.style.cssText = `all:initial;position:fixed;display:none;z-index:${LAYER}`
  }

  get isMounted(): boolean {
    return this.#host.isConnected
  }

  mount(into: Element): void {
    into.append(this.#host)
  }

  place({ side, inset, top, width, height }: Placement): void {
    const { style } = this.#host
    style.display = 'block'
    style.left = side === 'left' ? `${inset}px` : 'auto'
    style.right = side === 'right' ? `${inset}px` : 'auto'
    style.top = `${top}px`
    style.width = `${width}px`
    style.height = `${height}px`
  }

  hide(): void {
    this.#host.style.display = 'none'
  }

  remove(): void {
    this.#host.remove()
  }
}
