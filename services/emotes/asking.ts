import type { Random } from '../clock'

/** What a provider may answer in one go (bytes): three thousand emotes as 7TV tells of them, which is the wordiest. */
export const MAX_ANSWER_BYTES = 6_000_000

export type Answer =
  /** `body` is what the JSON said: anything. */
  | { t: 'set'; body: unknown; etag?: string }
  /** What we have of this `etag` is what there is. */
  | { t: 'same' }
  /** The provider knows no such set: the channel never was there. */
  | { t: 'none' }
  /** `provider`: all of it is out of reach or asks for patience, not this set alone; for so long, if it says so (ms). */
  | { t: 'failed'; provider: boolean; retryAfterMs?: number }

/** Asks for one address, once. Never rejects; gives up by itself in seconds. */
export type AskProvider = (url: string, etag: string | undefined, signal: AbortSignal) => Promise<Answer>

const FIRST_PAUSE_MS = 30_000
const LONGEST_PAUSE_MS = 60 * 60_000

/** When something that fails may be asked again: ever more slowly, and never all viewers at once. */
export class Pace {
  readonly #random: Random
  #failures = 0
  #retryAt = 0

  constructor(random: Random) {
    this.#random = random
  }

  /** 0 while all is well (ms). */
  get retryAt(): number {
    return this.#retryAt
  }

  get isFailing(): boolean {
    return this.#failures > 0
  }

  failed(now: number, atLeastMs = 0): void {
    const ceiling = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(this.#failures, 16))
    this.#failures++
    const pause = Math.max(ceiling * (0.5 + this.#random() / 2), Math.min(atLeastMs, LONGEST_PAUSE_MS))
    this.#retryAt = now + Math.round(pause)
  }

  succeeded(): void {
    this.#failures = 0
    this.#retryAt = 0
  }
}
