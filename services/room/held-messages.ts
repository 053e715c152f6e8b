import type { Clock } from '../clock'
import type { LoggedMessage } from '../log/logged-message'

/** More wait for nobody: reconciliation brings what is dropped when its time has come. */
const MAX_HELD = 200

/** Messages that are stamped ahead of our clock, until their time comes: nobody's clock puts him below the others' words. */
export class HeldMessages {
  readonly #clock: Clock
  readonly #release: (message: LoggedMessage) => void
  readonly #cancels = new Map<string, () => void>()

  constructor(clock: Clock, release: (message: LoggedMessage) => void) {
    this.#clock = clock
    this.#release = release
  }

  hold(message: LoggedMessage): void {
    if (this.#cancels.has(message.id) || this.#cancels.size >= MAX_HELD) return
    const cancel = this.#clock.after(Math.max(1, message.time.ms - this.#clock.now()), () => {
      this.#cancels.delete(message.id)
      this.#release(message)
    })
    this.#cancels.set(message.id, cancel)
  }

  close(): void {
    for (const cancel of this.#cancels.values()) cancel()
    this.#cancels.clear()
  }
}
