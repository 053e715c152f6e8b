import type { Theme } from '../../protocol/host-port'
import type { Placement, Shape } from '../../services/twitch/placement'

/** Above Twitch's theatre column (3000). */
const LAYER = '3001'

/** The panel's surface and lines as in its own style sheet: they show while it loads, and around it. */
const COLOURS: Record<Theme, { surface: string; line: string; shadow: string }> = {
  dark: { surface: '#18181b', line: '#37373f', shadow: '0 8px 24px rgb(0 0 0 / 55%)' },
  light: { surface: '#ffffff', line: '#dcdce3', shadow: '0 8px 24px rgb(20 16 50 / 18%)' },
}

const RADIUS = 10

/**
 * The panel's frame: an extension page in a closed shadow root, in an element without a name. The page's
 * scripts get neither into it nor at what is typed there. It stays where it is mounted, and is only styled, for as
 * long as the page lets it: where the browser has no `moveBefore`, moving it reloads the panel.
 */
export class PanelFrame {
  readonly #host = document.createElement('div')
  readonly #frame = document.createElement('iframe')
  readonly #url: string

  constructor(url: string, title: string) {
    this.#url = url
    this.#frame.title = title
    this.#frame.style.cssText = 'display:block;width:100%;height:100%;border:0;background:transparent'
    this.#host.attachShadow({ mode: 'closed' }).append(this.#frame)
    this.#host.style.cssText = `all:initial;position:fixed;display:none;overflow:hidden;z-index:${LAYER}`
  }

  /**
   * Sees to it that the frame is in `into`: Twitch may not have drawn that element yet when we come, and tears it out
   * now and then. The panel is told the theme in its address: it would else show itself before it has heard.
   */
  mount(into: Element, theme: Theme): void {
    if (this.#host.parentElement === into) return
    if (this.#host.isConnected && 'moveBefore' in into) return into.moveBefore(this.#host, null)
    this.#frame.src = `${this.#url}#${theme}`
    into.append(this.#host)
  }

  place({ shape, side, inset, top, width, height }: Placement, theme: Theme): void {
    const { surface, line, shadow } = COLOURS[theme]
    const { style } = this.#host
    style.display = 'block'
    style.left = side === 'left' ? `${inset}px` : 'auto'
    style.right = side === 'right' ? `${inset}px` : 'auto'
    style.top = `${top}px`
    style.width = `${width}px`
    style.height = `${height}px`
    style.background = surface
    style.borderRadius = radius(shape, side)
    style.boxShadow = shape === 'column' ? `-1px 0 ${line}, 1px 0 ${line}` : `0 0 0 1px ${line}, ${shadow}`
    // A frame whose scheme is not its page's is drawn on an opaque sheet, white until the page is there.
    this.#frame.style.colorScheme = theme
  }

  hide(): void {
    this.#host.style.display = 'none'
  }

  remove(): void {
    this.#host.remove()
  }
}

function radius(shape: Shape, side: Placement['side']): string {
  const r = `${RADIUS}px`
  switch (shape) {
    case 'column':
      return '0'
    case 'card':
      return r
    case 'sheet':
      return `0 0 ${r} ${r}`
    case 'handle':
      return side === 'right' ? `${r} 0 0 ${r}` : `0 ${r} ${r} 0`
  }
}
