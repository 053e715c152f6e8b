import type { DeviceId } from '../../protocol/device'
import type { Frame } from '../../protocol/frames'
import { FORWARD_MAX_AGE_MS } from '../../protocol/limits'
import { type MessageId, messageId, type SignedBytes } from '../../protocol/message'
import type { Presence } from '../../protocol/presence'
import type { HeldRuling } from '../../protocol/ruling-history'
import { CHECK_WAIT_MS } from './check-pace'
import { ChecksUnderWay } from './checks-under-way'
import {
  checkMessage,
  checkPresence,
  checkTyping,
  isOutrun,
  type ReadMessage,
  readMessage,
  readPresence,
} from './frame-check'
import type { IntakeWiring, Outcome, Source } from './intake-wiring'
import { RecentIds } from './recent-ids'

/** Ids of messages that were accepted, longer than any can stay fresh at chat rates. */
const REMEMBERED_MESSAGES = 20_000
/** Words of being here that were looked at: each link brings them at about the same time. */
const REMEMBERED_WORDS = 5_000

type Wiring = Pick<IntakeWiring, 'clock' | 'facts' | 'onMessage' | 'onPresence' | 'onTyping' | 'rulings'> & {
  forward(frame: Frame, except: DeviceId[]): void
}

/** Takes what members signed, from whichever link it comes: each word is checked once, and counts once. */
export class SignedIntake {
  readonly #wiring: Wiring
  readonly #accepted = new RecentIds(REMEMBERED_MESSAGES)
  readonly #words = new RecentIds(REMEMBERED_WORDS)
  readonly #underWay = new ChecksUnderWay()

  constructor(wiring: Wiring) {
    this.#wiring = wiring
  }

  /** A message that was filed another way comes as known. */
  remember(id: string): void {
    this.#accepted.add(id)
  }

  /** Here and below: a frame is more than what was signed, which alone is kept. */
  async message({ bytes, sig }: SignedBytes, source: Source): Promise<Outcome> {
    const signed = { bytes, sig }
    const id = await messageId(signed.bytes)
    if (!source.guard.isFirst(id)) return 'replayed'
    return this.#inTurn(id, source, () => {
      if (this.#accepted.has(id)) return 'known'
      const read = readMessage(signed, this.#wiring.facts)
      if (!('fault' in read)) return () => this.#checkMessage(id, read, signed, source)
      // It knows that it contradicted itself. Others may not have heard of it.
      if (read.by === source.peer) source.guard.offend()
      return read.fault
    })
  }

  async #checkMessage(
    id: MessageId,
    read: ReadMessage,
    signed: SignedBytes,
    { peer, checks }: Source,
  ): Promise<Outcome> {
    const checked = await checkMessage(id, read, signed, this.#wiring.facts)
    if ('fault' in checked) return checked.fault
    const { message } = checked
    // It may have come another way while the signature was checked.
    const isFirst = this.#accepted.add(id)
    if (isFirst && !this.#wiring.onMessage(message, peer)) return 'known'
    checks.refund()
    if (!isFirst) return 'known'
    this.#passOn({ t: 'message', ...signed }, message.time.ms, peer, message.device)
    return 'news'
  }

  async presence({ bytes, sig }: SignedBytes, source: Source): Promise<Outcome> {
    const signed = { bytes, sig }
    const id = await messageId(signed.bytes)
    if (!source.guard.isFirst(id)) return 'replayed'
    return this.#inTurn(id, source, () => {
      if (this.#words.has(id)) return 'echo'
      const read = readPresence(signed, this.#wiring.facts)
      if (read === 'known') return 'known-member'
      return 'fault' in read ? read.fault : () => this.#checkPresence(id, read.presence, signed, source)
    })
  }

  async #checkPresence(
    id: MessageId,
    presence: Presence,
    signed: SignedBytes,
    { peer, checks }: Source,
  ): Promise<Outcome> {
    const { facts, onPresence } = this.#wiring
    const checked = await checkPresence(presence, signed, facts)
    if ('fault' in checked) {
      // No signature was looked at.
      if (checked.fault === 'unknown-key' || checked.fault === 'unlinked') checks.refund()
      return checked.fault
    }
    // Another link may have brought a newer one while the signature was checked.
    const isLate = isOutrun(presence, facts)
    const isNews = !isLate && onPresence(presence, checked.passport, signed)
    // Whoever left is no member by whom the same word from the next link would be known.
    if (isNews || presence.state === 'left') this.#words.add(id)
    if (isNews || isLate) checks.refund()
    if (isLate) return 'known-member'
    if (!isNews) return presence.device === peer ? 'excess' : 'useless'
    this.#passOn({ t: 'presence', ...signed }, presence.ms, peer, presence.device)
    return 'news'
  }

  async ruling({ bytes, sig }: SignedBytes, source: Source): Promise<Outcome> {
    const id = await messageId(bytes)
    if (!source.guard.isFirst(id)) return 'replayed'
    return this.#inTurn(id, source, () => {
      const read = this.#wiring.rulings.read(id, { bytes, sig })
      return typeof read === 'string' ? read : () => this.#decide(read, source)
    })
  }

  async #decide(read: HeldRuling, { peer, checks }: Source): Promise<Outcome> {
    const outcome = await this.#wiring.rulings.decide(read, peer)
    // An unknown key: no signature was looked at.
    if (outcome === 'news' || outcome === 'known' || outcome === 'unknown-key') checks.refund()
    if (outcome === 'spent') return read.ruling.device === peer ? 'excess' : 'useless'
    return outcome
  }

  /**
   * Has signed bytes checked when that is allowed, and nobody else does it. `read`: what came of them without, or how to
   * check them. A link that has nothing left for checks waits: what it brings is not lost, nor is that held against it.
   */
  async #inTurn(
    id: string,
    { guard, checks }: Source,
    read: () => Outcome | (() => Promise<Outcome>),
  ): Promise<Outcome> {
    while (!guard.hasEnded) {
      const outcome = read()
      if (typeof outcome === 'string') return outcome
      const other = this.#underWay.of(id)
      if (other) await other
      else if (checks.take()) return this.#underWay.run(id, outcome)
      else await guard.pause(CHECK_WAIT_MS)
    }
    return 'useless'
  }

  async typing({ bytes, sig }: SignedBytes, { peer, guard }: Source): Promise<Outcome> {
    if (!guard.admitsTyping()) return 'useless'
    if (!guard.isFirst(await messageId(bytes))) return 'replayed'
    const checked = await checkTyping({ bytes, sig }, this.#wiring.facts)
    if (checked === 'useless') return checked
    if ('fault' in checked) return checked.fault
    const { typing } = checked
    if (!this.#wiring.onTyping(typing)) return 'useless'
    this.#passOn({ t: 'typing', bytes, sig }, typing.ms, peer, typing.device)
    return 'news'
  }

  /** Only while it is fresh, so that the next one never finds it stale. */
  #passOn(frame: Frame, ms: number, ...has: DeviceId[]): void {
    if (this.#wiring.clock.now() - ms < FORWARD_MAX_AGE_MS) this.#wiring.forward(frame, has)
  }
}
