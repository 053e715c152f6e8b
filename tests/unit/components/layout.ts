import { vi } from 'vitest'
import { nextTick } from 'vue'

interface Measures {
  /** Heights and widths in px. */
  view: number
  width: number
  row(element: HTMLElement): number
}

type Watcher = (entries: ResizeObserverEntry[]) => void

/**
 * A list of messages laid out one row below the other, in a place that lays out nothing: heights, places and scrolling as
 * browsers have them, and resizes told where somebody watches. Not their scroll anchoring: what moves, moves.
 */
export class Layout {
  view: number
  readonly #measures: Measures
  readonly #watched = new Map<Watcher, Map<Element, number>>()
  #top = 0

  constructor(measures: Measures) {
    this.view = measures.view
    this.#measures = measures
    this.#define('clientHeight', (element) => (isScroller(element) ? this.view : 0))
    this.#define('clientWidth', () => measures.width)
    this.#define('offsetHeight', (element) => this.#heightOf(element))
    this.#define('scrollHeight', () => this.scrollHeight)
    this.#define('offsetTop', (element) => this.#topOf(element))
    Object.defineProperty(HTMLElement.prototype, 'scrollTop', {
      configurable: true,
      get: () => this.scrollTop,
      set: (top: number) => this.scrollTo(top),
    })
    vi.spyOn(HTMLElement.prototype, 'scrollIntoView').mockImplementation(this.#scrollIntoView())
    vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockImplementation(this.#rectOf())
    vi.stubGlobal('ResizeObserver', this.#observer())
  }

  get scrollTop(): number {
    return Math.max(0, Math.min(this.#top, this.scrollHeight - this.view))
  }

  scrollTo(top: number): void {
    this.#top = Math.max(0, Math.min(top, this.scrollHeight - this.view))
  }

  get scrollHeight(): number {
    const older = document.querySelector('[data-testid=older]') ? 32 : 0
    return Math.max(this.view, older + this.#pieces.reduce((sum, piece) => sum + this.#heightOf(piece), 0))
  }

  get fromEnd(): number {
    return this.scrollHeight - this.view - this.scrollTop
  }

  /** The rows in view, top to bottom. */
  inView(): HTMLElement[] {
    return this.#rows.filter((row) => {
      const place = this.#topOf(row) - this.scrollTop
      return place + this.#heightOf(row) > 0 && place < this.view
    })
  }

  /** How far below the top of the view each of those begins, by the message. */
  places(): Record<string, number> {
    return Object.fromEntries(
      this.inView().map((row) => [
        row.querySelector('[data-id]')?.getAttribute('data-id') ?? '',
        this.#topOf(row) - this.scrollTop,
      ]),
    )
  }

  /** Lets everything happen that one frame has time for. */
  async settle(): Promise<void> {
    for (let round = 0; round < 4; round += 1) {
      await nextTick()
      for (const [watcher, sizes] of this.#watched) {
        const entries = [...sizes].flatMap(([target, size]) => {
          const now = target instanceof HTMLElement ? this.#sizeOf(target) : 0
          sizes.set(target, now)
          return now === size ? [] : [{ target, borderBoxSize: [{ blockSize: now, inlineSize: 0 }] }]
        })
        if (entries.length > 0) watcher(entries as unknown as ResizeObserverEntry[])
      }
    }
    await nextTick()
  }

  end(): void {
    for (const name of [
      'clientHeight',
      'clientWidth',
      'offsetHeight',
      'scrollHeight',
      'offsetTop',
      'scrollTop',
    ])
      Reflect.deleteProperty(HTMLElement.prototype, name)
    vi.restoreAllMocks()
    vi.unstubAllGlobals()
  }

  get #list(): HTMLElement | null {
    return document.querySelector<HTMLElement>('[role=log] .list')
  }

  get #pieces(): HTMLElement[] {
    return [...(this.#list?.children ?? [])].filter((piece) => piece instanceof HTMLElement)
  }

  get #rows(): HTMLElement[] {
    return this.#pieces.filter((piece) => piece.classList.contains('row'))
  }

  #sizeOf(element: HTMLElement): number {
    if (isScroller(element)) return this.view
    return element.classList.contains('content') ? this.scrollHeight : this.#heightOf(element)
  }

  #heightOf(element: HTMLElement): number {
    if (element.classList.contains('gap')) return Number.parseFloat(element.style.blockSize) || 0
    return element.classList.contains('row') ? this.#measures.row(element) : 0
  }

  #topOf(element: HTMLElement): number {
    const pieces = this.#pieces
    const above = document.querySelector('[data-testid=older]') ? 32 : 0
    const content = pieces.reduce((sum, piece) => sum + this.#heightOf(piece), 0)
    // What is little lies at the bottom.
    const begin = Math.max(above, this.view - content)
    const before = pieces.slice(0, Math.max(0, pieces.indexOf(element)))
    return begin + before.reduce((sum, piece) => sum + this.#heightOf(piece), 0)
  }

  #define(name: string, get: (element: HTMLElement) => number): void {
    Object.defineProperty(HTMLElement.prototype, name, {
      configurable: true,
      get(this: HTMLElement) {
        return get(this)
      },
    })
  }

  #scrollIntoView() {
    const show = (element: HTMLElement, block: ScrollLogicalPosition) => {
      const top = this.#topOf(element)
      const spare = this.view - this.#heightOf(element)
      if (block === 'center') this.scrollTo(top - spare / 2)
      else this.scrollTo(Math.min(top, Math.max(top - spare, this.scrollTop)))
      document.querySelector('[role=log]')?.dispatchEvent(new Event('scroll'))
    }
    return function (this: Element, how?: boolean | ScrollIntoViewOptions) {
      if (this instanceof HTMLElement && typeof how === 'object') show(this, how.block ?? 'start')
    }
  }

  #rectOf() {
    const place = (element: HTMLElement) => (isScroller(element) ? 0 : this.#topOf(element) - this.scrollTop)
    const height = (element: HTMLElement) => this.#sizeOf(element)
    return function (this: HTMLElement) {
      const top = place(this)
      return { top, bottom: top + height(this) } as DOMRect
    }
  }

  #observer() {
    const watched = this.#watched
    return class {
      readonly #watcher: Watcher
      constructor(watcher: Watcher) {
        this.#watcher = watcher
        watched.set(watcher, new Map())
      }
      observe(element: Element): void {
        watched.get(this.#watcher)?.set(element, Number.NaN)
      }
      unobserve(element: Element): void {
        watched.get(this.#watcher)?.delete(element)
      }
      disconnect(): void {
        watched.delete(this.#watcher)
      }
    }
  }
}

const isScroller = (element: HTMLElement) => element.getAttribute('role') === 'log'
