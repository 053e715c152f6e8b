import type { Clock } from '../clock'
import type { LoggedMessage } from '../log/logged-message'
import { type RoomArchive, StorageError, type StorageProblem } from './archive'

/** Messages are gathered this long before they are stored together (ms). */
const BATCH_MS = 250
/** More than these are stored at once. */
const BATCH_LENGTH = 50
/** After storage failed, the next try (ms). */
const RETRY_MS = 10_000
/** What waits for storage to work again: as many as it would keep. */
const MAX_UNSAVED = 1_000

interface Wiring {
  clock: Clock
  archive: Pick<RoomArchive, 'append'>
  /** Storage began to fail, or works again (`null`). */
  onProblem(problem: StorageProblem | null): void
}

/** Appends a room's messages to its archive in batches. Whatever fails, the conversation goes on. */
export class HistoryWriter {
  readonly #wiring: Wiring
  #unsaved: LoggedMessage[] = []
  #problem: StorageProblem | null = null
  #cancelTimer: (() => void) | undefined
  #writing: Promise<void> | undefined
  #isClosed = false

  constructor(wiring: Wiring) {
    this.#wiring = wiring
  }

  get problem(): StorageProblem | null {
    return this.#problem
  }

  add(message: LoggedMessage): void {
    this.#unsaved.push(message)
    if (this.#unsaved.length > MAX_UNSAVED) this.#unsaved.shift()
    if (this.#unsaved.length >= BATCH_LENGTH && !this.#problem) void this.flush()
    else this.#flushIn(this.#problem ? RETRY_MS : BATCH_MS)
  }

  /** Storage failed elsewhere, for example while reading. */
  failed(error: unknown): void {
    this.#report(error instanceof StorageError ? error.problem : 'unavailable')
  }

  /** Storage worked elsewhere. */
  worked(): void {
    this.#report(null)
  }

  /** Does not store any of what waits. */
  drop(isUnwanted: (message: LoggedMessage) => boolean): void {
    this.#unsaved = this.#unsaved.filter((message) => !isUnwanted(message))
  }

  /** Stores what waits; one batch after the other. Never rejects. */
  async flush(): Promise<void> {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    await this.#writing
    const batch = this.#unsaved
    if (batch.length === 0) return
    this.#unsaved = []
    this.#writing = this.#write(batch).finally(() => {
      this.#writing = undefined
    })
    await this.#writing
  }

  /** Stores what waits, if that is possible now; no timer is left. */
  close(): Promise<void> {
    this.#isClosed = true
    const flushed = this.flush()
    this.#cancelTimer?.()
    return flushed
  }

  async #write(batch: LoggedMessage[]): Promise<void> {
    try {
      await this.#wiring.archive.append(batch)
      this.#report(null)
    } catch (error) {
      this.#unsaved = [...batch, ...this.#unsaved].slice(-MAX_UNSAVED)
      this.failed(error)
      this.#flushIn(RETRY_MS)
    }
  }

  #flushIn(ms: number): void {
    if (this.#isClosed) return
    this.#cancelTimer ??= this.#wiring.clock.after(ms, () => {
      this.#cancelTimer = undefined
      void this.flush()
    })
  }

  #report(problem: StorageProblem | null): void {
    if (problem === this.#problem) return
    this.#problem = problem
    this.#wiring.onProblem(problem)
  }
}
