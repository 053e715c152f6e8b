import type { Clock } from '../clock'
import { TokenBucket } from '../token-bucket'

/** Signatures that may be checked in vain: of one link, and besides that of all together; at once, and each second in the long run. */
const OF_ONE = { burst: 30, perSecond: 2 } as const
const OF_ALL = { burst: 100, perSecond: 10 } as const
/** When to ask again after `take` said no (ms): no later than a link's own share has grown by one. */
export const CHECK_WAIT_MS = 1_000 / OF_ONE.perSecond

/** What one link may cost. */
export interface CheckBudget {
  /** Whether one more signature of this link may be checked now. */
  take(): boolean
  /** What was checked was worth it, or no fault of this link that it was not: it cost nothing. */
  refund(): void
}

/**
 * Keeps whoever sends well-signed words that nobody needs from costing us a signature check each. Each link has a share that
 * the others cannot use up; what goes beyond comes out of a common one. News costs nothing, so a link that has nothing left
 * waits for one check's worth, and all news that follows is checked with that.
 */
export class CheckPace {
  readonly #clock: Clock
  readonly #all: TokenBucket

  constructor(clock: Clock) {
    this.#clock = clock
    this.#all = new TokenBucket(OF_ALL.burst, OF_ALL.perSecond, clock.now())
  }

  forLink(): CheckBudget {
    const now = () => this.#clock.now()
    const own = new TokenBucket(OF_ONE.burst, OF_ONE.perSecond, now())
    let paidBy = own
    return {
      take: () => {
        paidBy = own.take(1, now()) ? own : this.#all
        return paidBy === own || this.#all.take(1, now())
      },
      refund: () => paidBy.put(1),
    }
  }
}
