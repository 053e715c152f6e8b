import type { HybridTime } from '../protocol/message'

/**
 * A hybrid logical clock (Kulkarni et al., "Logical Physical Clocks", 2014): close to wall time, yet what was
 * said after seeing a message is always stamped later than it, however wrong the clocks are.
 */
export class HybridClock {
  #last: HybridTime

  constructor(last: HybridTime = { ms: 0, count: 0 }) {
    this.#last = last
  }

  /** A stamp later than every one issued or observed before. */
  stamp(now: number): HybridTime {
    this.#last = now > this.#last.ms ? { ms: now, count: 0 } : next(this.#last)
    return this.#last
  }

  /** Takes notice of a stamp from elsewhere. The caller has refused those too far ahead. */
  observe(time: HybridTime): void {
    if (time.ms > this.#last.ms || (time.ms === this.#last.ms && time.count > this.#last.count))
      this.#last = time
  }
}

const next = ({ ms, count }: HybridTime): HybridTime =>
  count < 0xffff ? { ms, count: count + 1 } : { ms: ms + 1, count: 0 }
