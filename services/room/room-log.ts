import type { AccountId, DeviceId } from '../../protocol/device'
import { encodeFrame, type FrameFault } from '../../protocol/frames'
import type { HistoryView } from '../../protocol/host-port'
import type { SayPace } from '../../protocol/limits'
import type { MessageId, SignedBytes } from '../../protocol/message'
import type { Passport } from '../../protocol/passport'
import type { Proof } from '../../protocol/proof'
import type { RoomId } from '../../protocol/room-id'
import { newestMatching, searchWords } from '../../protocol/text-search'
import type { Clock, Random } from '../clock'
import type { Page, RoomArchive } from '../history/archive'
import { FIRST_PAGE, HistoryReader } from '../history/history-reader'
import { HistoryWriter } from '../history/history-writer'
import { FOLLOW_AHEAD_MS, type HybridClock } from '../hybrid-clock'
import type { LoggedMessage } from '../log/logged-message'
import { MessageLog } from '../log/message-log'
import { Reconciler, type ReconciliationFrame } from '../log/reconciler'
import type { Vouchers } from '../log/vouchers'
import type { Link } from '../mesh/link'
import { UNHEARD_AHEAD_MS } from '../outbox/pace'
import { HeldMessages } from './held-messages'
import { accusedBy, checkPastFrame, checkProof, type PastFacts } from './past-check'
import { Reach } from './reach'

interface Wiring {
  room: RoomId
  me: DeviceId
  clock: Clock
  random: Random
  pace: SayPace
  archive: RoomArchive
  hybrid: HybridClock
  /** Rejects unless the passport held at `ms`, and had not been revoked by then. */
  verifyPassportAt(jwt: string, ms: number): Promise<Passport>
  /** Whether a message counts for nothing: its author's passport was revoked when it was stamped, or let nobody speak. */
  isBarred(message: LoggedMessage): boolean
  /** How long (ms) an account had to wait between two messages at `ms`. */
  slowFor(account: AccountId, ms: number): number
  /** Whether the viewer has blocked an account. */
  isBlocked(account: AccountId): boolean
  broadcast(frame: Uint8Array<ArrayBuffer>): void
  /** A message found its place, or one of our own reached more members. */
  onMessage(message: LoggedMessage): void
  /** A message of this very device that did not come from our outbox. */
  onOwn(message: LoggedMessage): void
  /** A device contradicted itself: nothing it says here counts. */
  onVoid(device: DeviceId): void
  /** Own messages that nobody can have heard were taken out. */
  onUnheard(messages: readonly LoggedMessage[]): void
  /** Messages went, or many came at once. */
  onReset(): void
  onHistory(): void
  /** A peer's log was compared with ours, and what we lacked has come. */
  onPulled(): void
}

/** What was said in a room: the log, its copy in this browser's storage, and its agreement with other members' logs. */
export class RoomLog {
  readonly #wiring: Wiring
  readonly #log: MessageLog
  readonly #reader: HistoryReader
  readonly #writer: HistoryWriter
  readonly #reconciler: Reconciler
  readonly #held: HeldMessages
  readonly #facts: PastFacts
  readonly #links = new Map<DeviceId, Link>()
  readonly #reach = new Reach()
  #loading: Promise<void> = Promise.resolve()
  #corrupt = 0
  /** Whether the Worker has told the time. */
  #knowsTime = false

