import type { DeviceId } from '../../protocol/device'
import { type BroadcastFrame, EXCUSABLE_FAULTS, type FrameFault } from '../../protocol/frames'
import { FORWARD_MAX_AGE_MS } from '../../protocol/limits'
import { type MessageId, messageId, type SignedBytes } from '../../protocol/message'
import type { Presence } from '../../protocol/presence'
import type { HeldRuling } from '../../protocol/ruling'
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
import { isUseless } from './link-guard'
import { RecentIds } from './recent-ids'

/** Ids of messages that were accepted, longer than any can stay fresh at chat rates. */
const REMEMBERED_MESSAGES = 20_000
/** Words of being here that were looked at: each link brings them at about the same time. */
const REMEMBERED_WORDS = 5_000

type Wiring = Pick<
  IntakeWiring,
  | 'clock'
  | 'facts'
  | 'onMessage'
  | 'onPresence'
  | 'onTyping'
  | 'onBroadcast'
  | 'isCrowd'
  | 'rulings'
  | 'exchange'
  | 'forward'
>

/** What came of a broadcast, and when it was said if it is to go on. */
type Came = { outcome: Outcome; saidAt?: number; by?: DeviceId }

interface Orphan {
  readonly id: MessageId
  readonly frame: BroadcastFrame
  readonly source: Source
  readonly by?: DeviceId
}
/** Messages of authors that nobody has named yet. */
const MAX_ORPHANS = 64

/** Takes what members signed, from whichever link it comes: each word is checked once, and counts once. */
export class SignedIntake {
  readonly #wiring: Wiring
  readonly #accepted = new RecentIds(REMEMBERED_MESSAGES)
  readonly #words = new RecentIds(REMEMBERED_WORDS)
  readonly #underWay = new ChecksUnderWay()
  /** What came before anybody said who its author is: it is looked at again when somebody does. */
  readonly #orphans: Orphan[] = []

  constructor(wiring: Wiring) {
    this.#wiring = wiring
  }

  /** A message that was filed another way comes as known. */
  remember(id: string): void {
    this.#accepted.add(id)
  }

  /** Takes what may be meant for the whole room: it goes on if it is news, and fresh enough. */
  async take(frame: BroadcastFrame, source: Source): Promise<Outcome> {
    // A frame is more than what was signed, which alone is kept.
    const signed = { bytes: frame.bytes, sig: frame.sig }
    const id = await messageId(signed.bytes)
    return this.#settle(await this.#look(frame.t, id, signed, source), { id, frame, source })
  }

