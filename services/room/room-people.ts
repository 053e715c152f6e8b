import { fromBase64Url } from '../../protocol/bytes'
import type { AccountId, DeviceId } from '../../protocol/device'
import { type BroadcastFrame, encodeFrame } from '../../protocol/frames'
import {
  FORWARD_MAX_AGE_MS,
  MAX_CROWD_SYNC,
  MAX_PRESENCE_SYNC,
  PRESENCE_INTERVAL_MS,
} from '../../protocol/limits'
import type { SignedBytes } from '../../protocol/message'
import type { Passport } from '../../protocol/passport'
import type { Presence } from '../../protocol/presence'
import type { Role, RoleGrant } from '../../protocol/role'
import type { RoomId } from '../../protocol/room-id'
import type { Typing } from '../../protocol/typing'
import { type Clock, every, type Random } from '../clock'
import type { Link } from '../mesh/link'
import { RoomRoles } from '../roles'
import { RoomTyping } from '../typing/room-typing'
import { Announcer, type Audience } from './announcer'
import type { Author, Signed } from './author'
import type { Member, People } from './members'
import { RoomSize } from './room-size'
import { type Membership, Roster } from './roster'

/** Members that a fresh link through the room object is told of: such links are slow. */
const MAX_HUB_PRESENCE_SYNC = 100

/** How often silent members are looked for (ms). */
const EXPIRY_CHECK_MS = 2_000

interface Wiring {
  clock: Clock
  random: Random
  author: Author
  me: DeviceId
  account(): AccountId
  verifyPassport(jwt: string): Promise<Passport>
  verifyRole(jwt: string): Promise<RoleGrant>
  room: RoomId
  /** Tells everybody who is linked with us. */
  broadcast(frame: Uint8Array<ArrayBuffer>): void
  /** Tells the whole room. */
  publish(frame: BroadcastFrame): Promise<void>
  /** Tells a fresh link what it lacks of these. */
  tell(peer: DeviceId, frames: readonly BroadcastFrame[]): Promise<void>
  /** Devices with an open link. */
  linked(): readonly DeviceId[]
  onHeard(device: DeviceId): void
  /** A member said goodbye. */
  onLeft(device: DeviceId): void
  onMembership(membership: Membership): void
  /** A member said at `ms` of its clock whether it agrees to direct links, and showed the key to `seal` to. */
  onConsent(device: DeviceId, direct: boolean, ms: number, seal: Uint8Array): void
  /** Another device of ours showed a newer passport than this one has. */
  onOutdated(): void
  onChange(what: 'members' | 'typing'): void
}

/** Who is in a room and who of them is writing; and that the others know the same of us. */
export class RoomPeople {
  readonly #wiring: Wiring
  readonly #roster: Roster
  readonly #size: RoomSize
  readonly #announcer: Announcer
  readonly #typing: RoomTyping
  readonly #roles: RoomRoles
  readonly #stopExpiring: () => void

