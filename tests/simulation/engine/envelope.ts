import type { DeviceId } from '../../../protocol/device'
import { SIGNAL_FRESHNESS_MS } from '../../../protocol/limits'

/** A sealed offer or answer. */
export interface Envelope {
  readonly kind: 'offer' | 'answer' | 'full'
  readonly from: DeviceId
  readonly to: DeviceId
  readonly urgent: boolean
  readonly sealedAt: number
  /** Who made it: an attempt of the offering end; for an answer, that of the answering end, too. */
  readonly offer: Proposal
  readonly answer?: Proposal
  /** Whether its addressee took it: a second time it is a replay. */
  isSeen: boolean
}

/** One end's part in setting up a link. */
export interface Proposal {
  readonly peer: DeviceId
}

/** Envelopes as the bytes that the overlay carries: here, their numbers. What is stale is forgotten. */
export class Post {
  readonly #envelopes = new Map<number, Envelope>()
  readonly #numbers = new WeakMap<Envelope, number>()
  #sealed = 0

  seal(envelope: Envelope): Uint8Array<ArrayBuffer> {
    const number = this.#numbers.get(envelope) ?? this.#sealed++
    this.#numbers.set(envelope, number)
    this.#envelopes.set(number, envelope)
    for (const [oldest, { sealedAt }] of this.#envelopes) {
      if (envelope.sealedAt - sealedAt < 2 * SIGNAL_FRESHNESS_MS) break
      this.#envelopes.delete(oldest)
    }
    return new Uint8Array(new Uint32Array([number]).buffer)
  }

  open(data: Uint8Array<ArrayBuffer>): Envelope | undefined {
    const [number = -1] = new Uint32Array(data.slice().buffer)
    return this.#envelopes.get(number)
  }
}
