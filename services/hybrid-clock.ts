import { MAX_CLOCK_AHEAD_MS } from '../protocol/limits'
import type { HybridTime } from '../protocol/message'

/** A stamp further ahead of our clock than this (ms) is not followed: it would carry ours out of others' bounds. */
const FOLLOW_AHEAD_MS = 2_000

/**
 * A hybrid logical clock (Kulkarni et al., "Logical Physical Clocks", 2014): close to wall time, yet what was
 * said after seeing a message is stamped later than it, unless that one was stamped far ahead of time.
 */
export class HybridClock {
  #last: HybridTime

  constructor(last: HybridTime = { ms: 0, count: 0 }) {
    this.#last = last
  }

  /**
   * A stamp later than every one issued or observed before; unless our clock was so wrong that nobody could have
   * taken those.
   */
  stamp(now: number): HybridTime {
    const isUsable = this.#last.ms <= now + MAX_CLOCK_AHEAD_MS
    this.#last = now > this.#last.ms || !isUsable ? { ms: now, count: 0 } : next(this.#last)
    return this.#last
  }

  /** Takes notice of a stamp from elsewhere, seen at `now`. */
  observe(time: HybridTime, now: number): void {
    if (time.ms > now + FOLLOW_AHEAD_MS) return
    if (time.ms > this.#last.ms || (time.ms === this.#last.ms && time.count > this.#last.count))
      this.#last = time
  }
}

const next = ({ ms, count }: HybridTime): HybridTime =>
  count < 0xffff ? { ms, count: count + 1 } : { ms: ms + 1, count: 0 }
