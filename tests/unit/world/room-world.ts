import type { IceServers } from '../../../protocol/api'
import type { Credentials } from '../../../protocol/control'
import { SAY_PACE, type SayPace } from '../../../protocol/limits'
import type { SignedBytes } from '../../../protocol/message'
import { channelRoom } from '../../../protocol/room-id'
import { Passports } from '../../../services/passports'
import { RoomSession } from '../../../services/room/room-session'
import type { SessionChange, SessionWorld } from '../../../services/room/session-world'
import { MemoryArchive } from './memory-archive'
import { MemoryNetwork, type OwnLinks } from './memory-links'
import { MemoryRoom } from './memory-room'
import { type Person, Registrar } from './registrar'
import { SkewedClock, until, VirtualClock } from './virtual-clock'

export const ROOM = channelRoom('somechannel')

/** For tests in which somebody says a lot. */
export const UNPACED: SayPace = { messages: 1_000_000, ms: 1 }

export interface Viewer {
  person: Person
  session: RoomSession
  changes: SessionChange[]
  world: SessionWorld
  archive: MemoryArchive
  links: OwnLinks
  /** Reports that were handed to the Worker's operator. */
  toOperator: SignedBytes[]
  /** How often the session asked for another passport. */
  outdated: number
  /** The background has a new passport: of version `ver`, with that name. */
  renew(name: string, ver: number): Promise<void>
  /** The account is linked to Twitch from now on, or not any more, and the background has a passport that says so. */
  link(linked: boolean, ver: number): Promise<void>
  /** Says it as a panel does, under a key of its own. */
  say(text: string): Promise<unknown>
  kill(): MemoryArchive
  /** Texts in the order they are shown. */
  texts(): string[]
}

interface Circumstances {
  skew?: number
  /** Of the passport. */
  ver?: number
  archive?: MemoryArchive
  /** Relays that the viewer may use; none without. */
  iceServers?: IceServers
  /** Whether the viewer agrees to direct links; without relays, others go through the room object. */
  direct?: boolean
  /** The same, for one who changes their mind. */
  consent?: () => boolean
  /** What the background says of the account's role. */
  role?: SessionWorld['role']
  /** Whom the viewer has muted or blocked. */
  standingOf?: SessionWorld['standingOf']
  /** The Twitch login that the viewer shows. */
  twitch?: string
  /** Whether the Worker knows a linked Twitch account; what the passport says unless told. */
  linkedAtWorker?: () => boolean
}

/** A whole room in one process: real services, real signatures; only network and time are virtual. */
export class RoomWorld {
  readonly clock = new VirtualClock()
  readonly network = new MemoryNetwork()
  readonly room = new MemoryRoom(this.clock)
  readonly registrar: Registrar
  readonly viewers: Viewer[] = []
  pace: SayPace = SAY_PACE

  private constructor(registrar: Registrar) {
    this.registrar = registrar
  }

  static async create(): Promise<RoomWorld> {
    return new RoomWorld(await Registrar.open())
  }

  /** `skew`: how far the viewer's machine is ahead of time (ms). */
  async join(name: string, skew = 0): Promise<Viewer> {
    return this.enter(await this.registrar.person(name), { skew })
  }

  /** `archive`: what an earlier run of this viewer's browser left. */
  async enter(
    person: Person,
    {
      skew = 0,
      ver = 1,
      archive = new MemoryArchive(),
      direct = true,
      consent = () => direct,
      role = async () => ({ role: null, grant: null, askAgainAt: 0 }),
      twitch,
      iceServers = [],
      linkedAtWorker,
      standingOf = () => null,
    }: Circumstances = {},
  ): Promise<Viewer> {
    const clock = new SkewedClock(this.clock, skew)
    const passport = await this.registrar.passport(person, this.clock.now(), 24, ver)
    let credentials: Credentials = {
      device: person.device,
      accountId: person.accountId,
      displayName: person.name,
      passport,
      renewAt: Number.POSITIVE_INFINITY,
      jwks: this.registrar.jwks,
      serverTime: this.clock.now(),
      ...(twitch !== undefined && { twitch }),
    }
    const links = this.network.forOne()
    let linked = person.linked === true
    let isAlive = true
    const world: SessionWorld = {
      clock,
      random: Math.random,
      signer: person.signer,
      opener: person.opener,
      passports: new Passports(clock, this.registrar.jwks, async () => this.registrar.jwks),
      links,
      iceServers: () => iceServers,
      role,
      direct: consent,
      openSocket: this.room.socketFor(person.device, linkedAtWorker ?? (() => linked), person.accountId),
      credentials: () => credentials,
      socketPass: async () => {
        if (!isAlive) throw new Error('killed')
        return { url: 'ws://room.test', protocols: [] }
      },
      archive: () => archive,
      tellOperator: async (signed) => {
        viewer.toOperator.push(signed)
        return { to: 'operator' }
      },
      onOutdated: () => viewer.outdated++,
      pace: this.pace,
      standingOf,
      isTimeSure: () => true,
      onServerTime: (now) => clock.correct(now),
    }
    const changes: SessionChange[] = []
    const session = new RoomSession(ROOM, world, (change) => changes.push(change))
    const viewer: Viewer = {
      person,
      session,
      changes,
      world,
      archive,
      links,
      toOperator: [],
      outdated: 0,
      renew: async (name, ver) => {
        const fresh = await this.registrar.passport({ ...person, name }, this.clock.now(), 24, ver)
        credentials = { ...credentials, displayName: name, passport: fresh }
        session.people.announce()
      },
      link: async (now, ver) => {
        linked = now
        const fresh = await this.registrar.passport({ ...person, linked }, this.clock.now(), 24, ver)
        credentials = { ...credentials, passport: fresh }
        session.renewed()
      },
      kill: () => {
        isAlive = false
        this.room.drop(person.device)
        links.breakAll()
        return archive.outlive()
      },
      say: (text) => session.say(crypto.randomUUID(), text),
      texts: () => session.log.all.map(({ body }) => body),
    }
    this.viewers.push(viewer)
    return viewer
  }

  /** Whether everybody is linked with everybody, directly if both agree, and knows everybody. */
  isWhole(viewers = this.viewers): boolean {
    const agreeing = viewers.filter(({ world }) => world.direct())
    return viewers.every(
      ({ session, world }) =>
        session.linkCount === viewers.length - 1 &&
        session.kinds.direct === (world.direct() ? agreeing.length - 1 : 0) &&
        session.people.all.count === viewers.length,
    )
  }

  /** A viewer's browser is killed: no goodbye, its links break. Returns what is on its disk. */
  kill(viewer: Viewer): MemoryArchive {
    this.viewers.splice(this.viewers.indexOf(viewer), 1)
    return viewer.kill()
  }

  async close(): Promise<void> {
    let left = 0
    for (const { session } of this.viewers) void session.leave().then(() => left++)
    await until(this.clock, () => left === this.viewers.length, 'all left')
  }
}
