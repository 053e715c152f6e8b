import type { DeviceId } from '../../protocol/device'
import type { Signal } from '../../protocol/signal'
import type { Attempt, Carriage, DiallerWiring, Nonce } from './attempt'
import { ExpiringMap } from './expiring-map'
import { iceTerms, isTurnLocal } from './ice-servers'
import { type Link, type PendingLink, type Proposal, WRONG_FINGERPRINT } from './link'
import { admitted, released } from './proposals'
import { remoteSdp } from './sdp-policy'
import type { Statement, TrustedSignal } from './signalling'
import type { Way } from './way'

/** A link that is not open after this long is given up: offer, two trips through the room object, ICE, DTLS. */
export const DIAL_DEADLINE_MS = 15_000
/** A peer is told no this often at most: each costs a signature. */
export const DECLINE_EVERY_MS = 3_000
const MAX_DECLINED = 500

/** Sets up links: at most one attempt per peer, either ours or an answer to theirs, the best way that both ends' terms leave. */
export class Dialler {
  readonly #wiring: DiallerWiring
  readonly #attempts = new Map<DeviceId, Attempt>()
  readonly #declined: ExpiringMap<DeviceId, true>

  constructor(wiring: DiallerWiring) {
    this.#wiring = wiring
    this.#declined = new ExpiringMap(wiring.clock, DECLINE_EVERY_MS, MAX_DECLINED)
  }

  has(peer: DeviceId): boolean {
    return this.#attempts.has(peer)
  }

  /**
   * `fallsBack`: whether a peer that declines WebRTC is offered a link through the room object instead; `isUrgent`: whether
   * it is asked to make room for us.
   */
  dial(peer: DeviceId, { fallsBack = true, isUrgent = true } = {}): void {
    const { terms, signalling } = this.#wiring
    this.#offer(peer, terms.wayTo(peer, signalling.canSealFor(peer)), { fallsBack, isUrgent })
  }

  /** Answers an offer that has been checked; one that leaves no way is declined. */
  accept({ signal }: TrustedSignal): void {
    const { hub, links, terms, signalling } = this.#wiring
    const { from } = signal
    const nonce = new Uint8Array(signal.nonce)
    if (signal.via === 'hub')
      return this.#begin(from, hub.answer(from, nonce, new Uint8Array(signal.key)), nonce, { via: 'hub' })
    const policy = terms.policyFor(from, signal.direct && signalling.canSealFor(from))
    const sdp = policy && remoteSdp(signal.sdp, policy, isTurnLocal(terms.iceServers))
    if (!policy || sdp === undefined) {
      this.abandon(from)
      return this.#decline(from, nonce)
    }
    this.#begin(from, links.answer(iceTerms(policy, terms.iceServers), sdp), nonce, { via: 'rtc', policy })
  }

