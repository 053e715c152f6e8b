import type { DeviceId } from '../../protocol/device'
import { HUB_BYTES, HUB_FRAMES } from '../../protocol/limits'
import type { Clock } from '../clock'
import { Budget } from './budget'
import type { Bytes } from './hub-keys'

/** What we allow ourselves of what the room object allows: its clock is not ours, and frames bunch up on the way. */
const SHARE = 0.75
/** Counted for each frame on top of its length: the envelope on the socket. */
const ENVELOPE_BYTES = 128

interface Parcel {
  readonly to: DeviceId
  readonly bytes: Bytes
  /** It was handed to the socket, or there was none: `false`. Not called when it was dropped. */
  done(isSent: boolean): void
}

interface Wiring {
  clock: Clock
  send(to: DeviceId, bytes: Bytes): boolean
}

/**
 * All hub links of a room go through one socket, whose owner is cut off when it says too much. Here each link has a lane;
 * lanes take turns, so that one which has much to say does not silence the rest.
 */
export class HubPacer {
  readonly #wiring: Wiring
  readonly #frames: Budget
  readonly #bytes: Budget
  readonly #lanes = new Map<object, Parcel[]>()
  #cancelTimer: (() => void) | undefined

  constructor(wiring: Wiring) {
    this.#wiring = wiring
    const now = wiring.clock.now()
    this.#frames = new Budget(SHARE * HUB_FRAMES.burst, SHARE * HUB_FRAMES.perSecond, now)
    this.#bytes = new Budget(SHARE * HUB_BYTES.burst, SHARE * HUB_BYTES.perSecond, now)
  }

  /** Sends a parcel when its turn has come. `lane`: whatever stands for its link. */
  push(lane: object, parcel: Parcel): void {
    const waiting = this.#lanes.get(lane)
    if (waiting) waiting.push(parcel)
    else this.#lanes.set(lane, [parcel])
    if (!this.#cancelTimer) this.#pump()
  }

  /** Forgets what a link that is gone still had to say. */
  drop(lane: object): void {
    this.#lanes.delete(lane)
  }

  close(): void {
    this.#lanes.clear()
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
  }

  #pump(): void {
    this.#cancelTimer = undefined
    for (;;) {
      const [next] = this.#lanes
      if (!next) return
      const [lane, waiting] = next
      const parcel = waiting[0]
      if (!parcel) {
        this.#lanes.delete(lane)
        continue
      }
      const now = this.#wiring.clock.now()
      const cost = parcel.bytes.length + ENVELOPE_BYTES
      const wait = Math.max(this.#frames.delay(1, now), this.#bytes.delay(cost, now))
      if (wait > 0) {
        this.#cancelTimer = this.#wiring.clock.after(wait, () => this.#pump())
        return
      }
      this.#frames.spend(1)
      this.#bytes.spend(cost)
      waiting.shift()
      // To the end of the line, until it has nothing more.
      this.#lanes.delete(lane)
      if (waiting.length > 0) this.#lanes.set(lane, waiting)
      parcel.done(this.#wiring.send(parcel.to, parcel.bytes))
    }
  }
}
