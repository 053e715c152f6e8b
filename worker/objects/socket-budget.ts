import type { DeviceId } from '../../protocol/device'
import { HUB_BYTES, HUB_FRAMES, RULING_PACE } from '../../protocol/limits'
import { HUB_BURST_SLACK, MAX_SIGNALLED, SIGNALS_TO_ONE, SOCKET_MESSAGES } from '../limits'
import { type Allowance, TokenBucket } from './token-bucket'

const slack = ({ burst, perSecond }: Allowance): Allowance => ({ burst: burst * HUB_BURST_SLACK, perSecond })

/**
 * What one device may still send to a room. In memory only: what hibernation forgets would have refilled by then, and a relayed
 * message must not touch storage.
 */
export class SocketBudget {
  readonly #messages: TokenBucket
  readonly #hubFrames: TokenBucket
  readonly #hubBytes: TokenBucket
  readonly #rulings: TokenBucket
  readonly #signalled = new Map<DeviceId, TokenBucket>()

  constructor(now: number) {
    this.#messages = new TokenBucket(SOCKET_MESSAGES, now)
    this.#hubFrames = new TokenBucket(slack(HUB_FRAMES), now)
    this.#hubBytes = new TokenBucket(slack(HUB_BYTES), now)
    this.#rulings = new TokenBucket(RULING_PACE, now)
  }

  /** Anything but hub frames. */
  takeMessage(cost: number, now: number): boolean {
    return this.#messages.take(cost, now)
  }

  /** Whether a ruling that it brings is looked at: what comes of it goes to everybody. */
  takeRuling(now: number): boolean {
    return this.#rulings.take(1, now)
  }

  takeHubFrame(bytes: number, now: number): boolean {
    return this.#hubFrames.take(1, now) && this.#hubBytes.take(bytes, now)
  }

  /**
   * Whether one more signal may go to `addressee`, so that nobody is rung without end. It remembers `MAX_SIGNALLED`
   * addressees, and forgets only those to whom everything is allowed again: whoever signals more at a time has to wait.
   */
  takeSignal(addressee: DeviceId, now: number): boolean {
    const known = this.#signalled.get(addressee)
    if (known) return known.take(1, now)
    if (this.#signalled.size >= MAX_SIGNALLED) this.#forget(now)
    if (this.#signalled.size >= MAX_SIGNALLED) return false
    const bucket = new TokenBucket(SIGNALS_TO_ONE, now)
    this.#signalled.set(addressee, bucket)
    return bucket.take(1, now)
  }

  /** Whether it is as good as a new one. */
  isWhole(now: number): boolean {
    const isFull = [this.#messages, this.#hubFrames, this.#hubBytes, this.#rulings].every((bucket) =>
      bucket.isFull(now),
    )
    if (isFull) this.#forget(now)
    return isFull && this.#signalled.size === 0
  }

  #forget(now: number): void {
    for (const [addressee, bucket] of this.#signalled) {
      if (bucket.isFull(now)) this.#signalled.delete(addressee)
    }
  }
}
