import type { Credentials } from '../../protocol/control'
import { MAX_CROWD, PROTOCOL_VERSION } from '../../protocol/limits'
import { encodeMessage, type HybridTime, messageId, type SignedBytes } from '../../protocol/message'
import { encodePresence, type Presence } from '../../protocol/presence'
import type { RoomId } from '../../protocol/room-id'
import { type Act, encodeRuling, type Ruling } from '../../protocol/ruling'
import { type Signer, signAs } from '../../protocol/signed'
import { encodeTyping, type Typing } from '../../protocol/typing'
import type { Clock } from '../clock'
import type { Waiting } from '../history/archive'
import type { LoggedMessage } from '../log/logged-message'
import { MonotonicStamp } from './monotonic-stamp'

interface Wiring {
  room: RoomId
  clock: Clock
  signer: Signer
  /** As fresh as it is now. */
  credentials(): Credentials
  /** Whether the viewer agrees to direct links. */
  direct(): boolean
  /** The grant to show, if there is one. */
  roleGrant?(): string | undefined
}

export interface Signed<T> {
  readonly statement: T
  readonly signed: SignedBytes
}

/** Signs what this device says in one room. */
export class Author {
  readonly #wiring: Wiring
  readonly #since: number
  readonly #presenceStamp: MonotonicStamp
  readonly #typingStamp: MonotonicStamp

  constructor(wiring: Wiring) {
    this.#wiring = wiring
    this.#since = wiring.clock.now()
    this.#presenceStamp = new MonotonicStamp(wiring.clock)
    this.#typingStamp = new MonotonicStamp(wiring.clock)
  }

  /** When this visit began (ms). */
  get since(): number {
    return this.#since
  }

  /** The message that `entry` becomes as number `seq` of this device, stamped `time`. */
  async message({ key, text, me, reply }: Waiting, seq: number, time: HybridTime): Promise<LoggedMessage> {
    const { room, signer, credentials } = this.#wiring
    const unsigned = {
      v: PROTOCOL_VERSION,
      room,
      device: signer.device,
      seq,
      time,
      kind: me ? 'me' : 'say',
      body: text,
      ...(reply !== undefined && { reply }),
    } as const
    const bytes = encodeMessage(unsigned)
    const { accountId, displayName, passport } = credentials()
    const [sig, id] = await Promise.all([signAs(signer, 'message', bytes), messageId(bytes)])
    return { ...unsigned, id, account: accountId, name: displayName, signed: { bytes, sig }, passport, key }
  }

  /** A word that this device is here, or leaves. Each is newer than the one before. `crowd`: how many seem to be here. */
  async presence(state: Presence['state'], crowd?: number): Promise<Signed<Presence>> {
    const { room, signer, credentials, direct, roleGrant } = this.#wiring
    const ms = this.#presenceStamp.next()
    const role = roleGrant?.()
    const statement: Presence = {
      v: PROTOCOL_VERSION,
      room,
      device: signer.device,
      ms,
      since: Math.min(this.#since, ms),
      state,
      direct: direct(),
      passport: credentials().passport,
      ...(role !== undefined && { role }),
      ...(crowd !== undefined && { crowd: Math.max(1, Math.min(MAX_CROWD, Math.round(crowd))) }),
    }
    const bytes = encodePresence(statement)
    return { statement, signed: { bytes, sig: await signAs(signer, 'presence', bytes) } }
  }

  /** A word that this device's viewer is writing, or no more. */
  async typing(writing: boolean): Promise<Signed<Typing>> {
    const { room, signer } = this.#wiring
    const ms = this.#typingStamp.next()
    const statement: Typing = { v: PROTOCOL_VERSION, room, device: signer.device, ms, writing }
    const bytes = encodeTyping(statement)
    return { statement, signed: { bytes, sig: await signAs(signer, 'typing', bytes) } }
  }

  /** What our account decides for the room by its role `grant`: later than `last` (ms), when somebody decided before. */
  async ruling(act: Act, grant: string, last: number): Promise<Signed<Ruling>> {
    const { room, clock, signer, credentials } = this.#wiring
    const statement: Ruling = {
      v: PROTOCOL_VERSION,
      room,
      device: signer.device,
      ms: Math.max(clock.now(), last + 1),
      passport: credentials().passport,
      role: grant,
      ...act,
    }
    const bytes = encodeRuling(statement)
    return { statement, signed: { bytes, sig: await signAs(signer, 'ruling', bytes) } }
  }
}
