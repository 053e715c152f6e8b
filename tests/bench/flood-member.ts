import { deviceOf, makeKeyPairs, sealOf } from '../../platform/key-pairs'
import { RealClock } from '../../platform/real-clock'
import { openRoomSocket } from '../../platform/room-socket'
import { WebRtcLinks } from '../../platform/webrtc-links'
import { connectWorker } from '../../platform/worker-client'
import type { Credentials } from '../../protocol/control'
import { SAY_PACE } from '../../protocol/limits'
import type { RoomId } from '../../protocol/room-id'
import { SOCKET_PROTOCOL, TICKET_PROTOCOL_PREFIX } from '../../protocol/socket-protocol'
import type { Clock } from '../../services/clock'
import { Access } from '../../services/identity/access'
import { signerOf } from '../../services/identity/device-keys'
import { Identity } from '../../services/identity/identity'
import type { IdentityRecord } from '../../services/identity/kept-identity'
import { Passports } from '../../services/passports'
import type { Socket } from '../../services/room/introducer'
import { RoomSession } from '../../services/room/room-session'
import { MemoryArchive } from '../unit/world/memory-archive'

/** A flooder waits for nothing longer than this (ms). */
const PATIENCE_MS = 1_500

/** A member with an account, a passport and a session of its own, which turns on the room it is in. */
export class FloodMember {
  readonly #origin: string
  readonly #identity: Identity
  readonly #worker
  readonly #keys
  readonly #clock = new RealClock()
  #room: RoomId | undefined
  #session: RoomSession | undefined
  #credentials: Credentials | undefined
  #socket: Socket | undefined
  #isPatient = true

  private constructor(origin: string, keys: ReturnType<typeof keysOf>) {
    const clock = this.#clock
    let record: IdentityRecord = {}
    this.#origin = origin
    this.#keys = keys
    const access: Access = new Access({
      clock,
      audience: origin,
      bearer: () => this.#identity.bearer(),
      requestToken: (assertion) => this.#worker.token(assertion),
    })
    this.#worker = connectWorker(origin, access)
    this.#identity = new Identity({
      clock,
      random: Math.random,
      access,
      worker: this.#worker,
      store: {
        load: async () => record,
        save: async (next) => {
          record = next
        },
        keys: () => keys,
        forgetKeys: async () => {},
      },
      onChange: () => {},
    })
  }

  /** `code`: what was mailed to `email`. */
  static async signIn(
    origin: string,
    email: string,
    code: (email: string) => Promise<string>,
  ): Promise<FloodMember> {
    const member = new FloodMember(origin, keysOf())
    await member.#identity.requestCode(email)
    await member.#identity.submitCode(await code(email))
    return member
  }

  get session(): RoomSession {
    if (!this.#session) throw new Error('not in a room')
    return this.#session
  }

  get room(): RoomId {
    if (!this.#room) throw new Error('not in a room')
    return this.#room
  }

  get passport(): string {
    return this.#credentials?.passport ?? ''
  }

  get now(): number {
    return this.#clock.now()
  }

  async signer() {
    return signerOf(await this.#keys)
  }

  /** Joins like anybody, and agrees to direct links. */
  async enter(room: RoomId): Promise<void> {
    const credentials = await this.#identity.credentials(false)
    if (!credentials) throw new Error('not signed in')
    this.#credentials = credentials
    this.#room = room
    this.#clock.correct(credentials.serverTime)
    const passports = new Passports(this.#clock, credentials.jwks, async () => credentials.jwks)
    this.#session = new RoomSession(
      room,
      {
        clock: this.#impatient,
        random: Math.random,
        signer: await this.signer(),
        passports,
        links: new WebRtcLinks(),
        openSocket: (pass, events) => {
          this.#socket = openRoomSocket(pass, events)
          return this.#socket
        },
        iceServers: () => [],
        direct: () => true,
        credentials: () => credentials,
        socketPass: async () => {
          const { ticket } = await this.#worker.ticket(room)
          const url = `${this.#origin.replace('http', 'ws')}/rooms/${encodeURIComponent(room)}/socket`
          return { url, protocols: [SOCKET_PROTOCOL, TICKET_PROTOCOL_PREFIX + ticket] }
        },
        role: async () => ({ role: null, grant: null, askAgainAt: Number.POSITIVE_INFINITY }),
        onOutdated: () => {},
        archive: () => new MemoryArchive(),
        pace: SAY_PACE,
        isTimeSure: () => true,
        onServerTime: (now) => this.#clock.correct(now),
      },
      () => {},
    )
  }

  /** From now on it keeps to no pause, and tries whatever it lost again. */
  turn(): void {
    this.#isPatient = false
  }

  /** Says something to the room object, past all that paces a member. */
  tellRoom(bytes: Uint8Array<ArrayBuffer>): void {
    this.#socket?.send(bytes)
  }

  leave(): Promise<void> {
    return this.session.leave()
  }

  get #impatient(): Clock {
    const clock = this.#clock
    return {
      now: () => clock.now(),
      after: (ms, task) => clock.after(this.#isPatient ? ms : Math.min(ms, PATIENCE_MS), task),
    }
  }
}

async function keysOf() {
  const pairs = await makeKeyPairs()
  return { device: await deviceOf(pairs), signingKey: pairs.signing.privateKey, seal: await sealOf(pairs) }
}
