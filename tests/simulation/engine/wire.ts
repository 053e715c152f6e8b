import type { DeviceId } from '../../../protocol/device'
import type { OverlayFrame } from '../../../services/mesh/overlay/events'
import type { Broadcast } from './broadcasts'
import { frameBytes, PING, payloadBytes } from './frame-sizes'
import type { World } from './world'

/** A member as its links see it. */
export interface End {
  readonly device: DeviceId
  /** Which half it is in while the network is torn. */
  readonly side: number
  /** Bytes that it sent. */
  sentBytes: number
  isWiredBy(wire: Wire): boolean
  frameCame(from: DeviceId, frame: OverlayFrame): void
  payloadCame(from: DeviceId, broadcast: Broadcast, hops: number): void
  wireClosed(wire: Wire): void
}

/** One direction of a link. What is sent arrives in order. */
class Lane {
  readonly to: End
  readonly from: End
  lastArrival = 0
  lastSent: number

  constructor(from: End, to: End, now: number) {
    this.from = from
    this.to = to
    this.lastSent = now
  }
}

/** An open link: a data channel. */
export class Wire {
  readonly openedAt: number
  readonly latency: number
  readonly #world: World
  readonly #lanes: readonly [Lane, Lane]

  constructor(world: World, a: End, b: End, latency: number) {
    this.#world = world
    this.latency = latency
    this.openedAt = world.now
    this.#lanes = [new Lane(a, b, world.now), new Lane(b, a, world.now)]
  }

  other(end: End): End {
    return this.#lane(end).to
  }

  /** Whether its ends are in halves that do not reach each other. */
  get isTorn(): boolean {
    const [{ from, to }] = this.#lanes
    return this.#world.isTorn && from.side !== to.side
  }

  send(from: End, frame: OverlayFrame): void {
    const lane = this.#lane(from)
    const at = this.#dispatch(lane, frameBytes(frame))
    this.#world.at(at, new FrameArrival(this, lane, frame))
  }

  push(from: End, broadcast: Broadcast, hops: number): void {
    const lane = this.#lane(from)
    const at = this.#dispatch(lane, payloadBytes(broadcast.size))
    this.#world.at(at, new PayloadArrival(this, lane, broadcast, hops))
  }

  /** Something whose contents the simulator does not follow. */
  account(from: End, bytes: number): void {
    this.#dispatch(this.#lane(from), bytes)
  }

  /** One end closed it, after all that it sent; the other hears of it. */
  closedBy(end: End): void {
    const lane = this.#lane(end)
    this.#world.at(this.#dispatch(lane, 0), new Closing(this, lane.to))
  }

  /** Its other end died, or the network between them broke: `end` finds out. */
  breaksFor(end: End, afterMs: number): void {
    this.#world.after(afterMs, new Closing(this, end))
  }

  /** Adds the pings that kept `from` of it awake until now. */
  accountPings(from: End): void {
    this.#keptAwake(this.#lane(from))
  }

  #lane(from: End): Lane {
    const [one, other] = this.#lanes
    return one.from === from ? one : other
  }

  #dispatch(lane: Lane, bytes: number): number {
    const { now } = this.#world
    this.#keptAwake(lane)
    lane.from.sentBytes += bytes
    lane.lastArrival = Math.max(lane.lastArrival, now + this.latency + this.#world.drawDelay())
    return lane.lastArrival
  }

  #keptAwake(lane: Lane): void {
    const { now } = this.#world
    lane.from.sentBytes += PING.bytes * Math.floor((now - lane.lastSent) / PING.everyMs)
    lane.lastSent = now
  }
}

class FrameArrival {
  readonly #wire: Wire
  readonly #lane: Lane
  readonly #frame: OverlayFrame

  constructor(wire: Wire, lane: Lane, frame: OverlayFrame) {
    this.#wire = wire
    this.#lane = lane
    this.#frame = frame
  }

  run(): void {
    const { from, to } = this.#lane
    if (to.isWiredBy(this.#wire) && !this.#wire.isTorn) to.frameCame(from.device, this.#frame)
  }
}

class PayloadArrival {
  readonly #wire: Wire
  readonly #lane: Lane
  readonly #broadcast: Broadcast
  readonly #hops: number

  constructor(wire: Wire, lane: Lane, broadcast: Broadcast, hops: number) {
    this.#wire = wire
    this.#lane = lane
    this.#broadcast = broadcast
    this.#hops = hops
  }

  run(): void {
    const { from, to } = this.#lane
    if (to.isWiredBy(this.#wire) && !this.#wire.isTorn)
      to.payloadCame(from.device, this.#broadcast, this.#hops)
  }
}

class Closing {
  readonly #wire: Wire
  readonly #end: End

  constructor(wire: Wire, end: End) {
    this.#wire = wire
    this.#end = end
  }

  run(): void {
    if (this.#end.isWiredBy(this.#wire)) this.#end.wireClosed(this.#wire)
  }
}
