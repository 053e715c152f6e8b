import type { DeviceId } from '../../protocol/device'
import { MAX_INVALID_FRAMES } from '../../protocol/limits'
import type { Clock } from '../clock'
import { ExpiringMap } from '../mesh/expiring-map'

/** Whoever was pruned gets no link with us for so long (ms). */
export const SHUN_MS = 60_000
/** What a peer did is remembered for so long after the last time (ms), whether it is linked or not. */
export const SCORE_MS = 60 * 60_000
/** Peers that are remembered; a score costs its owner a device, so nobody has many. */
const MAX_PEERS = 1_000

/**
 * What each peer sent that no correct peer sends. It outlives the link, so that coming back buys nothing: whoever did too
 * much has to stay away for a while, and may do nothing more of the kind afterwards.
 */
export class PeerScores {
  readonly #offences: ExpiringMap<DeviceId, number>
  readonly #shunned: ExpiringMap<DeviceId, true>

  constructor(clock: Clock) {
    this.#offences = new ExpiringMap(clock, SCORE_MS, MAX_PEERS)
    this.#shunned = new ExpiringMap(clock, SHUN_MS, MAX_PEERS)
  }

  /** Whether no link with `peer` is wanted now. */
  isShunned(peer: DeviceId): boolean {
    return this.#shunned.get(peer) === true
  }

  /** Counts `offences`. Returns whether that is too much: the peer is shunned from now on, and its link has to end. */
  offended(peer: DeviceId, offences: number): boolean {
    const all = (this.#offences.get(peer) ?? 0) + offences
    this.#offences.set(peer, all)
    if (all < MAX_INVALID_FRAMES) return false
    this.#shunned.set(peer, true)
    return true
  }
}
