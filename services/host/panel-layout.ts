import type { PageLayout, PanelSizes, SizeReport } from '../../protocol/host-port'

/** Keeps what the viewer chose beyond this visit. */
export interface LayoutMemory {
  saveCollapsed(collapsed: boolean): void
  saveSizes(sizes: PanelSizes): void
}

/** How the viewer has the panels of all tabs: open or collapsed, and how large. */
export class PanelLayout {
  readonly #memory: LayoutMemory
  readonly #tell: (layout: PageLayout) => void
  #collapsed = false
  /** `undefined` until it is known what the viewer chose: pages wait for it, so that no panel opens only to close. */
  #sizes: PanelSizes | undefined

  /** @param tell hears what every page is to know, each time something changed. */
  constructor(memory: LayoutMemory, tell: (layout: PageLayout) => void) {
    this.#memory = memory
    this.#tell = tell
  }

  get collapsed(): boolean {
    return this.#collapsed
  }

  /** What a page is told; `undefined` until there is something to tell. */
  get message(): PageLayout | undefined {
    return this.#sizes && { t: 'layout', collapsed: this.#collapsed, sizes: this.#sizes }
  }

  /** As the viewer left it last time. */
  restore(collapsed: boolean, sizes: PanelSizes): void {
    this.#collapsed = collapsed
    this.#sizes = sizes
    this.#changed()
  }

  collapse(collapsed: boolean): void {
    this.#collapsed = collapsed
    this.#memory.saveCollapsed(collapsed)
    this.#changed()
  }

  /** @param size `null` for the usual one. */
  resize(shape: SizeReport['shape'], size: number | null): void {
    const { [shape]: _, ...others } = this.#sizes ?? {}
    this.#sizes = size === null ? others : { ...others, [shape]: size }
    this.#memory.saveSizes(this.#sizes)
    this.#changed()
  }

  #changed(): void {
    if (this.message) this.#tell(this.message)
  }
}
