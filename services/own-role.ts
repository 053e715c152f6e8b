import type { RolePass } from '../protocol/control'
import { z } from '../protocol/schema'
import { claimsOf } from './claims'
import type { Clock, Random } from './clock'
import { Retry } from './reconnection/retry'

/** However soon the Worker wants to be asked again, and however late (ms). */
const ASK_AGAIN = { least: 60_000, most: 60 * 60_000 } as const

const endSchema = z.object({ exp: z.int() })

interface Wiring {
  clock: Clock
  random: Random
  fetch(): Promise<RolePass>
  /** There is another grant, or none any more. */
  onChange(): void
}

/** Keeps this account's grant for one room fresh, if it has one. */
export class OwnRole {
  readonly #wiring: Wiring
  readonly #retry: Retry
  #grant: string | null = null
  #isClosed = false
  #asking: Promise<void> | undefined
  #cancelNext = () => {}

  constructor(wiring: Wiring) {
    this.#wiring = wiring
    this.#retry = new Retry({ ...wiring, task: () => this.ask() })
  }

  get grant(): string | null {
    return this.#grant
  }

  /** Whether there is a grant, and as it says itself it holds now. */
  get isGranted(): boolean {
    const { exp = 0 } = (this.#grant !== null && claimsOf(this.#grant, endSchema)) || {}
    return exp * 1000 > this.#wiring.clock.now()
  }

  /** Asks now: at first, and whenever the account may have changed. */
  ask(): void {
    if (this.#isClosed) return
    this.#cancelNext()
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined
    })
  }

  close(): void {
    this.#isClosed = true
    this.#cancelNext()
    this.#retry.cancel()
  }

  async #ask(): Promise<void> {
    const { clock, fetch, onChange } = this.#wiring
    try {
      const { grant, askAgainAt } = await fetch()
      this.#retry.succeeded()
      if (this.#isClosed) return
      const pause = Math.min(ASK_AGAIN.most, Math.max(ASK_AGAIN.least, askAgainAt - clock.now()))
      this.#cancelNext = clock.after(pause, () => this.ask())
      if (grant === this.#grant) return
      this.#grant = grant
      onChange()
    } catch {
      // What was granted still holds, as long as it says.
      if (!this.#isClosed) this.#retry.failed(ASK_AGAIN.least)
    }
  }
}
