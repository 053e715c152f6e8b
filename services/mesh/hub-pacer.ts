import { HUB_BYTES, HUB_FRAMES } from '../../protocol/limits'
import type { Clock } from '../clock'
import { TokenBucket } from '../token-bucket'

/** What we allow ourselves of what the room object allows: its clock is not ours, and frames bunch up on the way. */
const SHARE = 0.75
/** Counted for each frame on top of its length: the envelope on the socket. */
const ENVELOPE_BYTES = 128

interface Parcel {
  /** Bytes. */
  readonly size: number
  /** What it says is worth nothing after this (ms). */
  readonly until: number
  /** Its turn has come. */
  send(): void
  /** Its turn came too late. */
  late(): void
}

/**
 * All hub links of a room go through one socket, whose owner is cut off when it says too much. Here each link has lanes;
 * lanes take turns, so that one which has much to say does not silence the rest.
 */
export class HubPacer {
  readonly #clock: Clock
  readonly #frames: TokenBucket
  readonly #bytes: TokenBucket
  readonly #lanes = new Map<object, Parcel[]>()
  #cancelTimer: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
    const now = clock.now()
    this.#frames = new TokenBucket(SHARE * HUB_FRAMES.burst, SHARE * HUB_FRAMES.perSecond, now)
    this.#bytes = new TokenBucket(SHARE * HUB_BYTES.burst, SHARE * HUB_BYTES.perSecond, now)
  }

  /** Has a parcel sent when its turn has come. `lane`: whatever stands for it. */
  push(lane: object, parcel: Parcel): void {
    const waiting = this.#lanes.get(lane)
    if (waiting) waiting.push(parcel)
    else this.#lanes.set(lane, [parcel])
    if (!this.#cancelTimer) this.#pump()
  }

  /** Forgets what waits in a lane; nobody is told. */
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
      const now = this.#clock.now()
      if (now > parcel.until) {
        waiting.shift()
        parcel.late()
        continue
      }
      const cost = parcel.size + ENVELOPE_BYTES
      const wait = Math.max(this.#frames.delay(1, now), this.#bytes.delay(cost, now))
      if (wait > 0) {
        this.#cancelTimer = this.#clock.after(wait, () => this.#pump())
        return
      }
      this.#frames.take(1, now)
      this.#bytes.take(cost, now)
      waiting.shift()
      // To the end of the line, until it has nothing more.
      this.#lanes.delete(lane)
      if (waiting.length > 0) this.#lanes.set(lane, waiting)
      parcel.send()
    }
  }
}
