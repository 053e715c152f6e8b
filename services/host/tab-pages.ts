import type { PageLayout, Theme } from '../../protocol/host-port'

/** One browser tab, by its `sender.tab.id`. */
export type Tab = number

/** Twitch's page in a tab, as its content script last reported it. */
export interface Page {
  login: string | null
  theme: Theme
  visible: boolean
  layout(layout: PageLayout): void
}

/** The pages of all tabs. */
export class TabPages {
  readonly #pages = new Map<Tab, Page>()

  get all(): Page[] {
    return [...this.#pages.values()]
  }

  get(tab: Tab): Page | undefined {
    return this.#pages.get(tab)
  }

  set(tab: Tab, page: Page): void {
    this.#pages.set(tab, page)
  }

  delete(tab: Tab): void {
    this.#pages.delete(tab)
  }

  loginOf(tab: Tab): string | null {
    return this.#pages.get(tab)?.login ?? null
  }

  /** The first tab of a channel. */
  tabOf(login: string): Tab | undefined {
    return [...this.#pages].find(([, page]) => page.login === login)?.[0]
  }

  isOpen(login: string): boolean {
    return this.tabOf(login) !== undefined
  }

  /** Whether any tab of a channel is in sight. */
  isVisible(login: string): boolean {
    return this.all.some((page) => page.visible && page.login === login)
  }
}
