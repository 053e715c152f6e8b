import type { Clock } from '../clock'

/** In a room where nobody can tell what this device said before, it speaks after this (ms). */
const CATCH_UP_MS = 4_000

/**
 * Whether this device may speak: once a member's log was read, what it said before, and its storage forgot, is known. A
 * number that was said would be said twice otherwise.
 */
export class CatchUp {
  readonly #clock: Clock
  readonly #onDone: () => void
  #cancel: (() => void) | undefined
  #isDone = false

  constructor(clock: Clock, onDone: () => void) {
    this.#clock = clock
    this.#onDone = onDone
  }

  get isDone(): boolean {
    return this.#isDone
  }

  /** The server or a member can be reached: whoever knows something tells it soon. */
  begin(): void {
    this.#cancel ??= this.#clock.after(CATCH_UP_MS, () => this.done())
  }

  /** A member's log was read. */
  done(): void {
    this.close()
    if (this.#isDone) return
    this.#isDone = true
    this.#onDone()
  }

  close(): void {
    this.#cancel?.()
  }
}
