import type { Credentials } from '../../../protocol/control'
import { channelRoom } from '../../../protocol/room-id'
import { Passports } from '../../../services/passports'
import { RoomSession, type SessionChange, type SessionWorld } from '../../../services/room/room-session'
import { MemoryNetwork } from './memory-links'
import { MemoryRoom } from './memory-room'
import { type Person, Registrar } from './registrar'
import { SkewedClock, until, VirtualClock } from './virtual-clock'

export const ROOM = channelRoom('somechannel')

export interface Viewer {
  person: Person
  session: RoomSession
  changes: SessionChange[]
  world: SessionWorld
  /** Texts in the order they are shown. */
  texts(): string[]
}

/** A whole room in one process: real services, real signatures; only network and time are virtual. */
export class RoomWorld {
  readonly clock = new VirtualClock()
  readonly network = new MemoryNetwork()
  readonly room = new MemoryRoom(this.clock)
  readonly registrar: Registrar
  readonly viewers: Viewer[] = []

  private constructor(registrar: Registrar) {
    this.registrar = registrar
  }

  static async create(): Promise<RoomWorld> {
    return new RoomWorld(await Registrar.open())
  }

  /** `skew`: how far the viewer's machine is ahead of time (ms). */
  async join(name: string, skew = 0): Promise<Viewer> {
    return this.enter(await this.registrar.person(name), skew)
  }

  async enter(person: Person, skew = 0): Promise<Viewer> {
    const clock = new SkewedClock(this.clock, skew)
    const passport = await this.registrar.passport(person, this.clock.now())
    const credentials: Credentials = {
      device: person.device,
      accountId: person.accountId,
      displayName: person.name,
      passport,
      jwks: this.registrar.jwks,
      serverTime: this.clock.now(),
    }
    let seq = 0
    const world: SessionWorld = {
      clock,
      random: Math.random,
      signer: person.signer,
      passports: new Passports(clock, this.registrar.jwks, async () => this.registrar.jwks),
      links: this.network,
      openSocket: this.room.socketFor(person.device),
      credentials: () => credentials,
      socketPass: async () => ({ url: 'ws://room.test', protocols: [], iceServers: [] }),
      nextSeq: async () => {
        const drawn = seq++
        // A database answers when it likes.
        for (let turns = (drawn * 7) % 13; turns > 0; turns--) await null
        return drawn
      },
      onServerTime: (now) => clock.correct(now),
    }
    const changes: SessionChange[] = []
    const session = new RoomSession(ROOM, world, (change) => changes.push(change))
    const viewer = { person, session, changes, world, texts: () => session.log.all.map(({ body }) => body) }
    this.viewers.push(viewer)
    return viewer
  }

  /** Whether everybody is linked with everybody and knows everybody. */
  isWhole(viewers = this.viewers): boolean {
    return viewers.every(
      ({ session }) => session.linkCount === viewers.length - 1 && session.people.length === viewers.length,
    )
  }

  async close(): Promise<void> {
    let left = 0
    for (const { session } of this.viewers) void session.leave().then(() => left++)
    await until(this.clock, () => left === this.viewers.length, 'all left')
  }
}
