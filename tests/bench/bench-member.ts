import { deviceOf, makeKeyPairs, sealOf } from '../../platform/key-pairs'
import { RealClock } from '../../platform/real-clock'
import { openRoomSocket } from '../../platform/room-socket'
import { WebRtcLinks } from '../../platform/webrtc-links'
import { connectWorker } from '../../platform/worker-client'
import { fromBase64Url } from '../../protocol/bytes'
import type { Credentials } from '../../protocol/control'
import { SAY_PACE } from '../../protocol/limits'
import type { RoomId } from '../../protocol/room-id'
import { openerOf } from '../../protocol/sealed'
import { SOCKET_PROTOCOL, TICKET_PROTOCOL_PREFIX } from '../../protocol/socket-protocol'
import type { Clock } from '../../services/clock'
import { Access } from '../../services/identity/access'
import { signerOf } from '../../services/identity/device-keys'
import { Identity } from '../../services/identity/identity'
import type { IdentityRecord } from '../../services/identity/kept-identity'
import type { LinkMaker } from '../../services/mesh/link'
import { Passports } from '../../services/passports'
import type { Socket } from '../../services/room/introducer'
import { RoomSession } from '../../services/room/room-session'
import type { SessionChange } from '../../services/room/session-world'
import { MemoryArchive } from '../unit/world/memory-archive'

/** What a member does otherwise than the extension, or wants to know. */
export interface Entering {
  clock?: Clock
  links?: LinkMaker
  onSocket?(socket: Socket): void
  onChange?(change: SessionChange): void
}

/** An account with a device, signed in by a mailed code, and its sessions: the extension's own services without its storage. */
export class BenchMember {
  readonly clock = new RealClock()
  readonly #origin: string
  readonly #identity: Identity
  readonly #worker
  readonly #keys

  private constructor(origin: string, keys: ReturnType<typeof keysOf>) {
    const { clock } = this
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
  ): Promise<BenchMember> {
    const member = new BenchMember(origin, keysOf())
    await member.#identity.requestCode(email)
    await member.#identity.submitCode(await code(email))
    return member
  }

  async opener() {
    const { sealing, seal } = await this.#keys
    return openerOf(sealing, fromBase64Url(seal))
  }

  async signer() {
    return signerOf(await this.#keys)
  }

  /** What sessions need to begin with: a passport, the keys that vouch for it, and, on the way, an access token. */
  async credentials(): Promise<Credentials> {
    const credentials = await this.#identity.credentials(false)
    if (!credentials) throw new Error('not signed in')
    return credentials
  }

  /** Joins like anybody, and agrees to direct links. */
  async enter(
    room: RoomId,
    credentials: Credentials,
    {
      clock = this.clock,
      links = new WebRtcLinks(),
      onSocket = () => {},
      onChange = () => {},
    }: Entering = {},
  ): Promise<RoomSession> {
    this.clock.correct(credentials.serverTime)
    const [signer, opener] = [await this.signer(), await this.opener()]
    return new RoomSession(
      room,
      {
        clock,
        random: Math.random,
        signer,
        opener,
        passports: new Passports(this.clock, credentials.jwks, async () => credentials.jwks),
        links,
        openSocket: (pass, events) => {
          const socket = openRoomSocket(pass, events)
          onSocket(socket)
          return socket
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
        tellOperator: async () => ({ to: 'operator' }),
        pace: SAY_PACE,
        standingOf: () => null,
        isTimeSure: () => true,
        onServerTime: (now) => this.clock.correct(now),
      },
      onChange,
    )
  }
}

async function keysOf() {
  const pairs = await makeKeyPairs()
  return {
    device: await deviceOf(pairs),
    signingKey: pairs.signing.privateKey,
    seal: await sealOf(pairs),
    sealing: pairs.sealing,
  }
}
