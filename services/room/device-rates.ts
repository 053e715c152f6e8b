import type { DeviceId } from '../../protocol/device'
import { TokenBucket } from '../token-bucket'

interface Rate {
  readonly burst: number
  readonly perSecond: number
}

interface Entry {
  readonly bucket: TokenBucket
  usedAt: number
}

/** How often each device may do something. The caller has checked that it is the device itself. */
export class DeviceRates {
  readonly #rate: Rate
  readonly #entries = new Map<DeviceId, Entry>()

  constructor(rate: Rate) {
    this.#rate = rate
  }

  /** Whether `device` may do it once more at `now` (ms). */
  take(device: DeviceId, now: number): boolean {
    const { burst, perSecond } = this.#rate
    const entry = this.#entries.get(device) ?? { bucket: new TokenBucket(burst, perSecond, now), usedAt: now }
    entry.usedAt = now
    this.#entries.set(device, entry)
    return entry.bucket.take(1, now)
  }

  /** Forgets those whose bucket is full again: nothing binds them. */
  forgetIdle(now: number): void {
    const idleMs = (this.#rate.burst / this.#rate.perSecond) * 1_000
    for (const [device, { usedAt }] of this.#entries)
      if (Math.abs(now - usedAt) > idleMs) this.#entries.delete(device)
  }
}
