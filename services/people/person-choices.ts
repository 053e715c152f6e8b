import type { AccountId } from '../../protocol/device'
import type { PersonChoice, Standing } from '../../protocol/people'
import type { Clock } from '../clock'

/** Storage that could not be read is asked again after this (ms). */
const AGAIN_MS = 5_000

/** Where one account's choices about others are kept, on this browser alone. Every call may reject. */
export interface ChoiceStore {
  load(owner: AccountId): Promise<readonly PersonChoice[]>
  put(owner: AccountId, choice: PersonChoice): Promise<void>
  remove(owner: AccountId, account: AccountId): Promise<void>
}

interface Wiring {
  clock: Clock
  store: ChoiceStore
  onChange(): void
}

/** Whom the viewer has muted or blocked. Nobody else is told. */
export class PersonChoices {
  readonly #wiring: Wiring
  #owner: AccountId | null = null
  #choices: ReadonlyMap<AccountId, PersonChoice> = new Map()
  #saving: Promise<unknown> = Promise.resolve()
  #stopAsking = () => {}

  constructor(wiring: Wiring) {
    this.#wiring = wiring
  }

  /** The latest first. */
  get all(): PersonChoice[] {
    return [...this.#choices.values()].sort((a, b) => b.ms - a.ms)
  }

  standingOf(account: AccountId): Standing | null {
    return this.#choices.get(account)?.standing ?? null
  }

  isBlocked(account: AccountId): boolean {
    return this.standingOf(account) === 'blocked'
  }

  /** Whose choices count from now on; `null` for nobody's. Resolves once they are known, or cannot be read. */
  async become(owner: AccountId | null): Promise<void> {
    this.#stopAsking()
    const isOther = owner !== this.#owner
    this.#owner = owner
    if (isOther) this.#set(new Map())
    if (owner === null) return
    try {
      const stored = await this.#wiring.store.load(owner)
      if (owner !== this.#owner) return
      // What was chosen while it was read is newer.
      this.#set(new Map([...stored.map((choice) => [choice.accountId, choice] as const), ...this.#choices]))
    } catch {
      if (owner === this.#owner)
        this.#stopAsking = this.#wiring.clock.after(AGAIN_MS, () => void this.become(owner))
    }
  }

  /**
   * Holds at once; `null` undoes it. Resolves with whether it is kept for the next time. Oneself can be neither muted nor
   * blocked.
   */
  async choose(accountId: AccountId, name: string, standing: Standing | null): Promise<boolean> {
    const owner = this.#owner
    if (owner === null || accountId === owner) return false
    const next = new Map(this.#choices)
    next.delete(accountId)
    const choice = standing && { accountId, name, standing, ms: this.#wiring.clock.now() }
    if (choice) next.set(accountId, choice)
    this.#set(next)
    const { store } = this.#wiring
    const saved = this.#saving.then(() =>
      choice ? store.put(owner, choice) : store.remove(owner, accountId),
    )
    this.#saving = saved.catch(() => {})
    return saved.then(
      () => true,
      () => false,
    )
  }

  #set(choices: ReadonlyMap<AccountId, PersonChoice>): void {
    const isNews = choices.size + this.#choices.size > 0
    this.#choices = choices
    if (isNews) this.#wiring.onChange()
  }
}
