import type { DeviceId } from '../../protocol/device'
import type { Clock } from '../clock'

/** Of two ends that could improve their link, the one with the smaller device id does; the other one steps in after this. */
export const IMPROVE_GRACE_MS = 10_000

/** Whose turn it is to set a link up anew that could go a better way. */
export class Improvements {
  readonly #me: DeviceId
  readonly #clock: Clock
  /** Since when each link could be better. */
  #worthSince = new Map<DeviceId, number>()

  constructor(me: DeviceId, clock: Clock) {
    this.#me = me
    this.#clock = clock
  }

  /** Which of `worth`, all the peers to whom the link could be better now, we should dial; ask about once a second. */
  next(worth: readonly DeviceId[]): DeviceId | undefined {
    const now = this.#clock.now()
    this.#worthSince = new Map(worth.map((peer) => [peer, this.#worthSince.get(peer) ?? now]))
    // Only one end may know that both agree: it must not wait for the other for ever.
    return worth.find(
      (peer) => this.#me < peer || Math.abs(now - (this.#worthSince.get(peer) ?? now)) >= IMPROVE_GRACE_MS,
    )
  }
}
