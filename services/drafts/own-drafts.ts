import type { AccountId } from '../../protocol/device'
import { type Draft, isEmptyDraft, MAX_DRAFT_LENGTH } from '../../protocol/draft'
import type { Clock } from '../clock'

/** Rooms of one account with something half written; of more, those longest untouched are let go. */
export const MAX_DRAFTS = 50
/** What is typed is kept within this time (ms), in one piece. */
export const SAVE_AFTER_MS = 500

/** A draft and where it belongs. */
export interface PlacedDraft extends Draft {
  /** The account, a space, and the channel's login. */
  readonly place: string
}

/** Where one account's drafts are kept, on this browser alone. Every call may reject. */
export interface DraftStore {
  load(owner: AccountId): Promise<readonly PlacedDraft[]>
  /** All of them; what is not among them is forgotten. */
  save(owner: AccountId, drafts: readonly PlacedDraft[]): Promise<void>
}

/** One account's drafts, in memory and in a store that follows. */
export class OwnDrafts {
  readonly owner: AccountId
  readonly #clock: Clock
  readonly #store: DraftStore
  /** The one changed last is the last. Empty ones stay: they outweigh what is stored. */
  readonly #drafts = new Map<string, Draft>()
  #isLoaded = false
  /** One after the other, so that the newest is stored last. */
  #work: Promise<void>
  #isWaiting = false

  constructor(owner: AccountId, clock: Clock, store: DraftStore) {
    this.owner = owner
    this.#clock = clock
    this.#store = store
    this.#work = this.#load().catch(() => {})
  }

  async draft(place: string): Promise<Draft | null> {
    if (!this.#isLoaded) await this.#work
    const draft = this.#drafts.get(place)
    return draft && !isEmptyDraft(draft) ? draft : null
  }

  keep(place: string, { text, reply }: Draft): void {
    if (!place.startsWith(`${this.owner} `)) return
    this.#drafts.delete(place)
    this.#drafts.set(place, { text: text.slice(0, MAX_DRAFT_LENGTH), reply })
    if (this.#drafts.size > MAX_DRAFTS) this.#drafts.delete(this.#drafts.keys().next().value ?? '')
    if (!this.#isWaiting) this.#clock.after(SAVE_AFTER_MS, () => this.#flush())
    this.#isWaiting = true
  }

  #flush(): void {
    this.#isWaiting = false
    this.#work = this.#work.then(() => this.#save()).catch(() => {})
  }

  async #save(): Promise<void> {
    // Without the others, storing would lose them.
    if (!this.#isLoaded) await this.#load()
    const kept = [...this.#drafts].filter(([, draft]) => !isEmptyDraft(draft))
    await this.#store.save(
      this.owner,
      kept.map(([place, draft]) => ({ place, ...draft })),
    )
  }

  async #load(): Promise<void> {
    const stored = await this.#store.load(this.owner)
    // What was written while it was read is newer, and stands behind.
    const newer = [...this.#drafts]
    for (const { place, text, reply } of stored) this.#drafts.set(place, { text, reply })
    for (const [place, draft] of newer) {
      this.#drafts.delete(place)
      this.#drafts.set(place, draft)
    }
    this.#isLoaded = true
  }
}
