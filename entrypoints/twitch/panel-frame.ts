import type { Theme } from '../../protocol/host-port'
import type { Placement, Shape } from '../../services/twitch/placement'
import { layerOf } from './layer'
import { ResizeGrip } from './resize-grip'

/** The panel's surface and lines as in its own style sheet: they show while it loads, and around it. */
const COLOURS: Record<Theme, { surface: string; line: string; shadow: string }> = {
  dark: { surface: '#18181b', line: '#37373f', shadow: '0 8px 24px rgb(0 0 0 / 55%)' },
  light: { surface: '#ffffff', line: '#dcdce3', shadow: '0 8px 24px rgb(20 16 50 / 18%)' },
}

const RADIUS = 10
/** How much of the panel is seen over a video, unless it is being used. */
const OVER_VIDEO: Record<Shape, string> = { column: '1', sheet: '1', card: '0.94', handle: '0.6' }
/** A page that tears it out time and again gets it back no sooner than this (ms). */
const REMOUNT_MS = 1_000

const isSolid = matchMedia('(prefers-reduced-transparency: reduce), (prefers-contrast: more)')

interface Wiring {
  /** Ends its listening to the page. */
  signal: AbortSignal
  url: string
  /** What its edge is called. */
  resizeLabel: string
  onDrag(size: number | undefined): void
  onSize(size: number | null): void
}

/**
 * The panel's frame: an extension page in a closed shadow root, in an element without a name. The page's
 * scripts get neither into it nor at what is typed there. It stays where it is mounted, and is only styled, for as
 * long as the page lets it: where the browser has no `moveBefore`, moving it reloads the panel.
 */
export class PanelFrame {
  readonly host = document.createElement('div')
  readonly #frame = document.createElement('iframe')
  readonly #grip: ResizeGrip
  readonly #url: string
  #mountedAt = Number.NEGATIVE_INFINITY
  #placed = ''
  /** How much of it is seen while nobody uses it. */
  #faint = '1'

  constructor({ signal, url, resizeLabel, onDrag, onSize }: Wiring) {
    this.#url = url
    this.#frame.title = 'Sidestream'
    this.#frame.style.cssText = 'display:block;width:100%;height:100%;border:0;background:transparent'
    const box = () => this.host.getBoundingClientRect()
    this.#grip = new ResizeGrip({ label: resizeLabel, box, onDrag, onSize })
    this.host.attachShadow({ mode: 'closed' }).append(this.#grip.element, this.#frame)
    this.host.style.cssText = 'all:initial;position:fixed;display:none;overflow:hidden'
    for (const kind of ['pointerenter', 'pointerleave', 'focusin', 'focusout'])
      this.host.addEventListener(kind, () => this.#fade())
    // All that a page hears of the focus being in a frame.
    for (const kind of ['blur', 'focus']) window.addEventListener(kind, () => this.#fade(), { signal })
  }

  get isTornOut(): boolean {
    return this.#mountedAt > 0 && !this.host.isConnected
  }

  /**
   * Sees to it that the frame is in `into`: Twitch may not have drawn that element yet when we come, and tears it out
   * now and then. The panel is told the theme in its address: it would else show itself before it has heard.
   *
   * @returns how long (ms) it has to wait to be mounted again, if it has.
   */
  mount(into: Element, theme: Theme): number {
    if (this.host.parentElement === into) return 0
    if (this.host.isConnected && 'moveBefore' in into) {
      into.moveBefore(this.host, null)
      return 0
    }
    const wait = this.#mountedAt + REMOUNT_MS - performance.now()
    if (wait > 0) return wait
    this.#mountedAt = performance.now()
    this.#frame.src = `${this.#url}#${theme}`
    into.append(this.host)
    this.#placed = ''
    return 0
  }

  place(placement: Placement, theme: Theme): void {
    const { shape, side, inset, top, width, height, grip, isImmersive } = placement
    const { surface, line, shadow } = COLOURS[theme]
    const { style } = this.host
    style.display = 'block'
    style.left = side === 'left' ? `${inset}px` : 'auto'
    style.right = side === 'right' ? `${inset}px` : 'auto'
    style.top = `${top}px`
    style.width = `${width}px`
    style.height = `${height}px`
    style.background = surface
    style.borderRadius = radius(placement)
    style.boxShadow = shape === 'column' ? `-1px 0 ${line}, 1px 0 ${line}` : `0 0 0 1px ${line}, ${shadow}`
    // A frame whose scheme is not its page's is drawn on an opaque sheet, white until the page is there.
    this.#frame.style.colorScheme = theme
    // While the edge is dragged the pointer must not get lost in the frame.
    this.#frame.style.pointerEvents = this.#grip.isHeld ? 'none' : 'auto'
    this.#grip.fit(grip, grip?.edge === 'bottom' ? height : width)
    this.#faint = isImmersive && !isSolid.matches ? OVER_VIDEO[shape] : '1'
    this.#fade()
    const placed = `${shape} ${side} ${isImmersive}`
    if (this.host.isConnected && placed !== this.#placed) {
      style.zIndex = layerOf(this.host, isImmersive)
      this.#placed = placed
    }
  }

  hide(): void {
    this.host.style.display = 'none'
    this.#placed = ''
  }

  remove(): void {
    this.host.remove()
  }

  #fade(): void {
    const isUsed = this.host.matches(':hover') || document.activeElement === this.host
    this.host.style.opacity = isUsed ? '1' : this.#faint
  }
}

function radius({ shape, side, isImmersive }: Placement): string {
  const r = `${RADIUS}px`
  switch (shape) {
    case 'column':
      return '0'
    case 'card':
      return r
    case 'sheet':
      return `0 0 ${r} ${r}`
    case 'handle':
      // At the very edge it is a tab, elsewhere a pill.
      if (!isImmersive) return r
      return side === 'right' ? `${r} 0 0 ${r}` : `0 ${r} ${r} 0`
  }
}
