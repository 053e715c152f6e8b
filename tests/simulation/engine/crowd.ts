import type { DeviceId } from '../../../protocol/device'
import { Adversary, type Misconduct } from './adversary'
import { type Broadcast, Broadcasts } from './broadcasts'
import { draw, drawOne } from './chance'
import { Post } from './envelope'
import { MESSAGE_BYTES, PRESENCE_BYTES } from './frame-sizes'
import { Member } from './member'
import { Reconciliation } from './reconciliation'
import { RoomObject } from './room-object'
import type { Stage } from './stage'
import type { End, Wire } from './wire'
import { World } from './world'

/** Members of the whole room that say each minute that they are there, where there are too many for all to say it. */
const PRESENCES_PER_MINUTE = 6

/** How an honest member got rid of a link with an adversary. */
export interface Riddance {
  readonly openedAt: number
  /** Infinity: it is still there. */
  endedAt: number
  why: string
}

/** The members of one run, and what they do. */
export class Crowd implements Stage {
  readonly world: World
  readonly post = new Post()
  readonly broadcasts: Broadcasts
  readonly members: Member[] = []
  /** The first cell's, and the only one's unless there are several. */
  readonly room: RoomObject
  /** Links of honest members with adversaries. */
  readonly riddances: Riddance[] = []
  readonly #riddanceOf = new Map<Wire, Riddance>()
  readonly #victims: Member[] = []
  readonly #accomplices: Member[] = []
  readonly #byDevice = new Map<string, Member>()
  readonly #twins = new Map<number, Member>()
  readonly #reconciliation: Reconciliation

  /** `capacity`: members that there will ever be. */
  constructor(seed: number, capacity: number) {
    this.world = new World(seed)
    this.broadcasts = new Broadcasts(capacity)
    this.room = new RoomObject(this.world)
    this.#reconciliation = new Reconciliation(this, ({ device }) => this.#byDevice.get(device))
  }

  get present(): Member[] {
    return this.members.filter((member) => member.isPresent)
  }

  get honest(): Member[] {
    return this.members.filter((member) => member.isPresent && member.isHonest)
  }

  /** A newcomer, of a network of its own unless told. */
  join(room = this.room, bucket?: string): Member {
    const index = this.members.length
    return this.#enter(new Member(this, this.#newDevice(), index, bucket ?? `own ${index}`, room))
  }

  joinAdversary(bucket: string, misconduct: Misconduct): Member {
    return this.#enter(
      new Adversary(this, this.#newDevice(), this.members.length, bucket, this.room, {
        misconduct,
        victims: () => this.#victims,
        accomplices: () => this.#accomplices,
      }),
    )
  }

  /** `count` newcomers at random moments of `overMs`; lets that time pass. */
  gather(count: number, overMs: number, join = () => void this.join()): void {
    for (let nth = 0; nth < count; nth++) this.world.later(overMs * this.world.random(), join)
    this.world.pass(overMs)
  }

  /** Another self of `member` in another cell: each broadcast that one of the two has, the other passes on there. */
  bridge(member: Member, room: RoomObject): Member {
    const twin = this.join(room)
    this.#twins.set(member.index, twin)
    this.#twins.set(twin.index, member)
    return twin
  }

  say(member: Member): Broadcast {
    return this.#publish(member, MESSAGE_BYTES, true)
  }

  /** Someone honest says something every `everyMs`, for `ms`; lets that time pass. Returns what was said. */
  converse(ms: number, everyMs: number, speakers?: readonly Member[]): Broadcast[] {
    const said: Broadcast[] = []
    const count = Math.floor(ms / everyMs)
    for (let nth = 0; nth < count; nth++)
      this.world.later(nth * everyMs, () => {
        const candidates = (speakers ?? this.members).filter(canSpeak)
        if (candidates.length > 0) said.push(this.say(drawOne(candidates, this.world.random)))
      })
    this.world.pass(ms)
    return said
  }

  /** From now on a sample of members says that it is there. */
  beginPresence(): void {
    this.world.later(60_000 / PRESENCES_PER_MINUTE, () => {
      const { present } = this
      if (present.length > 0) this.#publish(drawOne(present, this.world.random), PRESENCE_BYTES, false)
      this.beginPresence()
    })
  }

  /** This share of the members is gone in one moment. */
  kill(share: number): void {
    const { present } = this
    for (const member of draw(present, Math.round(present.length * share), this.world.random)) member.die()
  }

  /** Someone by chance is gone. */
  killOne(): void {
    drawOne(this.present, this.world.random).die()
  }

  /** Two halves stop reaching each other; their links break bit by bit. */
  tear(): void {
    const { world } = this
    const half = draw(this.present, Math.floor(this.present.length / 2), world.random)
    for (const member of half) member.side = 1
    world.isTorn = true
    for (const member of half)
      for (const wire of member.wires.values()) {
        if (!wire.isTorn) continue
        wire.breaksFor(member, world.drawSilence())
        wire.breaksFor(wire.other(member), world.drawSilence())
      }
  }

  heal(): void {
    this.world.isTorn = false
  }

  presences(ms: number): readonly Broadcast[] {
    return this.broadcasts.presencesSince(this.world.now - ms)
  }

  deviceOf(index: number): DeviceId {
    const member = this.members[index]
    if (!member) throw new RangeError('no such member')
    return member.device
  }

  came(index: number, broadcast: Broadcast, hops: number): void {
    broadcast.came(index, this.world.now, hops)
    const twin = this.#twins.get(index)
    if (!twin || broadcast.isWith(twin.index)) return
    this.world.later(1, () => {
      if (twin.isPresent && !broadcast.isWith(twin.index)) twin.publish(broadcast)
    })
  }

  opened(end: End, wire: Wire): void {
    const member = this.#byDevice.get(end.device)
    const other = this.#byDevice.get(wire.other(end).device)
    if (!member || !other) return
    if (member.device < other.device) this.#reconciliation.between(member, wire)
    if (!member.isHonest || other.isHonest) return
    const riddance = { openedAt: this.world.now, endedAt: Number.POSITIVE_INFINITY, why: '' }
    this.riddances.push(riddance)
    this.#riddanceOf.set(wire, riddance)
  }

  dropped(end: End, wire: Wire, why: string): void {
    const riddance = this.#riddanceOf.get(wire)
    if (!riddance || !this.#byDevice.get(end.device)?.isHonest) return
    riddance.endedAt = this.world.now
    riddance.why = why
  }

  #publish(member: Member, size: number, isMessage: boolean): Broadcast {
    const broadcast = this.broadcasts.create(member.index, this.world.now, size, isMessage)
    member.publish(broadcast)
    return broadcast
  }

  #enter(member: Member): Member {
    this.members.push(member)
    if (member.isHonest) this.#victims.push(member)
    else this.#accomplices.push(member)
    this.#byDevice.set(member.device, member)
    this.#reconciliation.begin(member)
    member.join()
    return member
  }

  /** Not in the order of coming: which of two crossing offers stands depends on it. */
  #newDevice(): DeviceId {
    const digits = () =>
      Math.floor(this.world.random() * 36 ** 6)
        .toString(36)
        .padStart(6, '0')
    return `${digits()}${digits()}` as DeviceId
  }
}

/** The outbox keeps what is said while nobody is linked. */
const canSpeak = ({ isPresent, isHonest, state }: Member): boolean =>
  isPresent && isHonest && state.links.size > 0
