import type { DeviceId } from '../../protocol/device'
import { MAX_CLOCK_AHEAD_MS, PROTOCOL_VERSION, SIGNAL_FRESHNESS_MS } from '../../protocol/limits'
import type { Passport } from '../../protocol/passport'
import type { RoomId } from '../../protocol/room-id'
import { decodeSignal, encodeSignal, openSignal, type Signal, sealSignal } from '../../protocol/signal'
import { isSignedBy, type Signer, signAs } from '../../protocol/signed'
import type { Clock } from '../clock'
import type { SessionDescription } from './link'

/** An offer or answer whose signature, passport, addressee and freshness hold. */
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
  | 'bad-signature'
  | 'bad-passport'

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

  constructor(wiring: Wiring) {
    this.#wiring = wiring
  }

  /** A sealed signal of ours for `to`, ready for the room socket. */
  async make(to: DeviceId, nonce: Uint8Array<ArrayBuffer>, description: SessionDescription) {
    const { room, signer, clock, passport } = this.#wiring
    const bytes = encodeSignal({
      v: PROTOCOL_VERSION,
      room,
      from: signer.device,
      to,
      nonce,
      ms: clock.now(),
      type: description.type,
      sdp: description.sdp,
      passport: passport(),
    })
    return sealSignal(bytes, await signAs(signer, 'signal', bytes))
  }

  /** The signal in an envelope that the room object says came from `from`, or why it is refused. Cheapest checks first. */
  async check(from: DeviceId, envelope: Uint8Array): Promise<TrustedSignal | { fault: SignalFault }> {
    let bytes: Uint8Array, sig: Uint8Array, signal: Signal
    try {
      ;({ bytes, sig } = openSignal(envelope))
      signal = decodeSignal(bytes)
    } catch {
      return { fault: 'malformed' }
    }
    const { room, signer, clock, verifyPassport } = this.#wiring
    if (signal.room !== room || signal.to !== signer.device || signal.from !== from)
      return { fault: 'misdirected' }
    const age = clock.now() - signal.ms
    if (age > SIGNAL_FRESHNESS_MS || age < -MAX_CLOCK_AHEAD_MS) return { fault: 'stale' }
    if (!(await isSignedBy(from, 'signal', bytes, sig))) return { fault: 'bad-signature' }
    if (!this.#isFirst(signal)) return { fault: 'replayed' }
    try {
      const passport = await verifyPassport(signal.passport)
      return passport.device === from ? { signal, passport } : { fault: 'bad-passport' }
    } catch {
      return { fault: 'bad-passport' }
    }
  }

  /** Remembers each nonce for as long as a signal stays fresh: a second use is a replay. */
  #isFirst({ from, nonce, type }: Signal): boolean {
    const now = this.#wiring.clock.now()
    for (const [key, until] of this.#nonces) if (until < now) this.#nonces.delete(key)
    const key = `${from} ${type} ${nonce.join()}`
    if (this.#nonces.has(key)) return false
    this.#nonces.set(key, now + SIGNAL_FRESHNESS_MS + MAX_CLOCK_AHEAD_MS)
    return true
  }
}
