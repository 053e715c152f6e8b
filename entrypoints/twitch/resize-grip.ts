import type { Grip } from '../../services/twitch/placement'

/** How wide the edge is that can be dragged (px). */
const BREADTH = 8
const LINE = '#8b6dff'
/** How far a key moves it (px); with Shift, more. */
const STEP = 16
const BIG_STEP = 64

interface Wiring {
  /** What it is called. */
  label: string
  /** The panel's box in the page. */
  box(): DOMRect
  /** While the edge is dragged; `undefined` when that is given up. */
  onDrag(size: number | undefined): void
  /** The viewer has chosen; `null`: the usual size again. */
  onSize(size: number | null): void
}

/**
 * The panel's edge, which can be dragged by pointer or moved by arrow keys (WAI-ARIA's window splitter). It is in the
 * closed shadow root beside the frame and not in it: a frame that is resized while it measures the pointer chases itself.
 */
export class ResizeGrip {
  readonly element = document.createElement('div')
  readonly #wiring: Wiring
  #grip: Grip | null = null
  /** What the panel's size was when the edge was taken hold of, and where. */
  #held: { size: number; at: number } | undefined

  constructor(wiring: Wiring) {
    this.#wiring = wiring
    const { element } = this
    element.tabIndex = 0
    element.role = 'separator'
    element.ariaLabel = wiring.label
    element.title = wiring.label
    element.style.cssText =
      'position:absolute;display:none;box-sizing:border-box;outline:none;touch-action:none;background-clip:content-box'
    element.addEventListener('pointerdown', (event) => this.#take(event))
    element.addEventListener('pointermove', (event) => this.#move(event))
    element.addEventListener('pointerup', () => this.#letGo(true))
    element.addEventListener('pointercancel', () => this.#letGo(false))
    element.addEventListener('lostpointercapture', () => this.#letGo(false))
    element.addEventListener('dblclick', (event) => event.isTrusted && wiring.onSize(null))
    element.addEventListener('keydown', (event) => this.#press(event))
    for (const kind of ['pointerenter', 'focus']) element.addEventListener(kind, () => this.#dress(true))
    for (const kind of ['pointerleave', 'blur']) element.addEventListener(kind, () => this.#dress(false))
  }

  /** Whether it is being dragged just now. */
  get isHeld(): boolean {
    return this.#held !== undefined
  }

  /** Lies along the edge of a panel of this size. */
  fit(grip: Grip | null, size: number): void {
    this.#grip = grip
    const { element } = this
    element.style.display = grip ? 'block' : 'none'
    if (!grip) return this.#letGo(false)
    const isBelow = grip.edge === 'bottom'
    const { style } = element
    style.inset = isBelow ? 'auto 0 0 0' : grip.edge === 'left' ? '0 auto 0 0' : '0 0 0 auto'
    style.width = isBelow ? 'auto' : `${BREADTH}px`
    style.height = isBelow ? `${BREADTH}px` : 'auto'
    // The line that shows is thinner than what can be taken hold of.
    style.padding = isBelow ? '5px 0 0' : grip.edge === 'left' ? '0 5px 0 0' : '0 0 0 5px'
    style.cursor = isBelow ? 'ns-resize' : 'ew-resize'
    element.ariaOrientation = isBelow ? 'horizontal' : 'vertical'
    element.ariaValueMin = String(grip.min)
    element.ariaValueMax = String(grip.max)
    element.ariaValueNow = String(size)
  }

  #take(event: PointerEvent): void {
    const grip = this.#grip
    if (!event.isTrusted || event.button !== 0 || !grip) return
    // Neither is text selected nor the focus taken from where it is.
    event.preventDefault()
    this.element.setPointerCapture(event.pointerId)
    this.#held = { size: this.#size(grip), at: along(grip, event) }
    this.#dress(true)
  }

  #move(event: PointerEvent): void {
    if (this.#held && this.#grip) this.#wiring.onDrag(this.#target(this.#grip, this.#held, event))
  }

  #target(grip: Grip, held: { size: number; at: number }, event: PointerEvent): number {
    const way = along(grip, event) - held.at
    return within(grip, held.size + (grip.edge === 'left' ? -way : way))
  }

  /** @param isMeant whether the edge stays where it is now. */
  #letGo(isMeant: boolean): void {
    const held = this.#held
    this.#held = undefined
    if (!held || !this.#grip) return
    this.#dress(false)
    const size = this.#size(this.#grip)
    if (isMeant && size !== held.size) this.#wiring.onSize(size)
    this.#wiring.onDrag(undefined)
  }

  #press(event: KeyboardEvent): void {
    const grip = this.#grip
    if (!event.isTrusted || !grip || event.altKey || event.ctrlKey || event.metaKey) return
    // Whatever it is, it is not meant for Twitch, whose hotkeys listen on the page.
    event.stopPropagation()
    const size = this.#keyed(grip, event)
    if (size === undefined) return
    event.preventDefault()
    this.#wiring.onSize(size)
  }

  #keyed(grip: Grip, { key, shiftKey }: KeyboardEvent): number | null | undefined {
    const [more, less] = { left: ['Left', 'Right'], right: ['Right', 'Left'], bottom: ['Down', 'Up'] }[
      grip.edge
    ]
    const step = shiftKey ? BIG_STEP : STEP
    switch (key) {
      case `Arrow${more}`:
        return within(grip, this.#size(grip) + step)
      case `Arrow${less}`:
        return within(grip, this.#size(grip) - step)
      case 'Home':
        return grip.min
      case 'End':
        return grip.max
      case 'Enter':
        return null
    }
    return undefined
  }

  #size({ edge }: Grip): number {
    const { width, height } = this.#wiring.box()
    return Math.round(edge === 'bottom' ? height : width)
  }

  #dress(isUsed: boolean): void {
    this.element.style.backgroundColor = isUsed || this.#held ? LINE : 'transparent'
  }
}

const along = ({ edge }: Grip, { clientX, clientY }: PointerEvent) => (edge === 'bottom' ? clientY : clientX)

const within = ({ min, max }: Grip, size: number) => Math.round(Math.min(max, Math.max(min, size)))
