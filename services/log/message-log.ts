import type { AccountId, DeviceId } from '../../protocol/device'
import { LOG_LENGTH, MAX_PROOFS, SAY_PACE, type SayPace } from '../../protocol/limits'
import { compareMessages, type MessageId } from '../../protocol/message'
import type { Proof } from '../../protocol/proof'
import { contradicts } from './contradiction'
import type { LoggedMessage } from './logged-message'
import { type ShortId, shortIdOf } from './short-id'

/** What became of a message. */
export type AddOutcome =
  /** It is in its place. */
  | { t: 'added' }
  /** It was here already. */
  | { t: 'known' }
  /** Older than all that a full log keeps, or from before the room was cleared here. */
  | { t: 'old' }
  /** Its author is void. */
  | { t: 'void' }
  /** It contradicts an earlier one: its author is void now, and `removed` is all that was here of them. */
  | { t: 'contradiction'; proof: Proof; removed: LoggedMessage[] }

interface Options {
  /** How many messages are kept. */
  capacity?: number
  pace?: SayPace
  maxProofs?: number
}

/**
 * The newest valid messages of one room in their total order, each once, and the devices that contradicted themselves.
 * Whoever was given the same messages and proofs holds the same log, in whatever order they came.
 */
export class MessageLog {
  readonly capacity: number
  readonly #pace: SayPace
  readonly #maxProofs: number
  #messages: LoggedMessage[] = []
  readonly #byId = new Map<ShortId, LoggedMessage>()
  readonly #byDevice = new Map<DeviceId, Set<LoggedMessage>>()
  readonly #proofs = new Map<DeviceId, Proof>()
  #clearedUntil = 0

  constructor({ capacity = LOG_LENGTH, pace = SAY_PACE, maxProofs = MAX_PROOFS }: Options = {}) {
    this.capacity = capacity
    this.#pace = pace
    this.#maxProofs = maxProofs
  }