  constructor(wiring: Wiring) {
    const { clock, random, archive, pace, onHistory } = wiring
    this.#wiring = wiring
    this.#log = new MessageLog({ pace })
    this.#facts = {
      ...wiring,
      now: () => clock.now(),
      clearedUntil: () => this.#log.clearedUntil,
      isVoid: (device) => this.#log.isVoid(device),
    }
    this.#reader = new HistoryReader({
      clock,
      archive,
      onClearedUntil: (ms) => this.#log.clear(ms),
      onProof: (proof) => this.prove(proof),
      onPage: (page) => this.#read(page),
      onRead: () => this.#hasRead(),
      onFailed: (error) => this.storageFailed(error),
    })
    this.#writer = new HistoryWriter({ clock, archive, onProblem: onHistory })
    this.#held = new HeldMessages(clock, pace.messages, (message) => this.#place(message))
    this.#reconciler = new Reconciler({
      clock,
      random,
      log: this.#log,
      file: (messages, vouchers) => this.#filePast(messages, vouchers),
      onGiven: (messages, peer) => {
        for (const message of messages) if (this.#reach.given(message.id, peer)) wiring.onMessage(message)
      },
      onPulled: wiring.onPulled,
    })
  }

  get all(): readonly LoggedMessage[] {
    return this.#log.all
  }

  get(id: MessageId): LoggedMessage | undefined {
    return this.#log.get(id)
  }

  newest(count: number): LoggedMessage[] {
    return this.#log.newest(count)
  }

  /**
   * What is kept of the room and holds every word of `text`, the newest first, at most `limit`. The log is the stored
   * history, opened: what was stored is searched once it has been read.
   */
  async search(text: string, limit: number): Promise<{ messages: LoggedMessage[]; more: boolean }> {
    await this.#loading
    return newestMatching(this.#log.all, ({ name, body }) => [name, body], searchWords(text), limit)
  }

  /** The page of `count` messages before the one with `id`. */
  before(id: string, count: number): { messages: LoggedMessage[]; more: boolean } {
    return this.#log.before(id, count)
  }

  get history(): HistoryView {
    const more = this.#log.newest(FIRST_PAGE + 1).length > FIRST_PAGE
    return { more, corrupt: this.#corrupt, problem: this.#writer.problem }
  }

  /** Whether its author did not wait as long as the room asked for: it stays in the log, which others compare with theirs, unseen. */
  isHasty(message: LoggedMessage): boolean {
    const ms = this.#wiring.slowFor(message.account, message.time.ms)
    return ms > 0 && this.#log.saidShortlyBefore(message, ms) !== undefined
  }

  /** Whether the room was slow, and something that its author said later is here: whether that shows may have changed. */
  hasNewerOf({ account, time, id }: LoggedMessage): boolean {
    return this.#wiring.slowFor(account, time.ms) > 0 && this.#log.newestOf(account)?.id !== id
  }

  /** When (ms) an account may say something more at the earliest, as far as the room is slow at `now`. */
  slowUntil(account: AccountId, now: number): number {
    const ms = this.#wiring.slowFor(account, now)
    const last = ms > 0 ? this.#log.newestOf(account) : undefined
    return last ? last.time.ms + ms : 0
  }

  isVoid(device: DeviceId): boolean {
    return this.#log.isVoid(device)
  }

  /** Whether what the panel called `key` is a message already. */
  hasKey(key: string): boolean {
    return this.#log.all.some((message) => message.key === key)
  }

  reachOf(id: MessageId): number | undefined {
    return this.#reach.of(id)
  }

  /** Takes over what an earlier run stored. Never rejects: without storage the room begins empty, and it is tried again. */
  load(): Promise<void> {
    this.#loading = this.#reader.read()
    return this.#loading
  }

  /** Files a checked message that came live from a linked member. Returns whether others should have it, too. */
  file(message: LoggedMessage, from: DeviceId): boolean {
    // That may have come out while its signature was checked.
    if (this.#wiring.isBarred(message)) return false
    if (message.time.ms > this.#wiring.clock.now() + FOLLOW_AHEAD_MS) return this.#held.hold(message)
    if (this.#place(message) && this.#log.hasGapBefore(message)) this.#reconciler.gapAt(from)
    return true
  }

  /** Files what our outbox said and stored, and sent to these members. */
  fileOwn(message: LoggedMessage, reached: readonly DeviceId[]): void {
    this.#writer.worked()
    this.#reach.sent(message.id, reached)
    this.#add(message)
  }

  /** A link is up: once what is stored is known here, the two logs are compared. */
  attach(peer: DeviceId, link: Link): void {
    this.#links.set(peer, link)
    void this.#loading.then(() => {
      if (this.#links.get(peer) === link) this.#reconciler.attach(peer, (frame) => link.send(frame))
    })
  }

  detach(peer: DeviceId): void {
    this.#links.delete(peer)
    this.#reconciler.detach(peer)
  }

  async reconcile(frame: ReconciliationFrame, from: DeviceId): Promise<FrameFault | undefined> {
    await this.#loading
    return this.#reconciler.receive(from, frame)
  }

  /** Checks a proof from elsewhere. Resolves to whether it was news, or to what is wrong with it. */
  async prove(proof: Proof): Promise<boolean | FrameFault> {
    const accused = accusedBy(proof)
    if (accused !== undefined && this.isVoid(accused)) return false
    const checked = await checkProof(proof, this.#facts)
    if ('fault' in checked) return checked.fault
    const removed = this.#log.void(checked.device, proof)
    if (removed) this.#voided(checked.device, proof, removed)
    return removed !== false
  }

  /** Forgets all that was said until now, here and in storage, and takes none of it back from anybody. */
  async clear(): Promise<void> {
    const { clock, archive, onReset } = this.#wiring
    const now = clock.now()
    this.#log.clear(now)
    this.#writer.drop(({ time }) => time.ms <= now)
    this.#corrupt = 0
    onReset()
    await archive.clear(now).catch((error: unknown) => this.storageFailed(error))
  }

  /** More than before may be barred: that counts no more, here and in storage. Returns what it was. */
  dropBarred(): LoggedMessage[] {
    const { isBarred } = this.#wiring
    this.#writer.drop(isBarred)
    const removed = this.#log.remove(isBarred)
    this.#removed(removed)
    return removed
  }

  /** Our clock follows the Worker's: own messages from further ahead than anybody follows were heard by nobody. */
  timeCorrected(): void {
    const { clock, me, onUnheard } = this.#wiring
    this.#knowsTime = true
    const limit = clock.now() + UNHEARD_AHEAD_MS
    const removed = this.#log.remove(({ device, time }) => device === me && time.ms > limit)
    if (removed.length > 0) onUnheard(removed)
    this.#removed(removed)
  }

  storageFailed(error: unknown): void {
    this.#writer.failed(error)
  }

  /** Ends everything; resolves when what was heard is stored, as far as that is possible. */
  close(): Promise<void> {
    this.#reader.close()
    this.#held.close()
    this.#reconciler.close()
    return this.#writer.close()
  }

  #read({ messages, corrupt }: Page): void {
    this.#corrupt = corrupt
    for (const message of messages) this.#add(message)
    if (messages.length > 0 || corrupt > 0) this.#wiring.onReset()
  }

  #hasRead(): void {
    this.#writer.worked()
    if (this.#knowsTime) this.timeCorrected()
  }

  async #filePast(messages: readonly SignedBytes[], vouchers: Vouchers): Promise<FrameFault | undefined> {
    const checked = await checkPastFrame(messages, vouchers, this.#facts)
    for (const message of checked.messages) this.#place(message)
    return checked.fault
  }

  /** Adds a message from elsewhere and stores it. Returns whether it is new here. */
  #place(message: LoggedMessage): boolean {
    const { hybrid, clock, me, isBlocked, onOwn } = this.#wiring
    if (!this.#add(message)) return false
    hybrid.observe(message.time, clock.now())
    // It stays in the log, which others compare with theirs; what the viewer wants nothing of is not kept for them.
    if (!isBlocked(message.account)) this.#writer.add(message)
    if (message.device === me) onOwn(message)
    return true
  }

  #add(message: LoggedMessage): boolean {
    if (this.#wiring.isBarred(message)) return false
    const outcome = this.#log.add(message)
    if (outcome.t === 'contradiction') {
      this.#voided(message.device, outcome.proof, outcome.removed)
      this.#wiring.broadcast(encodeFrame({ t: 'proof', ...outcome.proof }))
    }
    if (outcome.t !== 'added') return false
    this.#wiring.onMessage(message)
    return true
  }

  #removed(messages: readonly LoggedMessage[]): void {
    if (messages.length === 0) return
    const { archive, onReset } = this.#wiring
    archive.remove(messages).catch((error: unknown) => this.storageFailed(error))
    onReset()
  }

  #voided(device: DeviceId, proof: Proof, removed: readonly LoggedMessage[]): void {
    const { archive, onVoid, onReset } = this.#wiring
    this.#writer.drop((message) => message.device === device)
    Promise.all([archive.remove(removed), archive.saveProof(device, proof)]).catch((error: unknown) =>
      this.storageFailed(error),
    )
    onVoid(device)
    onReset()
  }
}