  #settle({ outcome, saidAt, by }: Came, came: Orphan): Outcome {
    const { id, frame, source } = came
    const isFresh = saidAt !== undefined && this.#wiring.clock.now() - saidAt < FORWARD_MAX_AGE_MS
    const isMeantForAll = frame.hops !== undefined || frame.t !== 'presence' || !this.#wiring.isCrowd()
    if (outcome === 'news' && isFresh && isMeantForAll) this.#tell('passed-on', id, frame, source)
    else if (outcome === 'unknown-author') this.#await(came, by)
    else if (!isOffence(outcome)) this.#tell('stopped', id, frame, source)
    return outcome
  }

  #await(came: Orphan, by: DeviceId | undefined): void {
    this.#tell('missed', came.id, came.frame, came.source)
    if (by === undefined || came.frame.t !== 'message') return
    this.#orphans.push({ ...came, by })
    if (this.#orphans.length > MAX_ORPHANS) this.#orphans.shift()
  }

  /** `device` has shown its passport: what it said before is looked at again. */
  async #adopt(device: DeviceId): Promise<void> {
    const its = this.#orphans.filter(({ by }) => by === device)
    if (its.length === 0) return
    const others = this.#orphans.filter(({ by }) => by !== device)
    this.#orphans.splice(0, this.#orphans.length, ...others)
    for (const orphan of its) {
      const { frame, id, source } = orphan
      const signed = { bytes: frame.bytes, sig: frame.sig }
      this.#settle(await this.#readMessage(id, signed, source), orphan)
    }
  }

  #tell(what: 'passed-on' | 'stopped' | 'missed', id: MessageId, frame: BroadcastFrame, { peer }: Source) {
    this.#wiring.onBroadcast(what, id, frame, peer)
  }

  #look(t: BroadcastFrame['t'], id: MessageId, signed: SignedBytes, source: Source): Promise<Came> {
    if (t === 'typing') return this.#typing(id, signed, source)
    return t === 'message' ? this.#message(id, signed, source) : this.#presence(id, signed, source)
  }

  async #message(id: MessageId, signed: SignedBytes, source: Source): Promise<Came> {
    if (!source.guard.isFirst(id)) return { outcome: 'replayed' }
    return this.#readMessage(id, signed, source)
  }

  async #readMessage(id: MessageId, signed: SignedBytes, source: Source): Promise<Came> {
    return this.#inTurn(id, source, () => {
      if (this.#accepted.has(id)) return 'known'
      const read = readMessage(signed, this.#wiring.facts)
      if (!('fault' in read)) return () => this.#checkMessage(id, read, signed, source)
      // It knows that it contradicted itself. Others may not have heard of it.
      if (read.fault !== 'unknown-author' && read.by === source.peer) source.guard.offend()
      return read.by === undefined ? read.fault : { outcome: read.fault, by: read.by }
    })
  }

  async #checkMessage(
    id: MessageId,
    read: ReadMessage,
    signed: SignedBytes,
    { peer, checks }: Source,
  ): Promise<Came> {
    const checked = await checkMessage(id, read, signed, this.#wiring.facts)
    if ('fault' in checked) return { outcome: checked.fault }
    const { message } = checked
    // It may have come another way while the signature was checked.
    const isFirst = this.#accepted.add(id)
    if (isFirst && !this.#wiring.onMessage(message, peer)) return { outcome: 'known' }
    checks.refund()
    return isFirst ? { outcome: 'news', saidAt: message.time.ms } : { outcome: 'known' }
  }

  async #presence(id: MessageId, signed: SignedBytes, source: Source): Promise<Came> {
    if (!source.guard.isFirst(id)) return { outcome: 'replayed' }
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
  ): Promise<Came> {
    const { facts, onPresence } = this.#wiring
    const checked = await checkPresence(presence, signed, facts)
    if ('fault' in checked) {
      // No signature was looked at.
      if (UNCHECKED.has(checked.fault)) checks.refund()
      return { outcome: checked.fault }
    }
    // Another link may have brought a newer one while the signature was checked.
    const isLate = isOutrun(presence, facts)
    const isNews = !isLate && onPresence(presence, checked.passport, signed)
    // Whoever left is no member by whom the same word from the next link would be known.
    if (isNews || presence.state === 'left') this.#words.add(id)
    if (isNews || isLate) checks.refund()
    if (isLate) return { outcome: 'known-member' }
    if (!isNews) return { outcome: presence.device === peer ? 'excess' : 'useless' }
    // Not before it is filed, so that its author is known.
    queueMicrotask(() => void this.#adopt(presence.device))
    return { outcome: 'news', saidAt: presence.ms }
  }

  async ruling({ bytes, sig }: SignedBytes, source: Source): Promise<Outcome> {
    const id = await messageId(bytes)
    const isAsked = this.#wiring.exchange.wasAsked(id, source.peer)
    if (!source.guard.isFirst(id)) return 'replayed'
    const { outcome } = await this.#inTurn(id, source, () => {
      const read = this.#wiring.rulings.read(id, { bytes, sig })
      if (typeof read === 'string') return read
      return async () => ({ outcome: await this.#decide(read, source, isAsked) })
    })
    // It may have been outdone since: whoever tells what it was asked for is not to blame.
    return isAsked && outcome === 'known' ? 'news' : outcome
  }

  async #decide(read: HeldRuling, { peer, checks }: Source, isAsked: boolean): Promise<Outcome> {
    const outcome = await this.#wiring.rulings.decide(read, peer, isAsked)
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
    read: () => Outcome | Came | (() => Promise<Came>),
  ): Promise<Came> {
    while (!guard.hasEnded) {
      const outcome = read()
      if (typeof outcome === 'string') return { outcome }
      if (typeof outcome === 'object') return outcome
      const other = this.#underWay.of(id)
      if (other) await other
      else if (checks.take()) return this.#underWay.run(id, outcome)
      else await guard.pause(CHECK_WAIT_MS)
    }
    return { outcome: 'useless' }
  }

  async #typing(id: MessageId, signed: SignedBytes, { guard }: Source): Promise<Came> {
    if (!guard.admitsTyping()) return { outcome: 'useless' }
    if (!guard.isFirst(id)) return { outcome: 'replayed' }
    const checked = await checkTyping(signed, this.#wiring.facts)
    if (checked === 'useless') return { outcome: checked }
    if ('fault' in checked) return { outcome: checked.fault }
    const isNews = this.#wiring.onTyping(checked.typing)
    return isNews ? { outcome: 'news', saidAt: checked.typing.ms } : { outcome: 'useless' }
  }
}

/** Faults of a passport that are found before any signature is looked at. */
const UNCHECKED: ReadonlySet<FrameFault> = new Set(['unknown-key', 'unlinked', 'banned'])

const isOffence = (outcome: Outcome) =>
  outcome !== 'news' && !isUseless(outcome) && !EXCUSABLE_FAULTS.has(outcome satisfies FrameFault)