  constructor(wiring: Wiring) {
    const { clock, author, me, linked, onLeft, onChange } = wiring
    this.#wiring = wiring
    this.#roster = new Roster({
      ...wiring,
      since: author.since,
      onLeft: (device) => {
        this.#typing.ended(device)
        onLeft(device)
      },
      onChange: () => onChange('members'),
    })
    this.#roles = new RoomRoles({
      ...wiring,
      verify: (jwt) => wiring.verifyRole(jwt),
      onChange: () => onChange('members'),
    })
    this.#typing = new RoomTyping({
      ...wiring,
      peopleCount: () => this.count,
      onChange: () => onChange('typing'),
    })
    const size = new RoomSize({ clock, known: () => this.#roster.count })
    this.#size = size
    this.#announcer = new Announcer({
      ...wiring,
      size,
      tell: (said, audience) => this.#announce(said, audience),
    })
    this.#stopExpiring = every(clock, EXPIRY_CHECK_MS, () => this.#roster.expire([...linked(), me]))
  }

  member(device: DeviceId): Member | undefined {
    return this.#roster.get(device)
  }

  /** How many people are here, this account included; in a crowd about as many. */
  get count(): number {
    return this.#size.count
  }

  /** Whether there are too many to be told of everybody. */
  get isCrowd(): boolean {
    return this.#size.isCrowd
  }

  /** The room object counts `sockets`. */
  told(sockets: number): void {
    this.#size.told(sockets)
  }

  /** Something will be said: resolves once whoever hears it knows us. */
  speak(): Promise<void> {
    return this.#size.isCrowd ? this.#announcer.introduce() : Promise.resolve()
  }

  /** What an account is called here by now. */
  nameOf(account: AccountId): string | undefined {
    return this.#roster.nameOf(account)
  }

  /** The hash of an account's picture, if it has one. */
  avatarOf(account: AccountId): string | undefined {
    return this.#roster.avatarOf(account)
  }

  /** Somebody's newest passport, and their devices that are here now. */
  personOf(account: AccountId): ReturnType<Roster['personOf']> {
    return this.#roster.personOf(account)
  }

  /** What an account is here, as far as it shows that; the highest of its roles. */
  roleOf(account: AccountId): Role | null {
    return this.#roles.of(account)
  }

  /** Accounts that showed a role, whether they are here or not. */
  get staff(): readonly AccountId[] {
    return this.#roles.accounts
  }

  /** Who is here, this account included; a sample in a crowd. */
  get all(): People {
    const people = this.#roster.people(this.#wiring.account())
    return { ...people, count: Math.max(people.count, this.count) }
  }

  /** Other people who are writing, who began first in front. */
  get typing(): { accountId: AccountId; name: string }[] {
    const me = this.#wiring.account()
    const writers = this.#typing.devices.flatMap((device) => this.member(device)?.passport ?? [])
    const people = writers.map(
      ({ sub, name }) => [sub, { accountId: sub, name: this.nameOf(sub) ?? name }] as const,
    )
    return [...new Map(people).values()].filter(({ accountId }) => accountId !== me)
  }

  /** Takes a checked presence. Returns whether it was news. */
  heard(presence: Presence, passport: Passport, signed: SignedBytes): boolean {
    const { me, onConsent, onOutdated } = this.#wiring
    const { device, direct, ms, role, crowd, state } = presence
    if (device === me || !this.#roster.apply(presence, passport, signed)) return false
    if (state !== 'left') this.#size.heard(device, crowd)
    if (role !== undefined) void this.#roles.learn(role, passport.sub)
    onConsent(device, direct, ms, fromBase64Url(passport.seal))
    const own = this.member(me)?.passport
    if (own?.sub === passport.sub && own.ver < passport.ver) onOutdated()
    return true
  }

  /** `devices` may not be here any more. `kind`: what is told of people who go with them; nothing is told without. */
  dismissed(devices: readonly DeviceId[], kind?: 'left' | 'ended'): void {
    for (const device of devices) this.#typing.ended(device)
    this.#roster.dismissed(devices, kind)
  }

  heardTyping(typing: Typing): boolean {
    return this.#typing.heard(typing)
  }

  /** `device` said something, so it has stopped writing. */
  said(device: DeviceId): void {
    this.#typing.ended(device)
  }

  /** Our own composer changed; `false` when it is empty. */
  writing(writing: boolean): void {
    this.#typing.changed(writing)
  }

  /** Our viewer sent what was in the composer. */
  sent(): void {
    this.#typing.said()
  }

  /** Tells the room that this device is here, under its present passport. */
  announce(): void {
    this.#announcer.announce()
  }

  setAway(away: boolean): void {
    this.#announcer.setAway(away)
  }

  /** A fresh link first learns who is here, before anything they say: only what the peer will not find stale. */
  linked(peer: DeviceId, link: Link): void {
    this.#roster.linked(peer)
    const now = this.#wiring.clock.now()
    const fresh = this.#roster.all
      .filter(
        ({ ms, passport }) =>
          passport.device !== peer && now - ms < FORWARD_MAX_AGE_MS + PRESENCE_INTERVAL_MS,
      )
      .sort((a, b) => b.ms - a.ms)
      .slice(
        0,
        this.isCrowd ? MAX_CROWD_SYNC : link.kind === 'hub' ? MAX_HUB_PRESENCE_SYNC : MAX_PRESENCE_SYNC,
      )
    // It has to know us before anything else, and cannot ask for it before it has looked at what else there is.
    const own = this.member(this.#wiring.me)
    if (own) link.send(encodeFrame({ t: 'presence', ...own.signed }))
    void this.#wiring.tell(
      peer,
      fresh.map(({ signed }) => ({ t: 'presence', ...signed })),
    )
    this.#announcer.greet()
  }

  /** Whoever lost us may believe that we left, and those they told: our word reaches them another way. */
  unlinked(peer: DeviceId): void {
    this.#roster.unlinked(peer)
    this.#announcer.announceSoon()
  }

  /** Says goodbye; resolves when that has been handed to the links. */
  leave(): Promise<void> {
    this.#stopExpiring()
    this.#typing.close()
    return this.#announcer.leave()
  }

  async #announce({ statement, signed }: Signed<Presence>, audience: Audience): Promise<void> {
    const passport = await this.#wiring.verifyPassport(statement.passport)
    this.#roster.applyOwn(statement, passport, signed)
    if (statement.role !== undefined) void this.#roles.learn(statement.role, passport.sub)
    if (audience === 'room') await this.#wiring.publish({ t: 'presence', ...signed })
    else this.#wiring.broadcast(encodeFrame({ t: 'presence', ...signed }))
  }
}
