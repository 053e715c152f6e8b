import { TYPING_INTERVAL_MS } from '../../protocol/limits'
import { type Clock, every } from '../clock'

/** Who has written for this long means it (ms). */
const START_MS = 500
/** Who has not touched a key for this long has stopped (ms). */
const IDLE_MS = 3_000

interface Wiring {
  clock: Clock
  /** Tells the room: said again while it goes on, so that a word that got lost is made up for. */
  tell(writing: boolean): void
}

/** Makes few words out of many keystrokes: when our viewer begins to write, still does, and stops. */
export class TypingNotifier {
  readonly #wiring: Wiring
  #isWriting = false
  #hasTold = false
  #cancelTelling = () => {}
  #cancelIdle = () => {}

  constructor(wiring: Wiring) {
    this.#wiring = wiring
  }

  /** A keystroke, and whether it left any text. */
  changed(hasText: boolean): void {
    if (!hasText) return this.said()
    const { clock } = this.#wiring
    this.#cancelIdle()
    this.#cancelIdle = clock.after(IDLE_MS, () => this.said())
    if (this.#isWriting) return
    this.#isWriting = true
    this.#cancelTelling = clock.after(START_MS, () => this.#begin())
  }

  /** What was written is said, or given up: nothing is being written any more. */
  said(): void {
    const hadTold = this.#hasTold
    this.close()
    if (hadTold) this.#wiring.tell(false)
  }

  /** Stops without a word. */
  close(): void {
    this.#cancelTelling()
    this.#cancelIdle()
    this.#isWriting = false
    this.#hasTold = false
  }

  #begin(): void {
    const { clock, tell } = this.#wiring
    this.#hasTold = true
    this.#cancelTelling = every(clock, TYPING_INTERVAL_MS, () => tell(true))
    tell(true)
  }
}
