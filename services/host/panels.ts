import type { PanelFunctions } from '../../protocol/host-port'
import type { PanelFeed } from './panel-feed'
import type { Tab } from './tab-pages'

interface OpenPanel {
  readonly tab: Tab
  readonly feed: PanelFeed
  readonly panel: PanelFunctions
}

/** The panels of all tabs, each with what it is told. A tab that reloads may have two for a moment. */
export class Panels {
  readonly #open = new Set<OpenPanel>()

  get all(): readonly OpenPanel[] {
    return [...this.#open]
  }

  get feeds(): PanelFeed[] {
    return this.all.map(({ feed }) => feed)
  }

  in(tab: Tab): OpenPanel[] {
    return this.all.filter((one) => one.tab === tab)
  }

  /** Returns what takes it away again. */
  add(one: OpenPanel): () => void {
    this.#open.add(one)
    return () => {
      one.feed.close()
      this.#open.delete(one)
    }
  }
}
