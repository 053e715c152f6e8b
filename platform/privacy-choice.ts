import type { PrivacyView } from '../protocol/control'
import type { IdentityStore } from '../services/identity/kept-identity'
import type { Database } from './database'

interface Wiring {
  database: Pick<Database, 'value' | 'setValue'>
  identity: Pick<IdentityStore, 'load'>
  /** Others may reach this browser in another way than before. */
  onChange(): void
}

/** How others may reach this browser: what the viewer chose, unless they are known to stream on Twitch. */
export class PrivacyChoice {
  readonly #wiring: Wiring
  /** What was told last; whatever ran here before may have told something else. */
  #told: PrivacyView | undefined
  #looking = Promise.resolve()

  constructor(wiring: Wiring) {
    this.#wiring = wiring
  }

  /** Relayed, until something else was chosen. Rejects with a `StorageError`. */
  async view(): Promise<PrivacyView> {
    const [chosen, { passport }] = await Promise.all([
      this.#wiring.database.value('direct'),
      this.#wiring.identity.load(),
    ])
    const forced = passport?.twitch?.broadcaster === true ? 'broadcaster' : null
    return { direct: chosen === true && forced === null, forced }
  }

  /** Kept also while it has no effect: it is the viewer's word. Rejects with a `StorageError`. */
  async setDirect(direct: boolean): Promise<void> {
    await this.#wiring.database.setValue('direct', direct)
    await this.lookAgain()
  }

  /** Tells `onChange` if choice or passport now mean something else. Never rejects. */
  lookAgain(): Promise<void> {
    // One after the other: what was read last is what was told last.
    this.#looking = this.#looking.then(() => this.#look())
    return this.#looking
  }

  async #look(): Promise<void> {
    // What cannot be read is told as well: whoever asks then finds out, and relays.
    const now = await this.view().catch(() => undefined)
    const isKnown = now && now.direct === this.#told?.direct && now.forced === this.#told.forced
    if (isKnown) return
    this.#told = now
    this.#wiring.onChange()
  }
}
