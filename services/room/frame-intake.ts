import type { DeviceId } from '../../protocol/device'
import { decodeFrame, encodeFrame, type Frame, type FrameFault } from '../../protocol/frames'
import type { Proof } from '../../protocol/proof'
import type { Link } from '../mesh/link'
import { CheckPace } from './check-pace'
import type { IntakeWiring, Outcome, Source } from './intake-wiring'
import { isUseless, LinkGuard } from './link-guard'
import { PeerScores } from './peer-scores'
import { SignedIntake } from './signed-intake'

/** Takes frames from all links of a room: gate, decode, dedupe, passport, signature; only then anything changes. */
export class FrameIntake {
  readonly #wiring: IntakeWiring
  readonly #signed: SignedIntake
  readonly #guards = new Map<DeviceId, LinkGuard>()
  readonly #scores: PeerScores
  readonly #pace: CheckPace

  constructor(wiring: IntakeWiring) {
    this.#wiring = wiring
    this.#signed = new SignedIntake(wiring)
    this.#scores = new PeerScores(wiring.clock)
    this.#pace = new CheckPace(wiring.clock)
  }

  /** Whether `peer` misbehaved so much that no link with it is wanted now. */
  isShunned(peer: DeviceId): boolean {
    return this.#scores.isShunned(peer)
  }

  /** Frames of one link are looked at one after the other, so that a presence counts before what its member says. */
  attach(peer: DeviceId, link: Link): void {
    this.detach(peer)
    const guard = new LinkGuard({
      clock: this.#wiring.clock,
      ping: () => link.send(encodeFrame({ t: 'ping' })),
      peopleCount: () => this.#wiring.facts.peopleCount(),
      offended: (offences) => this.#scores.offended(peer, offences),
      end: () => link.close(),
    })
    this.#guards.set(peer, guard)
    const source = { peer, link, guard, checks: this.#pace.forLink() }
    let before: Promise<void> = Promise.resolve()
    link.onFrame = (bytes) => {
      if (!guard.admit(bytes.length)) return
      before = before.then(() => this.#take(bytes, source)).finally(() => guard.done())
    }
  }

  detach(peer: DeviceId): void {
    this.#guards.get(peer)?.stop()
    this.#guards.delete(peer)
  }

  /** Ends every link that does not answer soon: the network changed, or the machine slept. */
  probe(): void {
    for (const guard of this.#guards.values()) guard.probe()
  }

  /** Asks every link how far its other end is. */
  measure(): void {
    for (const guard of this.#guards.values()) guard.measure()
  }

  /** The last round trip to `peer` (ms), once measured. */
  roundTrip(peer: DeviceId): number | undefined {
    return this.#guards.get(peer)?.roundTrip
  }

  /** A message that was filed another way comes as known. */
  remember(id: string): void {
    this.#signed.remember(id)
  }

  close(): void {
    for (const peer of [...this.#guards.keys()]) this.detach(peer)
  }

  async #take(bytes: Uint8Array, source: Source): Promise<void> {
    const { guard } = source
    if (guard.hasEnded) return
    const decoded = decodeFrame(bytes)
    if ('fault' in decoded) return this.#refuse(decoded.fault, guard)
    const outcome = await this.#act(decoded.frame, source)
    if (outcome === 'news') return
    if (isUseless(outcome)) return guard.useless(outcome)
    this.#refuse(outcome, guard, decoded.frame.t)
  }

  #refuse(fault: FrameFault, guard: LinkGuard, t?: Frame['t']): void {
    this.#wiring.onFault(fault)
    guard.fault(fault, t)
  }

  async #act(frame: Frame, source: Source): Promise<Outcome> {
    switch (frame.t) {
      case 'ping':
        source.link.send(encodeFrame({ t: 'pong' }))
        return 'useless'
      case 'pong':
        source.guard.ponged()
        return 'useless'
      case 'message':
      case 'presence':
      case 'typing':
        return this.#signed.take(frame, source)
      case 'ruling':
        return this.#signed.ruling(frame, source)
      case 'report':
        return this.#wiring.reports.take(frame, source.peer)
      case 'decided':
        return this.#wiring.exchange.decided(frame.ids, source.peer)
      case 'tell':
        return this.#wiring.exchange.asked(frame.ids, source.peer)
      case 'proof':
        return this.#proof(frame, source)
      case 'revoked':
        return (await this.#wiring.onRevoked(frame.revocations, source.peer)) ?? 'useless'
      case 'digest':
      case 'want':
        return (await this.#wiring.onReconciliation(frame, source.peer)) ?? 'useless'
      case 'walk':
      case 'shuffle':
      case 'shuffled':
      case 'bye':
      case 'ihave':
      case 'graft':
      case 'prune':
      case 'signal':
        if (!source.guard.admitsOverlay()) return 'useless'
        this.#wiring.onOverlay(frame, source.peer)
        return 'news'
      case 'have':
      case 'past':
        return (await this.#wiring.onReconciliation(frame, source.peer)) ?? 'news'
    }
  }

  async #proof({ t: _, ...proof }: Proof & { t: 'proof' }, { peer }: Source): Promise<Outcome> {
    const outcome = await this.#wiring.onProof(proof)
    if (typeof outcome === 'string') return outcome
    if (!outcome) return 'useless'
    this.#wiring.forward(encodeFrame({ t: 'proof', ...proof }), [peer])
    return 'news'
  }
}
