import type { DeviceId } from '../../protocol/device'
import { decodeFrame, encodeFrame, type Frame, type FrameFault } from '../../protocol/frames'
import { FORWARD_MAX_AGE_MS } from '../../protocol/limits'
import { messageId, type SignedBytes } from '../../protocol/message'
import type { Passport } from '../../protocol/passport'
import type { Presence } from '../../protocol/presence'
import type { Proof } from '../../protocol/proof'
import type { Typing } from '../../protocol/typing'
import type { Clock } from '../clock'
import type { LoggedMessage } from '../log/logged-message'
import type { ReconciliationFrame } from '../log/reconciler'
import type { Link } from '../mesh/link'
import { type CheckBudget, CheckPace } from './check-pace'
import { checkMessage, checkPresence, checkTyping, type RoomFacts } from './frame-check'
import { isUseless, LinkGuard, type Useless } from './link-guard'
import { PeerScores } from './peer-scores'
import { RecentIds } from './recent-ids'

/** Ids of messages that were accepted, longer than any can stay fresh at chat rates. */
const REMEMBERED_MESSAGES = 20_000

type Fault = FrameFault | undefined
/** What came of a frame: something new, nothing, or what was wrong with it. */
type Outcome = 'news' | Useless | FrameFault

/** A link as this sees it. */
interface Source {
  readonly peer: DeviceId
  readonly link: Link
  readonly guard: LinkGuard
  readonly checks: CheckBudget
}

interface Wiring {
  clock: Clock
  facts: RoomFacts
  /** Returns whether it is worth passing on. */
  onMessage(message: LoggedMessage, from: DeviceId): boolean
  /** Returns whether this was news, and so is worth passing on. */
  onPresence(presence: Presence, passport: Passport, signed: SignedBytes): boolean
  /** Returns whether this was news. */
  onTyping(typing: Typing): boolean
  /** Checks the proof; resolves to whether it was news, or to what is wrong with it. */
  onProof(proof: Proof): Promise<boolean | FrameFault>
  onReconciliation(frame: ReconciliationFrame, from: DeviceId): Promise<Fault>
  /** Takes revocations, and passes those that are news on. */
  onRevoked(revocations: readonly string[], from: DeviceId): Promise<Fault>
  /** Pass an accepted frame on to everyone but those who have it. */
  forward(frame: Uint8Array<ArrayBuffer>, except: DeviceId[]): void
  onFault(fault: FrameFault): void
}

/** Takes frames from all links of a room: gate, decode, dedupe, passport, signature; only then anything changes. */
export class FrameIntake {
  readonly #wiring: Wiring
  readonly #accepted = new RecentIds(REMEMBERED_MESSAGES)
  readonly #guards = new Map<DeviceId, LinkGuard>()
  readonly #scores: PeerScores
  readonly #pace: CheckPace

  constructor(wiring: Wiring) {
    this.#wiring = wiring
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

  /** A message that was filed another way comes as known. */
  remember(id: string): void {
    this.#accepted.add(id)
  }

  close(): void {
    for (const peer of [...this.#guards.keys()]) this.detach(peer)
  }

  async #take(bytes: Uint8Array, source: Source): Promise<void> {
    const { guard } = source
    if (guard.hasEnded) return
    const decoded = decodeFrame(bytes)
    const outcome = 'fault' in decoded ? decoded.fault : await this.#act(decoded.frame, source)
    if (outcome === 'news') return
    if (isUseless(outcome)) return guard.useless(outcome)
    this.#wiring.onFault(outcome)
    guard.fault(outcome)
  }

  async #act(frame: Frame, source: Source): Promise<Outcome> {
    switch (frame.t) {
      case 'ping':
        source.link.send(encodeFrame({ t: 'pong' }))
        return 'useless'
      case 'pong':
        return 'useless'
      case 'message':
        return this.#message(frame, source)
      case 'presence':
        return this.#presence(frame, source)
      case 'typing':
        return this.#typing(frame, source)
      case 'proof':
        return this.#proof(frame, source)
      case 'revoked':
        return (await this.#wiring.onRevoked(frame.revocations, source.peer)) ?? 'useless'
      case 'digest':
      case 'want':
        return (await this.#wiring.onReconciliation(frame, source.peer)) ?? 'useless'
      case 'have':
      case 'past':
        return (await this.#wiring.onReconciliation(frame, source.peer)) ?? 'news'
    }
  }

  async #message({ bytes, sig }: SignedBytes, { peer, guard, checks }: Source): Promise<Outcome> {
    const id = await messageId(bytes)
    if (!guard.isFirst(id)) return 'replayed'
    if (this.#accepted.has(id)) return 'known'
    const checked = await checkMessage(id, { bytes, sig }, this.#wiring.facts, checks.take)
    if (checked === 'known' || checked === 'useless') return checked
    if ('fault' in checked) {
      // It knows that it contradicted itself. Others may not have heard of it.
      if (checked.by === peer) guard.offend()
      return checked.fault
    }
    const { message } = checked
    // Another link may have brought it while the signature was checked.
    const isNews = this.#accepted.add(id) && this.#wiring.onMessage(message, peer)
    if (!isNews) return 'known'
    checks.refund()
    this.#passOn({ t: 'message', bytes, sig }, message.time.ms, peer, message.device)
    return 'news'
  }

  async #presence({ bytes, sig }: SignedBytes, { peer, guard, checks }: Source): Promise<Outcome> {
    if (!guard.isFirst(await messageId(bytes))) return 'replayed'
    const checked = await checkPresence({ bytes, sig }, this.#wiring.facts, checks.take)
    if (checked === 'known') return 'known-member'
    if (checked === 'useless') return checked
    if ('fault' in checked) {
      // No signature was looked at.
      if (checked.fault === 'unknown-key') checks.refund()
      return checked.fault
    }
    const { presence, passport } = checked
    if (!this.#wiring.onPresence(presence, passport, { bytes, sig })) return 'useless'
    checks.refund()
    this.#passOn({ t: 'presence', bytes, sig }, presence.ms, peer, presence.device)
    return 'news'
  }

  async #typing({ bytes, sig }: SignedBytes, { peer, guard }: Source): Promise<Outcome> {
    if (!guard.admitsTyping()) return 'useless'
    if (!guard.isFirst(await messageId(bytes))) return 'replayed'
    const checked = await checkTyping({ bytes, sig }, this.#wiring.facts)
    if (checked === 'known' || checked === 'useless') return checked
    if ('fault' in checked) return checked.fault
    const { typing } = checked
    if (!this.#wiring.onTyping(typing)) return 'useless'
    this.#passOn({ t: 'typing', bytes, sig }, typing.ms, peer, typing.device)
    return 'news'
  }

  async #proof({ t: _, ...proof }: Proof & { t: 'proof' }, { peer }: Source): Promise<Outcome> {
    const outcome = await this.#wiring.onProof(proof)
    if (typeof outcome === 'string') return outcome
    if (!outcome) return 'useless'
    this.#wiring.forward(encodeFrame({ t: 'proof', ...proof }), [peer])
    return 'news'
  }

  /** Only while it is fresh, so that the next one never finds it stale. */
  #passOn(frame: Frame, ms: number, ...has: DeviceId[]): void {
    if (this.#wiring.clock.now() - ms < FORWARD_MAX_AGE_MS) this.#wiring.forward(encodeFrame(frame), has)
  }
}
