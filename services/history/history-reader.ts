import { LOG_LENGTH } from '../../protocol/limits'
import type { Proof } from '../../protocol/proof'
import type { Clock } from '../clock'
import type { Page, RoomArchive } from './archive'

/** What is on screen first, before the rest of the history is read and checked against the log. */
export const FIRST_PAGE = 100
/** After storage could not be read, the next try (ms). */
const RETRY_MS = 10_000

interface Wiring {
  clock: Clock
  archive: Pick<RoomArchive, 'clearedUntil' | 'proofs' | 'page'>
  onClearedUntil(ms: number): void
  onProof(proof: Proof): Promise<unknown>
  /** The newest messages, and then all of them: some come twice. */
  onPage(page: Page): void
  onRead(): void
  onFailed(error: unknown): void
}

/** Reads what an earlier run stored of a room, and tries again until storage gives it. */
export class HistoryReader {
  readonly #wiring: Wiring
  #isClosed = false
  #cancelTimer = () => {}

  constructor(wiring: Wiring) {
    this.#wiring = wiring
  }

  /** Resolves after the first try, however it went. */
  async read(): Promise<void> {
    const { clock, onRead, onFailed } = this.#wiring
    try {
      await this.#readAll()
      onRead()
    } catch (error) {
      onFailed(error)
      if (!this.#isClosed) this.#cancelTimer = clock.after(RETRY_MS, () => void this.read())
    }
  }

  close(): void {
    this.#isClosed = true
    this.#cancelTimer()
  }

  async #readAll(): Promise<void> {
    const { archive, onClearedUntil, onProof, onPage } = this.#wiring
    onClearedUntil(await archive.clearedUntil())
    for (const proof of await archive.proofs()) await onProof(proof)
    for (const limit of [FIRST_PAGE, LOG_LENGTH]) {
      const page = await archive.page(null, limit)
      onPage(page)
      if (!page.more) break
    }
  }
}
