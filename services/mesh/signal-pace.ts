import type { DeviceId } from '../../protocol/device'
import type { Clock } from '../clock'
import { TokenBucket } from '../token-bucket'

/** Signatures of signals that are checked: of one sender, and of all; at once, and each second in the long run. */
const SIGNALS_OF_ONE = { burst: 12, perSecond: 2 } as const
const SIGNALS_OF_ALL = { burst: 100, perSecond: 40 } as const
/** Senders that are remembered; the one not heard of for longest is forgotten first. */
const MAX_SENDERS = 256

/** Keeps whoever floods a member with signals from costing it a signature check each. */
export class SignalPace {
  readonly #clock: Clock
  readonly #all: TokenBucket
  readonly #senders = new Map<DeviceId, TokenBucket>()

  constructor(clock: Clock) {
    this.#clock = clock
    this.#all = new TokenBucket(SIGNALS_OF_ALL.burst, SIGNALS_OF_ALL.perSecond, clock.now())
  }

  /** Whether one more signal of `from` may be checked now. */
  admit(from: DeviceId): boolean {
    const now = this.#clock.now()
    const own =
      this.#senders.get(from) ?? new TokenBucket(SIGNALS_OF_ONE.burst, SIGNALS_OF_ONE.perSecond, now)
    this.#senders.delete(from)
    this.#senders.set(from, own)
    const [oldest] = this.#senders.keys()
    if (this.#senders.size > MAX_SENDERS && oldest !== undefined) this.#senders.delete(oldest)
    // Neither pays where the other cannot.
    return own.delay(1, now) === 0 && this.#all.take(1, now) && own.take(1, now)
  }
}
