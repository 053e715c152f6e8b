import type { AccountId, DeviceId } from '../../protocol/device'
import type { Clock } from '../clock'
import { ExpiringMap } from '../mesh/expiring-map'

/** Whose device it is, is remembered this long after its last signal (ms). */
const KNOWN_MS = 60 * 60_000
const MAX_KNOWN = 1_000

interface Wiring {
  clock: Clock
  isBlocked(account: AccountId): boolean
  /** Whose a device is, as far as the room knows it. */
  accountOf(device: DeviceId): AccountId | undefined
}

/** Tells which devices belong to people whom the viewer has blocked: those get no link in a room. */
export class BlockedDevices {
  readonly #wiring: Wiring
  readonly #accounts: ExpiringMap<DeviceId, AccountId>

  constructor(wiring: Wiring) {
    this.#wiring = wiring
    this.#accounts = new ExpiringMap(wiring.clock, KNOWN_MS, MAX_KNOWN)
  }

  /** A device proved whose it is. Returns whether that is somebody blocked. */
  met(device: DeviceId, account: AccountId): boolean {
    this.#accounts.set(device, account)
    return this.#wiring.isBlocked(account)
  }

  has(device: DeviceId): boolean {
    const account = this.#wiring.accountOf(device) ?? this.#accounts.get(device)
    return account !== undefined && this.#wiring.isBlocked(account)
  }
}
