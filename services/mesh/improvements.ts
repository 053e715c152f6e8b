import type { DeviceId } from '../../protocol/device'
import type { Clock } from '../clock'

/** Of two ends that could improve their link, the one that offered it does; the other one steps in after this (ms). */
export const IMPROVE_GRACE_MS = 10_000

/** Whose turn it is to set a link up anew that could go a better way. */
export class Improvements {
  readonly #clock: Clock
  readonly #isOurs: (peer: DeviceId) => boolean
  /** Since when each link could be better. */
  #worthSince = new Map<DeviceId, number>()

  /** `isOurs`: whether the link with a peer comes of our offer, which one of two ends can say. */
  constructor(clock: Clock, isOurs: (peer: DeviceId) => boolean) {
    this.#clock = clock
    this.#isOurs = isOurs
  }

  /** Which of `worth`, all the peers to whom the link could be better now, we should dial; ask about once a second. */
  next(worth: readonly DeviceId[]): DeviceId | undefined {
    const now = this.#clock.now()
    this.#worthSince = new Map(worth.map((peer) => [peer, this.#worthSince.get(peer) ?? now]))
    // Only one end may know that both agree: it must not wait for the other for ever.
    return worth.find(
      (peer) => this.#isOurs(peer) || Math.abs(now - (this.#worthSince.get(peer) ?? now)) >= IMPROVE_GRACE_MS,
    )
  }
}
