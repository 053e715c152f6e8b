import type { AccountId } from '../../protocol/device'
import type { Draft } from '../../protocol/draft'
import type { Clock } from '../clock'
import { type DraftStore, OwnDrafts } from './own-drafts'

/** What the viewer has begun to write and not said, room by room, for when the panel or the whole browser comes back. */
export class Drafts {
  readonly #clock: Clock
  readonly #store: DraftStore
  #own: OwnDrafts | null = null

  constructor(clock: Clock, store: DraftStore) {
    this.#clock = clock
    this.#store = store
  }

  /** Whose drafts count from now on; `null` for nobody's. What was just written before is stored all the same. */
  become(owner: AccountId | null): void {
    if (owner === (this.#own?.owner ?? null)) return
    this.#own = owner === null ? null : new OwnDrafts(owner, this.#clock, this.#store)
  }

  /** `null` where nothing is kept. `place`: an account, a space, and a channel's login. */
  async draft(place: string): Promise<Draft | null> {
    return (await this.#own?.draft(place)) ?? null
  }

  /** An empty draft is forgotten. */
  keep(place: string, draft: Draft): void {
    this.#own?.keep(place, draft)
  }
}
