import type { DeviceId } from '../../../protocol/device'
import { FORWARD_MAX_AGE_MS, PRESENCE_LIFETIME_MS } from '../../../protocol/limits'
import {
  type BroadcastId,
  emptyMesh,
  hasRoute,
  type MeshEffect,
  type MeshEvent,
  type MeshState,
  type OverlayFrame,
  stepMesh,
  wakeAt,
} from '../../../services/mesh/mesh'
import { type Broadcast, RECOVERED } from './broadcasts'
import { Dialling } from './dialling'
import type { Envelope } from './envelope'
import type { RoomObject, Visitor } from './room-object'
import type { Stage } from './stage'
import type { End, Wire } from './wire'

/** The room object is asked for introductions no more often than this (ms), whatever the overlay says. */
const INTRODUCE_EVERY_MS = 15_000
const NOTHING: ReadonlySet<BroadcastId> = new Set()

/** A member of a room: the overlay that ships, and what carries out its effects. */
export class Member implements End, Visitor {
  readonly device: DeviceId
  readonly index: number
  readonly bucket: string
  readonly room: RoomObject
  readonly roomLatency: number
  readonly dialling: Dialling
  readonly wires = new Map<DeviceId, Wire>()
  side = 0
  sentBytes = 0
  joinedAt = Number.POSITIVE_INFINITY
  leftAt = Number.POSITIVE_INFINITY
  state: MeshState
  protected readonly stage: Stage
  #tickAt = Number.POSITIVE_INFINITY
  #introducedAt = Number.NEGATIVE_INFINITY

  constructor(stage: Stage, device: DeviceId, index: number, bucket: string, room: RoomObject) {
    const { world, post } = stage
    this.stage = stage
    this.device = device
    this.index = index
    this.bucket = bucket
    this.room = room
    this.roomLatency = world.drawLatency()
    this.state = emptyMesh(device)
    this.dialling = new Dialling({
      world,
      post,
      member: this,
      room: () => (room.isUp ? room : undefined),
      hasRoute: (to) => hasRoute(this.state, to, world.now),
      hasNeighbours: () => this.state.links.size > 0,
      step: (event) => this.step(event),
      opened: (wire, peer) => this.#opened(wire, peer),
      retire: (peer) => this.#retire(peer),
    })
  }

  /** Whether it runs the protocol as it should. */
  get isHonest(): boolean {
    return true
  }

  get isPresent(): boolean {
    return this.joinedAt <= this.stage.world.now && this.leftAt === Number.POSITIVE_INFINITY
  }

  join(): void {
    this.joinedAt = this.stage.world.now
    this.room.enter(this)
  }

  /** The browser is gone, and says no word. */
  die(): void {
    const { world } = this.stage
    this.leftAt = world.now
    this.room.leave(this)
    this.dialling.close()
    for (const wire of this.wires.values()) {
      wire.accountPings(this)
      wire.breaksFor(wire.other(this), world.drawSilence())
    }
    this.wires.clear()
  }

  step(event: MeshEvent): void {
    const { world } = this.stage
    if (!this.isPresent) return
    const { state, effects } = stepMesh(this.state, event, world.now, world.overlayRandom)
    this.state = state
    for (const effect of effects) this.carryOut(effect)
    this.#wake()
  }

  /** Says or passes on something that nobody here had before. */
  publish(broadcast: Broadcast): void {
    this.stage.came(this.index, broadcast, 0)
    this.step({ t: 'publish', id: broadcast.id })
  }

  frameCame(from: DeviceId, frame: OverlayFrame): void {
    if (frame.t !== 'ihave') return this.step({ t: 'frame', from, frame })
    let unknown: Set<BroadcastId> | undefined
    for (const { id } of frame.ids)
      if (!this.stage.broadcasts.get(id)?.isWith(this.index)) unknown = (unknown ?? new Set()).add(id)
    this.step({ t: 'frame', from, frame, unknown: unknown ?? NOTHING })
  }

  payloadCame(from: DeviceId, broadcast: Broadcast, hops: number): void {
    broadcast.payloads++
    const isNew = !broadcast.isWith(this.index)
    if (isNew) this.stage.came(this.index, broadcast, hops)
    this.step({ t: 'received', id: broadcast.id, from, hops, isNew })
    if (isNew && !broadcast.isMessage) this.step({ t: 'heard', peer: this.stage.deviceOf(broadcast.source) })
  }

