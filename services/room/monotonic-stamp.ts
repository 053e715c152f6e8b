import { MAX_CLOCK_AHEAD_MS } from '../../protocol/limits'
import type { Clock } from '../clock'

/** Times (ms) of which each is later than the one before, so that the newest statement can be told. */
export class MonotonicStamp {
  readonly #clock: Clock
  #last = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  next(): number {
    const now = this.#clock.now()
    // What was stamped before our clock was corrected, too far ahead for anybody to take, binds nobody.
    const isUsable = this.#last <= now + MAX_CLOCK_AHEAD_MS
    this.#last = isUsable ? Math.max(now, this.#last + 1) : now
    return this.#last
  }
}
