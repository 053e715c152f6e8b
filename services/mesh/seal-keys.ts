import type { DeviceId } from '../../protocol/device'
import { PASSPORT_LIFETIME_MS } from '../../protocol/limits'
import type { Clock } from '../clock'
import { ExpiringMap } from './expiring-map'

const MAX_PEERS = 1_000

/**
 * The keys that signals for members are sealed under. Only those members' own words count, signed by their devices: whoever
 * named a key in another one's place could read what is sealed to it.
 */
export class SealKeys {
  /** As long as the passport holds that a key was shown in. */
  readonly #keys: ExpiringMap<DeviceId, { readonly key: Uint8Array; readonly ms: number }>

  constructor(clock: Clock) {
    this.#keys = new ExpiringMap(clock, PASSPORT_LIFETIME_MS, MAX_PEERS)
  }

  of(peer: DeviceId): Uint8Array | undefined {
    return this.#keys.get(peer)?.key
  }

  /** `peer` showed its X25519 public key at `ms` of its clock; the newest word counts. */
  heard(peer: DeviceId, key: Uint8Array, ms: number): void {
    if (ms >= (this.#keys.get(peer)?.ms ?? 0)) this.#keys.set(peer, { key, ms })
  }
}