  /** Reconciliation brought something: if it is fresh, others may not have heard it either. */
  recovered(broadcast: Broadcast): void {
    this.stage.came(this.index, broadcast, RECOVERED)
    if (this.stage.world.now - broadcast.sentAt >= FORWARD_MAX_AGE_MS) return
    this.step({ t: 'received', id: broadcast.id, from: this.device, hops: 1, isNew: true })
  }

  signalCame(envelope: Envelope, bucket: string): void {
    if (this.isPresent) this.dialling.receive(envelope, bucket)
  }

  introduced(peers: readonly { readonly device: DeviceId; readonly bucket: string }[]): void {
    this.step({ t: 'introduced', peers })
  }

  absent(device: DeviceId): void {
    this.dialling.absent(device)
  }

  isWiredBy(wire: Wire): boolean {
    return this.wires.get(wire.other(this).device) === wire
  }

  /** Its other end closed it, or it broke. While another is being set up, that one's fate is what is reported. */
  wireClosed(wire: Wire): void {
    const peer = wire.other(this).device
    wire.accountPings(this)
    this.wires.delete(peer)
    this.unwired(wire)
    if (!this.dialling.attemptWith(peer)) this.step({ t: 'closed', peer })
  }

  /** A link is gone, whoever ended it. */
  protected unwired(_wire: Wire): void {}

  protected carryOut(effect: MeshEffect): void {
    switch (effect.t) {
      case 'dial':
        return this.dialling.dial(effect.peer, effect.urgent)
      case 'accept':
        return this.dialling.accept(effect.peer)
      case 'refuse':
        return this.dialling.refuse(effect.peer)
      case 'abandon':
        return this.dialling.abandon(effect.peer)
      case 'drop':
        return this.#drop(effect.peer, effect.why)
      case 'send':
        return this.wires.get(effect.peer)?.send(this, effect.frame)
      case 'push': {
        const broadcast = this.stage.broadcasts.get(effect.id)
        if (broadcast?.isWith(this.index)) this.wires.get(effect.peer)?.push(this, broadcast, effect.hops)
        return
      }
      case 'deliver': {
        const envelope = this.stage.post.open(effect.data)
        if (envelope) this.dialling.receive(envelope)
        return
      }
      case 'introduce':
        return this.#introduce()
    }
  }

  #drop(peer: DeviceId, why: string): void {
    const wire = this.wires.get(peer)
    if (!wire) return
    this.stage.dropped(this, wire, why)
    wire.closedBy(this)
    this.wires.delete(peer)
    this.unwired(wire)
    this.step({ t: 'closed', peer })
  }

  #opened(wire: Wire, peer: DeviceId): void {
    this.#retire(peer)
    this.wires.set(peer, wire)
    this.stage.opened(this, wire)
    this.#tellWhoIsHere(wire)
    this.step({ t: 'opened', peer })
  }

  /** A fresh link is told of the presences of late; it asks for what it lacks. */
  #tellWhoIsHere(wire: Wire): void {
    const ids = this.stage.presences(PRESENCE_LIFETIME_MS).filter((broadcast) => broadcast.isWith(this.index))
    if (ids.length > 0) wire.send(this, { t: 'ihave', ids: ids.map(({ id }) => ({ id, hops: 0 })) })
  }

  #retire(peer: DeviceId): void {
    const wire = this.wires.get(peer)
    if (!wire) return
    wire.closedBy(this)
    this.wires.delete(peer)
    this.unwired(wire)
  }

  #introduce(): void {
    const { now } = this.stage.world
    if (now - this.#introducedAt < INTRODUCE_EVERY_MS) return
    this.#introducedAt = now
    this.room.introduce(this)
  }

  #wake(): void {
    const { world } = this.stage
    const at = Math.max(wakeAt(this.state), world.now + 1)
    if (at >= this.#tickAt || at === Number.POSITIVE_INFINITY) return
    this.#tickAt = at
    world.at(at, new Tick(this, at))
  }

  /** A tick that was planned for `at`; a sooner one may have taken its place. */
  tick(at: number): void {
    if (at !== this.#tickAt) return
    this.#tickAt = Number.POSITIVE_INFINITY
    if (wakeAt(this.state) <= at) this.step({ t: 'tick' })
    else this.#wake()
  }
}

class Tick {
  readonly #member: Member
  readonly #at: number

  constructor(member: Member, at: number) {
    this.#member = member
    this.#at = at
  }

  run(): void {
    this.#member.tick(this.#at)
  }
}