  /** Takes a checked answer to our offer, or a no; one that fits no offer of ours does nothing. */
  answered({ signal }: TrustedSignal): void {
    const attempt = this.#attempts.get(signal.from)
    if (!attempt || attempt.isAnswered || !isSame(attempt.nonce, signal)) return
    if (signal.type === 'decline') return this.#fallBack(signal, attempt)
    if (signal.type === 'full') {
      this.abandon(signal.from)
      return this.#wiring.onFull(signal.from)
    }
    if (!this.#isAllowed(signal.from, attempt.way)) return this.#giveUp(signal.from, attempt)
    const proposal = admitted(signal, attempt.way, this.#wiring.terms.iceServers)
    if (!proposal) return this.#fail(signal.from, attempt)
    attempt.isAnswered = true
    attempt.pending.answered(proposal)
  }

  /** The room object knows no such member: no use in waiting. */
  absent(peer: DeviceId): void {
    const attempt = this.#attempts.get(peer)
    if (attempt && !attempt.isAnswered) this.#giveUp(peer, attempt)
  }

  /** Ends what was begun with `peers` on the word of both that direct links are welcome, where that holds no longer. */
  termsChanged(peers: readonly DeviceId[] = [...this.#attempts.keys()]): void {
    for (const peer of peers) {
      const attempt = this.#attempts.get(peer)
      if (attempt && !this.#isAllowed(peer, attempt.way)) this.#giveUp(peer, attempt)
    }
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

  /** Tells who made a checked offer that there is no place free. */
  refuse({ signal }: TrustedSignal): void {
    const { from } = signal
    if (this.#declined.get(from)) return
    this.#declined.set(from, true)
    this.#say(from, new Uint8Array(signal.nonce), 'full')
  }

  #offer(peer: DeviceId, way: Way, ours: Pick<Attempt, 'fallsBack' | 'isUrgent'>): void {
    const { hub, links, terms } = this.#wiring
    const nonce = crypto.getRandomValues(new Uint8Array(16))
    const pending =
      way.via === 'hub' ? hub.offer(peer, nonce) : links.offer(iceTerms(way.policy, terms.iceServers))
    this.#begin(peer, pending, nonce, way, ours)
  }

  /** `ours`: only for an offer; without, the attempt answers the peer's. */
  #begin(
    peer: DeviceId,
    pending: PendingLink,
    nonce: Nonce,
    way: Way,
    ours?: Pick<Attempt, 'fallsBack' | 'isUrgent'>,
  ): void {
    this.abandon(peer)
    const attempt: Attempt = {
      pending,
      nonce,
      way,
      role: ours ? 'offer' : 'answer',
      fallsBack: ours?.fallsBack ?? false,
      isUrgent: ours?.isUrgent ?? false,
      cancelDeadline: this.#wiring.clock.after(DIAL_DEADLINE_MS, () => this.#fail(peer, attempt)),
      isAnswered: !ours,
      isSent: false,
    }
    this.#attempts.set(peer, attempt)
    this.#signal(peer, attempt).catch(() => this.#fail(peer, attempt))
    pending.opened.then(
      (link) => this.#opened(peer, attempt, link),
      (error: unknown) => {
        if (this.#attempts.get(peer) !== attempt) return
        if (error instanceof Error && error.cause === WRONG_FINGERPRINT) this.#wiring.onWrongFingerprint(peer)
        this.#fail(peer, attempt)
      },
    )
  }

  async #signal(peer: DeviceId, attempt: Attempt): Promise<void> {
    const { way, role, isUrgent } = attempt
    const proposal = released(await attempt.pending.proposal.catch(() => undefined), way)
    if (this.#attempts.get(peer) !== attempt) return
    if (!proposal || !this.#isAllowed(peer, way)) return this.#fail(peer, attempt)
    const isWanted = () => this.#attempts.get(peer) === attempt
    const words = { type: role, urgent: isUrgent, ...proposal }
    const isUnanswered = role === 'offer' ? () => isWanted() && !attempt.isAnswered : undefined
    const betrays = way.via === 'rtc' && way.policy === 'all'
    const envelope = { nonce: attempt.nonce, betrays }
    attempt.isSent = await this.#send(peer, envelope, words, isWanted, { isUnanswered })
    if (!attempt.isSent) this.#giveUp(peer, attempt)
  }

  /** Says no, so that the peer need not wait for its deadline before it tries the room object. */
  #decline(peer: DeviceId, nonce: Nonce): void {
    if (this.#declined.get(peer)) return this.#wiring.onFail(peer)
    this.#declined.set(peer, true)
    this.#say(peer, nonce, 'decline')
    this.#wiring.onDecline(peer)
  }

  #say(peer: DeviceId, nonce: Nonce, type: 'decline' | 'full'): void {
    const words = { type, urgent: false, via: 'hub', key: new Uint8Array(32) } as const
    this.#send(peer, { nonce, betrays: false }, words).catch(() => {})
  }

  /**
   * Signs, seals and sends, unless it is no longer `wanted` by then, or our terms changed meanwhile. `betrays`: addresses of
   * ours are in it.
   */
  async #send(
    peer: DeviceId,
    { nonce, betrays }: { nonce: Nonce; betrays: boolean },
    words: Omit<Statement, 'direct'> & Proposal,
    wanted = () => true,
    carriage: Carriage = {},
  ) {
    const { signalling, terms, sendSignal } = this.#wiring
    const { direct } = terms
    const envelope = await signalling.make(peer, nonce, { ...words, direct }, betrays)
    return wanted() && direct === terms.direct && sendSignal(peer, envelope, carriage)
  }

  #fallBack(signal: Signal, attempt: Attempt): void {
    const { from, via } = signal
    if (attempt.way.via === 'hub' || via !== 'hub' || !attempt.fallsBack) return this.#fail(from, attempt)
    this.#wiring.terms.rtcFailed(from, true)
    this.#offer(from, { via: 'hub' }, { fallsBack: false, isUrgent: attempt.isUrgent })
  }

  #isAllowed(peer: DeviceId, way: Way): boolean {
    return way.via === 'hub' || way.policy === 'relay' || this.#wiring.terms.areAgreed(peer)
  }

  #opened(peer: DeviceId, attempt: Attempt, link: Link): void {
    if (this.#attempts.get(peer) !== attempt || !attempt.isAnswered || !this.#isAllowed(peer, attempt.way)) {
      link.close()
      return this.#giveUp(peer, attempt)
    }
    this.#forget(peer, attempt)
    if (attempt.way.via === 'rtc') this.#wiring.terms.rtcOpened(peer)
    this.#wiring.onOpen(peer, link, attempt.way, attempt.role === 'offer')
  }

  #fail(peer: DeviceId, attempt: Attempt): void {
    if (this.#attempts.get(peer) !== attempt) return
    if (attempt.way.via === 'rtc') this.#wiring.terms.rtcFailed(peer, attempt.isAnswered)
    this.#giveUp(peer, attempt)
  }

  /** Ends an attempt that says nothing about whether WebRTC passes. A peer that waits for our answer is told. */
  #giveUp(peer: DeviceId, attempt: Attempt): void {
    if (this.#attempts.get(peer) !== attempt) return
    this.abandon(peer)
    if (attempt.role === 'answer' && !attempt.isSent) this.#decline(peer, attempt.nonce)
    else this.#wiring.onFail(peer)
  }

  #forget(peer: DeviceId, attempt: Attempt): void {
    attempt.cancelDeadline()
    this.#attempts.delete(peer)
  }
}

const isSame = (nonce: Uint8Array, signal: Signal) =>
  nonce.every((byte, index) => signal.nonce[index] === byte)
