import { MAX_CLOCK_AHEAD_MS } from '../protocol/limits'
import { compareTimes, type HybridTime } from '../protocol/message'

/** A stamp further ahead of our clock than this (ms) is not followed: it would carry ours out of others' bounds. */
export const FOLLOW_AHEAD_MS = 2_000

/**
 * A hybrid logical clock (Kulkarni et al., "Logical Physical Clocks", 2014): close to wall time, yet what was
 * said after seeing a message is stamped later than it, unless that one was stamped far ahead of time.
 */
export class HybridClock {
  #last: HybridTime = { ms: 0, count: 0 }

  /**
   * A stamp later than `after`, and later than every one issued or observed before, unless our clock was so wrong that
   * nobody could have taken those.
   */
  stamp(now: number, after: HybridTime = { ms: 0, count: 0 }): HybridTime {
    const last = this.#last.ms <= now + MAX_CLOCK_AHEAD_MS ? later(this.#last, after) : after
    this.#last = now > last.ms ? { ms: now, count: 0 } : next(last)
    return this.#last
  }

  /** Takes notice of a stamp from elsewhere, seen at `now`. */
  observe(time: HybridTime, now: number): void {
    if (time.ms <= now + FOLLOW_AHEAD_MS) this.#last = later(this.#last, time)
  }
}

const later = (a: HybridTime, b: HybridTime): HybridTime => (compareTimes(a, b) >= 0 ? a : b)

const next = ({ ms, count }: HybridTime): HybridTime =>
  count < 0xffff ? { ms, count: count + 1 } : { ms: ms + 1, count: 0 }