  /** Every message, oldest first; a copy. */
  get all(): readonly LoggedMessage[] {
    return [...this.#messages]
  }

  get isFull(): boolean {
    return this.#messages.length >= this.capacity
  }

  /** Up to when (ms) the room was cleared here; 0 if never. */
  get clearedUntil(): number {
    return this.#clearedUntil
  }

  /** Why devices are void, by device. */
  get proofs(): ReadonlyMap<DeviceId, Proof> {
    return this.#proofs
  }

  isVoid(device: DeviceId): boolean {
    return this.#proofs.has(device)
  }

  has(id: ShortId): boolean {
    return this.#byId.has(id)
  }

  get(id: MessageId): LoggedMessage | undefined {
    const message = this.#byId.get(shortIdOf(id))
    return message?.id === id ? message : undefined
  }

  /** Files a checked message, from whomever it comes. */
  add(message: LoggedMessage): AddOutcome {
    if (this.isVoid(message.device)) return { t: 'void' }
    const id = shortIdOf(message.id)
    if (this.#byId.has(id)) return { t: 'known' }
    // What is too old to be kept still tells on its author.
    const other = this.#contradictionOf(message)
    if (other) return this.#convict(message, other)
    if (message.time.ms <= this.#clearedUntil) return { t: 'old' }
    const at = this.#placeOf(message)
    if (at === 0 && this.isFull) return { t: 'old' }
    this.#messages.splice(at, 0, message)
    this.#byId.set(id, message)
    const line = this.#byDevice.get(message.device)
    if (line) line.add(message)
    else this.#byDevice.set(message.device, new Set([message]))
    const [oldest] = this.#messages
    if (this.#messages.length > this.capacity && oldest) {
      this.#messages.shift()
      this.#forget(oldest)
    }
    return { t: 'added' }
  }

  /**
   * Voids a device by a checked proof from elsewhere: returns what was removed; `false` when that changes nothing.
   *
   * Of more devices than fit, those with the lowest ids stay void: a rule that depends on nothing but the set of liars,
   * so that members who heard of them in different orders agree. Pushing another liar's proof out takes as many
   * registered devices that lie, which could do as much harm themselves.
   */
  void(device: DeviceId, proof: Proof): LoggedMessage[] | false {
    if (this.isVoid(device)) return false
    const last = this.#proofs.size < this.#maxProofs ? undefined : [...this.#proofs.keys()].sort().at(-1)
    if (last !== undefined && last < device) return false
    if (last !== undefined) this.#proofs.delete(last)
    this.#proofs.set(device, proof)
    return this.#remove((message) => message.device === device)
  }

  /** The newest `count`, oldest first. */
  newest(count: number): LoggedMessage[] {
    return count > 0 ? this.#messages.slice(-count) : []
  }

  /** The page of `count` messages before the one with `id`, oldest first; empty for an id that is not here. */
  before(id: string, count: number): { messages: LoggedMessage[]; more: boolean } {
    const end = this.#messages.findIndex((message) => message.id === id)
    const start = Math.max(0, end - count)
    return end < 0
      ? { messages: [], more: false }
      : { messages: this.#messages.slice(start, end), more: start > 0 }
  }

  /** Forgets every message up to `ms` and takes none of them back. Returns what was removed. */
  clear(ms: number): LoggedMessage[] {
    this.#clearedUntil = Math.max(this.#clearedUntil, ms)
    return this.#remove((message) => message.time.ms <= this.#clearedUntil)
  }

  /** Takes out what should never have been filed. Returns what was removed. */
  remove(isGone: (message: LoggedMessage) => boolean): LoggedMessage[] {
    return this.#remove(isGone)
  }

  /** Whether the one that its author said just before `message` is missing, although an older one is here. */
  hasGapBefore({ device, seq }: LoggedMessage): boolean {
    const before = [...(this.#byDevice.get(device) ?? [])].filter((other) => other.seq < seq)
    return before.length > 0 && !before.some((other) => other.seq === seq - 1)
  }

  /** What the same account said before `message`, less than `ms` before it. */
  saidShortlyBefore(message: LoggedMessage, ms: number): LoggedMessage | undefined {
    for (let at = this.#placeOf(message) - 1; at >= 0; at--) {
      const other = this.#messages[at]
      if (!other || message.time.ms - other.time.ms >= ms) return undefined
      if (other.account === message.account) return other
    }
    return undefined
  }

  /** The newest that an account said. */
  newestOf(account: AccountId): LoggedMessage | undefined {
    return this.#messages.findLast((message) => message.account === account)
  }

  #contradictionOf(message: LoggedMessage): LoggedMessage | undefined {
    for (const other of this.#byDevice.get(message.device) ?? [])
      if (contradicts(message, other, this.#pace)) return other
    return undefined
  }

  #convict(message: LoggedMessage, other: LoggedMessage): AddOutcome {
    const [first, second] = compareMessages(message, other) < 0 ? [message, other] : [other, message]
    const proof = { first: first.signed, second: second.signed, passport: first.passport }
    const removed = this.void(message.device, proof)
    // No room for the proof: the earlier message stays, this one does not count.
    return removed ? { t: 'contradiction', proof, removed } : { t: 'void' }
  }

  /** Where `message` belongs. Nearly always at the end, so the search begins there. */
  #placeOf(message: LoggedMessage): number {
    let low = 0
    let high = this.#messages.length
    for (let probe = high - 1; low < high; probe = (low + high) >> 1) {
      const other = this.#messages[probe]
      if (other && compareMessages(other, message) < 0) low = probe + 1
      else high = probe
    }
    return low
  }

  #remove(isGone: (message: LoggedMessage) => boolean): LoggedMessage[] {
    const removed = this.#messages.filter(isGone)
    if (removed.length === 0) return removed
    this.#messages = this.#messages.filter((message) => !isGone(message))
    for (const message of removed) this.#forget(message)
    return removed
  }

  #forget(message: LoggedMessage): void {
    this.#byId.delete(shortIdOf(message.id))
    const line = this.#byDevice.get(message.device)
    line?.delete(message)
    if (line?.size === 0) this.#byDevice.delete(message.device)
  }
}
