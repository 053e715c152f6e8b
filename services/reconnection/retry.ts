import { backoffDelay } from '../backoff'
import type { Clock, Random } from '../clock'

interface Wiring {
  clock: Pick<Clock, 'after'>
  random: Random
  /** Begins a try. Whoever made it says how it ended: `failed` or `succeeded`. */
  task(): void
  /** The first failure is followed by at most this pause (ms). */
  firstMs?: number
}

/**
 * Decides when something that may fail is tried again: ever more slowly, with full jitter, and never given up
 * until it is cancelled. Nothing is tried before `hurry` is called.
 */
export class Retry {
  readonly #wiring: Wiring
  #failures = 0
  #cancelTimer = () => {}

  constructor(wiring: Wiring) {
    this.#wiring = wiring
  }

  /** Whether it was tried in vain more than once. */
  get isFailing(): boolean {
    return this.#failures > 1
  }

  /** The last try came to nothing: the next follows after a pause, of `atLeastMs` if the reason calls for one. */
  failed(atLeastMs = 0): void {
    const { clock, random, firstMs, task } = this.#wiring
    this.#cancelTimer()
    const pause = backoffDelay(this.#failures++, random, firstMs)
    this.#cancelTimer = clock.after(Math.max(atLeastMs, pause), task)
  }

  /** All is well: the next failure is the first again. */
  succeeded(): void {
    this.#failures = 0
  }

  /** Tries at once, as if nothing had failed before: there is reason to hope. */
  hurry(): void {
    this.cancel()
    this.succeeded()
    this.#wiring.task()
  }

  /** Calls the waiting try off, if there is one. */
  cancel(): void {
    this.#cancelTimer()
    this.#cancelTimer = () => {}
  }
}
