import { fromBase64Url } from '../../protocol/bytes'
import type { DeviceId } from '../../protocol/device'
import { MAX_CLOCK_AHEAD_MS, PROTOCOL_VERSION, SIGNAL_FRESHNESS_MS } from '../../protocol/limits'
import type { SignedBytes } from '../../protocol/message'
import type { Passport } from '../../protocol/passport'
import type { RoomId } from '../../protocol/room-id'
import { type Opener, sealFor } from '../../protocol/sealed'
import {
  decodeEnvelope,
  decodeSignal,
  type Envelope,
  encodeSignal,
  openSigned,
  type SealedSignal,
  type Signal,
  sealedEnvelope,
  signedEnvelope,
} from '../../protocol/signal'
import { isSignedBy, type Signer, signAs } from '../../protocol/signed'
import type { Clock } from '../clock'
import { ExpiringMap } from './expiring-map'
import type { Proposal } from './link'
import { SealKeys } from './seal-keys'
import { SignalPace } from './signal-pace'

/** Nonces that are remembered at most; with more, nothing is answered until some are forgotten. */
const MAX_NONCES = 4_096
/** Senders of whom it is remembered when they signed last. */
const MAX_SENDERS = 500
/** Sealed signals that are known without being opened when they come again. */
const MAX_SEALED = 500

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
  /** Not sealed to us by whom it is said to come from: somebody on the way changed or made it. */
  | 'bad-seal'
  | 'bad-signature'
  | 'bad-passport'

/** What an end says of itself in a signal. */
export type Statement = Proposal & { type: Signal['type']; direct: boolean; urgent: boolean }

interface Wiring {
  room: RoomId
  signer: Signer
  opener: Opener
  clock: Clock
  /** Our passport as JWT, as fresh as it is now. */
  passport(): string
  verifyPassport(jwt: string): Promise<Passport>
}

/** Makes signed offers and answers of one room, sealed to their addressees as far as their keys are known, and checks those that come. */
export class Signalling {
  readonly #wiring: Wiring
  readonly #nonces = new Map<string, number>()
  readonly #pace: SignalPace
  /** The newest signal of each sender, by its own clock (ms). */
  readonly #newest: ExpiringMap<DeviceId, number>
  readonly #keys: SealKeys
  /** Sealed signals that turned out to be what they should be. */
  readonly #opened: ExpiringMap<string, true>

  constructor(wiring: Wiring) {
    this.#wiring = wiring
    this.#pace = new SignalPace(wiring.clock)
    this.#newest = new ExpiringMap(wiring.clock, SIGNAL_FRESHNESS_MS, MAX_SENDERS)
    this.#keys = new SealKeys(wiring.clock)
    this.#opened = new ExpiringMap(wiring.clock, SIGNAL_FRESHNESS_MS + MAX_CLOCK_AHEAD_MS, MAX_SEALED)
  }

  /** `peer` showed its X25519 public key itself, signed, at `ms` of its clock. */
  heardKey(peer: DeviceId, key: Uint8Array, ms: number): void {
    this.#keys.heard(peer, key, ms)
  }

  /** Whether what we say to `peer` can be sealed, so that nobody else reads it. */
  canSealFor(peer: DeviceId): boolean {
    return this.#keys.of(peer) !== undefined
  }

  /**
   * A signal of ours for `to`, as it may be passed on. One that `betrays` our addresses is sealed, or not made. Throws where the
   * key of `to` is needed and not known, or is none.
   */
  async make(
    to: DeviceId,
    nonce: Uint8Array<ArrayBuffer>,
    statement: Statement,
    betrays = false,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const { room, signer, clock, passport } = this.#wiring
    const from = signer.device
    const key = this.#keys.of(to)
    if (betrays && !key) throw new RangeError('no key to seal it under')
    const common = {
      v: PROTOCOL_VERSION,
      room,
      from,
      to,
      nonce,
      ms: clock.now(),
      passport: passport(),
    } as const
    const bytes = encodeSignal({ ...common, ...statement })
    const signed = signedEnvelope(bytes, await signAs(signer, 'signal', bytes))
    return key ? sealedEnvelope(await sealFor(key, { room, from, to }, signed)) : signed
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
    let parts: Envelope
    try {
      parts = decodeEnvelope(envelope)
    } catch {
      return { fault: 'malformed' }
    }
    const isAdmitted = () => this.#pace.admit(via)
    return 'box' in parts
      ? this.#checkSealed(from, parts, isAdmitted)
      : this.#checkSigned(from, parts, isAdmitted)
  }

  /** To open it costs more than all that can be looked at before: it was not opened before, and there are not too many. */
  async #checkSealed(
    from: DeviceId,
    sealed: SealedSignal,
    isAdmitted: () => boolean,
  ): Promise<TrustedSignal | { fault: SignalFault }> {
    const { room, signer, opener } = this.#wiring
    const name = `${from} ${sealed.enc.join()}`
    if (this.#opened.get(name)) return { fault: 'replayed' }
    if (!isAdmitted()) return { fault: 'too-many-signals' }
    let signed: SignedBytes
    try {
      signed = openSigned(await opener.open(sealed, { room, from, to: signer.device }))
    } catch {
      return { fault: 'bad-seal' }
    }
    const checked = await this.#checkSigned(from, signed, () => true)
    // Others may have put the same key before something else.
    if ('signal' in checked) this.#opened.set(name, true)
    return checked
  }

  async #checkSigned(
    from: DeviceId,
    { bytes, sig }: SignedBytes,
    isAdmitted: () => boolean,
  ): Promise<TrustedSignal | { fault: SignalFault }> {
    let signal: Signal
    try {
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
    if (!isAdmitted()) return { fault: 'too-many-signals' }
    if (!(await isSignedBy(from, 'signal', bytes, sig))) return { fault: 'bad-signature' }
    // Once more: the same may have come twice while the first one's signature was checked.
    if (this.#wasSeen(signal)) return { fault: 'replayed' }
    this.#nonces.set(nameOf(signal), clock.now() + SIGNAL_FRESHNESS_MS + MAX_CLOCK_AHEAD_MS)
    try {
      const passport = await verifyPassport(signal.passport)
      if (passport.device !== from) return { fault: 'bad-passport' }
      if (this.#isOvertaken(signal)) return { fault: 'stale' }
      this.#keys.heard(from, fromBase64Url(passport.seal), signal.ms)
      return { signal, passport }
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
