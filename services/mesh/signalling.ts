import type { DeviceId } from '../../protocol/device'
import {
  MAX_CLOCK_AHEAD_MS,
  MAX_SIGNAL_BYTES,
  PROTOCOL_VERSION,
  SIGNAL_FRESHNESS_MS,
} from '../../protocol/limits'
import type { Passport } from '../../protocol/passport'
import type { RoomId } from '../../protocol/room-id'
import { decodeSignal, encodeSignal, openSignal, type Signal, sealSignal } from '../../protocol/signal'
import { isSignedBy, type Signer, signAs } from '../../protocol/signed'
import type { Clock } from '../clock'
import { ExpiringMap } from './expiring-map'
import type { Proposal } from './link'
import { SignalPace } from './signal-pace'

/** Nonces that are remembered at most; with more, nothing is answered until some are forgotten. */
const MAX_NONCES = 4_096
/** Senders of whom it is remembered when they signed last. */
const MAX_SENDERS = 500

/** A signal whose signature, passport, addressee and freshness hold. */
export interface TrustedSignal {
  readonly signal: Signal
  readonly passport: Passport
}

/** Why a signal was refused; counted by this name. */
export type SignalFault =
  | 'malformed'
  | 'misdirected'
  | 'stale'
  | 'replayed'
  | 'too-many-signals'
  | 'bad-signature'
  | 'bad-passport'

/** What an end says of itself in a signal. */
export type Statement = Proposal & { type: Signal['type']; direct: boolean; urgent: boolean }

interface Wiring {
  room: RoomId
  signer: Signer
  clock: Clock
  /** Our passport as JWT, as fresh as it is now. */
  passport(): string
  verifyPassport(jwt: string): Promise<Passport>
}

/** Makes signed offers and answers of one room, and checks those that come. */
export class Signalling {
  readonly #wiring: Wiring
  readonly #nonces = new Map<string, number>()
  readonly #pace: SignalPace
  /** The newest signal of each sender, by its own clock (ms). */
  readonly #newest: ExpiringMap<DeviceId, number>

  constructor(wiring: Wiring) {
    this.#wiring = wiring
    this.#pace = new SignalPace(wiring.clock)
    this.#newest = new ExpiringMap(wiring.clock, SIGNAL_FRESHNESS_MS, MAX_SENDERS)
  }

  /** A sealed signal of ours for `to`, ready for the room socket. */
  async make(to: DeviceId, nonce: Uint8Array<ArrayBuffer>, statement: Statement) {
    const { room, signer, clock, passport } = this.#wiring
    const common = {
      v: PROTOCOL_VERSION,
      room,
      from: signer.device,
      to,
      nonce,
      ms: clock.now(),
      passport: passport(),
    } as const
    const bytes = encodeSignal({ ...common, ...statement })
    return sealSignal(bytes, await signAs(signer, 'signal', bytes))
  }

  /**
   * The signal in an envelope that is said to come from `from`, or why it is refused. Cheapest checks first. `via`: the member
   * whose link brought it, who answers for how many there are; without, the room object passed it on.
   */
  async check(
    from: DeviceId,
    envelope: Uint8Array,
    via = from,
  ): Promise<TrustedSignal | { fault: SignalFault }> {
    if (envelope.length > MAX_SIGNAL_BYTES) return { fault: 'malformed' }
    let bytes: Uint8Array, sig: Uint8Array, signal: Signal
    try {
      ;({ bytes, sig } = openSignal(envelope))
      signal = decodeSignal(bytes)
    } catch {
      return { fault: 'malformed' }
    }
    const { room, signer, clock, verifyPassport } = this.#wiring
    if (signal.room !== room || signal.to !== signer.device || signal.from !== from || from === signer.device)
      return { fault: 'misdirected' }
    const age = clock.now() - signal.ms
    if (age > SIGNAL_FRESHNESS_MS || age < -MAX_CLOCK_AHEAD_MS) return { fault: 'stale' }
    if (this.#wasSeen(signal)) return { fault: 'replayed' }
    if (!this.#pace.admit(via)) return { fault: 'too-many-signals' }
    if (!(await isSignedBy(from, 'signal', bytes, sig))) return { fault: 'bad-signature' }
    // Once more: the same may have come twice while the first one's signature was checked.
    if (this.#wasSeen(signal)) return { fault: 'replayed' }
    this.#nonces.set(nameOf(signal), clock.now() + SIGNAL_FRESHNESS_MS + MAX_CLOCK_AHEAD_MS)
    try {
      const passport = await verifyPassport(signal.passport)
      if (passport.device !== from) return { fault: 'bad-passport' }
      return this.#isOvertaken(signal) ? { fault: 'stale' } : { signal, passport }
    } catch {
      return { fault: 'bad-passport' }
    }
  }

  /**
   * Whether an offer comes after something that its sender signed later: it is worth nothing to it any more. On its way over
   * links it may have waited behind much else; answered, it would take the place of the link that there is by now.
   */
  #isOvertaken({ from, type, ms }: Signal): boolean {
    const newest = this.#newest.get(from) ?? 0
    if (ms > newest) this.#newest.set(from, ms)
    return type === 'offer' && ms < newest
  }

  /** Each nonce is remembered for as long as a signal stays fresh: a second use is a replay. Only signed ones take room. */
  #wasSeen(signal: Signal): boolean {
    const now = this.#wiring.clock.now()
    for (const [name, until] of this.#nonces) if (until < now) this.#nonces.delete(name)
    return this.#nonces.has(nameOf(signal)) || this.#nonces.size >= MAX_NONCES
  }
}

const nameOf = ({ from, type, nonce }: Signal) => `${from} ${type} ${nonce.join()}`
