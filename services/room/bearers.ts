import type { DeviceId } from '../../protocol/device'
import type { Passport } from '../../protocol/passport'
import { newerOf } from './newest-passports'

/** Devices whose passports were checked here and may still come to count no more; the one checked longest ago is forgotten. */
const MAX_BEARERS = 2_000

/** Whose passports were let in to a room, the newest of each device. */
export class Bearers {
  readonly #passports = new Map<DeviceId, Passport>()

  note(passport: Passport): void {
    const { device } = passport
    const newest = newerOf(this.#passports.get(device), passport)
    this.#passports.delete(device)
    this.#passports.set(device, newest)
    const [oldest] = this.#passports.size > MAX_BEARERS ? this.#passports.keys() : []
    if (oldest !== undefined) this.#passports.delete(oldest)
  }

  has(device: DeviceId): boolean {
    return this.#passports.has(device)
  }

  /** Forgets those that are let in no more, and returns them. */
  take(isGone: (passport: Passport) => boolean): DeviceId[] {
    const gone = [...this.#passports.values()].filter(isGone).map(({ device }) => device)
    for (const device of gone) this.#passports.delete(device)
    return gone
  }
}
