import { type SignedTerms, signConsent } from '../../protocol/consent'
import type { RoomId } from '../../protocol/room-id'
import type { Opener } from '../../protocol/sealed'
import type { Signer } from '../../protocol/signed'
import type { Clock } from '../clock'

/** One that is signed serves for so long (ms), and until it says something else. */
const SERVES_MS = 60 * 60_000

interface Wiring {
  room: RoomId
  signer: Signer
  clock: Clock
  opener: Opener
  /** Whether the viewer agrees to direct links. */
  direct(): boolean
}

/** This device's signed word on direct links, and on the key to seal to, for the room object to hand out. */
export class OwnConsent {
  readonly #wiring: Wiring
  #signed: { readonly direct: boolean; readonly at: number; readonly terms: Promise<SignedTerms> } | undefined

  constructor(wiring: Wiring) {
    this.#wiring = wiring
  }

  /** As it is now. */
  terms(): Promise<SignedTerms> {
    const { room, signer, clock, opener } = this.#wiring
    const direct = this.#wiring.direct()
    const at = clock.now()
    const serves = this.#signed?.direct === direct && Math.abs(at - this.#signed.at) < SERVES_MS
    if (!this.#signed || !serves) {
      const words = { direct, ms: at, seal: opener.key }
      this.#signed = { direct, at, terms: signConsent(signer, room, words) }
    }
    return this.#signed.terms
  }
}
