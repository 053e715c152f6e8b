import type { DeviceId } from '../../protocol/device'
import type { Signal } from '../../protocol/signal'
import type { Clock } from '../clock'
import type { Link, LinkMaker, PendingLink } from './link'
import type { Signalling, TrustedSignal } from './signalling'

/** A link that is not open after this long is given up: offer, two trips through the room object, ICE, DTLS. */
export const DIAL_DEADLINE_MS = 15_000

interface Attempt {
  readonly pending: PendingLink
  readonly nonce: Uint8Array<ArrayBuffer>
  readonly cancelDeadline: () => void
  /** Whether the peer has shown who it is: by its checked offer, or by its checked answer. */
  isAnswered: boolean
}

interface Wiring {
  clock: Clock
  signalling: Signalling
  links: LinkMaker
  /** Hands a sealed signal to whoever can carry it to `to`; `false` when nobody can now. */
  sendSignal(to: DeviceId, envelope: Uint8Array<ArrayBuffer>): boolean
  onOpen(peer: DeviceId, link: Link): void
  /** The attempt came to nothing; not called after `abandon`. */
  onFail(peer: DeviceId): void
}

/** Sets up links: at most one attempt per peer, either ours or an answer to theirs. */
export class Dialler {
  readonly #wiring: Wiring
  readonly #attempts = new Map<DeviceId, Attempt>()

  constructor(wiring: Wiring) {
    this.#wiring = wiring
  }

  dial(peer: DeviceId): void {
    const nonce = crypto.getRandomValues(new Uint8Array(16))
    this.#begin(peer, this.#wiring.links.offer(), nonce, false)
  }

  /** Answers an offer that has been checked. */
  accept({ signal }: TrustedSignal): void {
    const nonce = new Uint8Array(signal.nonce)
    this.#begin(signal.from, this.#wiring.links.answer({ type: 'offer', sdp: signal.sdp }), nonce, true)
  }

  /** Takes a checked answer to our offer; one that fits no offer of ours does nothing. */
  answered({ signal }: TrustedSignal): void {
    const attempt = this.#attempts.get(signal.from)
    if (!attempt || attempt.isAnswered || !isSame(attempt.nonce, signal)) return
    attempt.isAnswered = true
    attempt.pending.answered({ type: 'answer', sdp: signal.sdp })
  }

  /** The room object knows no such member: no use in waiting. */
  absent(peer: DeviceId): void {
    const attempt = this.#attempts.get(peer)
    if (attempt && !attempt.isAnswered) this.#fail(peer, attempt)
  }

  abandon(peer: DeviceId): void {
    const attempt = this.#attempts.get(peer)
    if (!attempt) return
    this.#forget(peer, attempt)
    attempt.pending.abandon()
  }

  close(): void {
    for (const peer of [...this.#attempts.keys()]) this.abandon(peer)
  }

  #begin(peer: DeviceId, pending: PendingLink, nonce: Uint8Array<ArrayBuffer>, isAnswered: boolean): void {
    this.abandon(peer)
    const cancelDeadline = this.#wiring.clock.after(DIAL_DEADLINE_MS, () => this.#fail(peer, attempt))
    const attempt: Attempt = { pending, nonce, cancelDeadline, isAnswered }
    this.#attempts.set(peer, attempt)
    this.#signal(peer, attempt).catch(() => this.#fail(peer, attempt))
    pending.opened.then(
      (link) => this.#opened(peer, attempt, link),
      () => this.#fail(peer, attempt),
    )
  }

  async #signal(peer: DeviceId, attempt: Attempt): Promise<void> {
    const description = await attempt.pending.description
    const envelope = await this.#wiring.signalling.make(peer, attempt.nonce, description)
    if (this.#attempts.get(peer) !== attempt) return
    if (!this.#wiring.sendSignal(peer, envelope)) this.#fail(peer, attempt)
  }

  #opened(peer: DeviceId, attempt: Attempt, link: Link): void {
    if (this.#attempts.get(peer) !== attempt || !attempt.isAnswered) return link.close()
    this.#forget(peer, attempt)
    this.#wiring.onOpen(peer, link)
  }

  #fail(peer: DeviceId, attempt: Attempt): void {
    if (this.#attempts.get(peer) !== attempt) return
    this.abandon(peer)
    this.#wiring.onFail(peer)
  }

  #forget(peer: DeviceId, attempt: Attempt): void {
    attempt.cancelDeadline()
    this.#attempts.delete(peer)
  }
}

const isSame = (nonce: Uint8Array, signal: Signal) =>
  nonce.every((byte, index) => signal.nonce[index] === byte)
