import { LOG_LENGTH } from '../../../protocol/limits'
import { compareMessages, compareTimes, type HybridTime, type SignedBytes } from '../../../protocol/message'
import type { Proof } from '../../../protocol/proof'
import {
  EMPTY_LINE,
  type Line,
  type Page,
  type RoomArchive,
  StorageError,
  type StorageProblem,
  type Waiting,
} from '../../../services/history/archive'
import type { LoggedMessage } from '../../../services/log/logged-message'

/** A room's storage within this process, which outlives sessions. Answers late and in changing order, as databases do. */
export class MemoryArchive implements RoomArchive {
  messages: LoggedMessage[] = []
  entries: Waiting[] = []
  keptRulings: SignedBytes[] = []
  stored: Line = EMPTY_LINE
  /** Every call fails with this while it is set. */
  problem: StorageProblem | null = null
  #proofs = new Map<string, Proof>()
  /** Keys of what was said: never queued again. */
  #said = new Set<string | undefined>()
  #clearedUntil = 0
  #calls = 0

  /** What is on disk when the browser is killed now; this one is used by nobody any more. */
  outlive(): MemoryArchive {
    const next = new MemoryArchive()
    next.messages = [...this.messages]
    next.entries = [...this.entries]
    next.stored = this.stored
    next.#said = new Set(this.#said)
    next.#proofs = new Map(this.#proofs)
    next.keptRulings = this.keptRulings
    next.#clearedUntil = this.#clearedUntil
    this.problem = 'unavailable'
    return next
  }

  async saveRulings(rulings: readonly SignedBytes[]): Promise<void> {
    await this.#answer()
    this.keptRulings = [...rulings]
  }

  async rulings(): Promise<SignedBytes[]> {
    await this.#answer()
    return this.keptRulings
  }

  async page(before: HybridTime | null, limit: number): Promise<Page> {
    await this.#answer()
    const older = this.messages.filter(({ time }) => !before || compareTimes(time, before) < 0)
    return { messages: older.slice(-limit), corrupt: 0, more: older.length > limit }
  }

  async append(messages: readonly LoggedMessage[]): Promise<void> {
    await this.#answer()
    const known = new Set(this.messages.map(({ id }) => id))
    const fresh = messages.filter(({ id }) => !known.has(id))
    this.messages = [...this.messages, ...fresh].sort(compareMessages).slice(-LOG_LENGTH)
  }

  async remove(messages: readonly LoggedMessage[]): Promise<void> {
    await this.#answer()
    const gone = new Set(messages.map(({ id }) => id))
    this.messages = this.messages.filter(({ id }) => !gone.has(id))
  }

  async clear(ms: number): Promise<void> {
    await this.#answer()
    this.#clearedUntil = ms
    this.messages = this.messages.filter(({ time }) => time.ms > ms)
  }

  async clearedUntil(): Promise<number> {
    await this.#answer()
    return this.#clearedUntil
  }

  async saveProof(device: string, proof: Proof): Promise<void> {
    await this.#answer()
    this.#proofs.set(device, proof)
  }

  async proofs(): Promise<Proof[]> {
    await this.#answer()
    return [...this.#proofs.values()]
  }

  async line(): Promise<Line> {
    await this.#answer()
    return this.stored
  }

  async waiting(): Promise<Waiting[]> {
    await this.#answer()
    return [...this.entries]
  }

  async queue(entry: Waiting): Promise<void> {
    await this.#answer()
    if (this.#said.has(entry.key) || this.entries.some(({ key }) => key === entry.key)) return
    this.entries.push(entry)
  }

  async unqueue(key: string): Promise<void> {
    await this.#answer()
    this.entries = this.entries.filter((entry) => entry.key !== key)
  }

  async commit(message: LoggedMessage, after: Line): Promise<boolean> {
    await this.#answer()
    if (this.stored.next > message.seq || !this.entries.some(({ key }) => key === message.key)) return false
    this.stored = after
    this.#said.add(message.key)
    this.entries = this.entries.filter(({ key }) => key !== message.key)
    this.messages = [...this.messages, message].sort(compareMessages).slice(-LOG_LENGTH)
    return true
  }

  async #answer(): Promise<void> {
    for (let turns = (this.#calls++ * 7) % 13; turns > 0; turns--) await null
    if (this.problem) throw new StorageError(this.problem)
  }
}
