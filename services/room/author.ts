import { MAX_CLOCK_AHEAD_MS, PROTOCOL_VERSION } from '../../protocol/limits'
import {
  encodeMessage,
  type HybridTime,
  type Message,
  messageId,
  type SignedBytes,
  textSchema,
} from '../../protocol/message'
import { encodePresence, type Presence } from '../../protocol/presence'
import type { RoomId } from '../../protocol/room-id'
import { type Signer, signAs } from '../../protocol/signed'
import type { Clock } from '../clock'
import { HybridClock } from '../hybrid-clock'

interface Wiring {
  room: RoomId
  clock: Clock
  signer: Signer
  /** Our passport as JWT, as fresh as it is now. */
  passport(): string
  /** The next `seq` of this device in a room: persistent, without gaps, from 0. */
  nextSeq(room: RoomId): Promise<number>
}

/** Stamps and signs what this device says in one room. */
export class Author {
  readonly #wiring: Wiring
  readonly #hybrid = new HybridClock()
  readonly #since: number
  #lastPresenceMs = 0
  #saying: Promise<unknown> = Promise.resolve()

  constructor(wiring: Wiring) {
    this.#wiring = wiring
    this.#since = wiring.clock.now()
  }

  /** When this visit began (ms). */
  get since(): number {
    return this.#since
  }

  /** Takes notice of a stamp from elsewhere, so that an answer sorts after its question. */
  observe(time: HybridTime): void {
    this.#hybrid.observe(time, this.#wiring.clock.now())
  }

  /**
   * A signed message; one after the other, in the order of the calls.
   * Rejects with a `TypeError` for text that may not be said (empty, too long, broken surrogates).
   */
  say(text: string): Promise<{ message: Message; signed: SignedBytes }> {
    const parsed = textSchema.safeParse(text)
    if (!parsed.success) return Promise.reject(new TypeError('text not allowed'))
    const said = this.#saying.then(() => this.#say(parsed.data))
    this.#saying = said.catch(() => {})
    return said
  }

  /** A signed word that this device is here, or leaves. Each is newer than the one before. */
  async presence(state: Presence['state']): Promise<{ presence: Presence; signed: SignedBytes }> {
    const { room, clock, signer, passport } = this.#wiring
    const now = clock.now()
    // What was stamped before our clock was corrected, too far ahead for anybody to take, binds nobody.
    const isUsable = this.#lastPresenceMs <= now + MAX_CLOCK_AHEAD_MS
    const ms = isUsable ? Math.max(now, this.#lastPresenceMs + 1) : now
    this.#lastPresenceMs = ms
    const presence: Presence = {
      v: PROTOCOL_VERSION,
      room,
      device: signer.device,
      ms,
      since: Math.min(this.#since, ms),
      state,
      passport: passport(),
    }
    const bytes = encodePresence(presence)
    return { presence, signed: { bytes, sig: await signAs(signer, 'presence', bytes) } }
  }

  async #say(body: string): Promise<{ message: Message; signed: SignedBytes }> {
    const { room, clock, signer, nextSeq } = this.#wiring
    const unsigned = {
      v: PROTOCOL_VERSION,
      room,
      device: signer.device,
      seq: await nextSeq(room),
      time: this.#hybrid.stamp(clock.now()),
      kind: 'say',
      body,
    } as const
    const bytes = encodeMessage(unsigned)
    const sig = await signAs(signer, 'message', bytes)
    return { message: { ...unsigned, id: await messageId(bytes) }, signed: { bytes, sig } }
  }
}
