import type { IceServers } from '../../protocol/api'
import type { DeviceId } from '../../protocol/device'
import { PRESENCE_LIFETIME_MS } from '../../protocol/limits'
import type { Clock } from '../clock'
import { ExpiringMap } from './expiring-map'
import { turnServers } from './ice-servers'
import { type IcePolicy, icePolicy, type Way, wayToOffer } from './way'

/** WebRTC that did not get through to a peer is not tried again for so long (ms). */
export const RTC_AGAIN_MS = 180_000
/** Nor is it after so long without an answer, which may mean no more than that the peer slept; each time in a row doubles it. */
export const RTC_UNANSWERED_MS = 15_000
const MAX_PEERS = 1_000

interface Failure {
  /** When WebRTC may be tried again (ms). */
  readonly until: number
  readonly unanswered: number
}

interface Word {
  readonly direct: boolean
  readonly ms: number
}

interface Wiring {
  clock: Clock
  /** Whether the viewer agrees to direct links with those who agree, too. */
  direct(): boolean
  /** What the Worker gave us, without what has expired. */
  iceServers(): IceServers
}

/** What decides how we are linked with each peer: both ends' consent, TURN, and what was tried in vain. */
export class Terms {
  readonly #wiring: Wiring
  /** What peers said of themselves, wherever it was heard, and when they said it. */
  readonly #words: ExpiringMap<DeviceId, Word>
  readonly #failed: ExpiringMap<DeviceId, Failure>

  constructor(wiring: Wiring) {
    this.#wiring = wiring
    this.#words = new ExpiringMap(wiring.clock, PRESENCE_LIFETIME_MS, MAX_PEERS)
    this.#failed = new ExpiringMap(wiring.clock, 2 * RTC_AGAIN_MS, MAX_PEERS)
  }

  get direct(): boolean {
    return this.#wiring.direct()
  }

  get iceServers(): IceServers {
    return this.#wiring.iceServers()
  }

  /** Whether both we and `peer` agree to connect directly, as far as we know. A no counts wherever it was heard. */
  areAgreed(peer: DeviceId): boolean {
    return this.direct && this.#words.get(peer)?.direct === true
  }

  /** Whether a direct link with `peer` may stand: it was agreed on, and neither end has taken that back since. */
  mayStay(peer: DeviceId): boolean {
    // A word that is merely old, maybe by a clock that was moved, is none that was taken back.
    return this.direct && this.#words.get(peer)?.direct !== false
  }

  /** `mayShow`: whether nobody but `peer` could read our addresses in an offer. */
  wayTo(peer: DeviceId, mayShow = true): Way {
    const hasTurn = turnServers(this.iceServers).length > 0
    const theirDirect = mayShow && this.areAgreed(peer)
    return wayToOffer({ ourDirect: this.direct, theirDirect, hasTurn }, this.#hasFailed(peer))
  }

  /** With which policy an offer of `peer` is answered that says `direct`; `undefined`: it is declined. */
  policyFor(peer: DeviceId, direct: boolean): IcePolicy | undefined {
    const hasTurn = turnServers(this.iceServers).length > 0
    return icePolicy({ ourDirect: this.direct, theirDirect: direct && this.areAgreed(peer), hasTurn })
  }

  /**
   * `peer` said at `ms` of its clock, in a checked signal or presence, whether it agrees to direct links. Nobody else's
   * word counts. Its newest one does, and a no even if it comes late. Returns whether that is news.
   */
  heard(peer: DeviceId, direct: boolean, ms: number): boolean {
    const known = this.#words.get(peer)
    const isLate = known !== undefined && (ms < known.ms || (ms === known.ms && !known.direct))
    if (direct && isLate) return false
    this.#words.set(peer, { direct, ms: Math.max(ms, known?.ms ?? 0) })
    if (known?.direct === direct) return false
    if (direct) this.#failed.delete(peer)
    return true
  }

  /** WebRTC did not get through to `peer`, or our offer got no answer. */
  rtcFailed(peer: DeviceId, isAnswered: boolean): void {
    const unanswered = isAnswered ? 0 : (this.#failed.get(peer)?.unanswered ?? 0) + 1
    const pause = isAnswered ? RTC_AGAIN_MS : RTC_UNANSWERED_MS * 2 ** (unanswered - 1)
    this.#failed.set(peer, { until: this.#wiring.clock.now() + Math.min(pause, RTC_AGAIN_MS), unanswered })
  }

  rtcOpened(peer: DeviceId): void {
    this.#failed.delete(peer)
  }

  #hasFailed(peer: DeviceId): boolean {
    const now = this.#wiring.clock.now()
    const { until = now } = this.#failed.get(peer) ?? {}
    // By a clock that was set back, it is as good as over.
    return now < until && until - now <= RTC_AGAIN_MS
  }

  /** Another network, other servers: what failed may work now. */
  forgetFailures(): void {
    this.#failed.clear()
  }
}
