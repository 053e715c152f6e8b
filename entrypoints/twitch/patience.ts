/** How long (ms) Twitch may take, once the page is loaded, to draw what the panel needs, before it goes without. */
const PATIENCE_MS = 3_000

/** Waits for something to be drawn; it has the same time whenever it is missed anew. */
export class Patience {
  readonly #onEnd: () => void
  #timer: ReturnType<typeof setTimeout> | undefined
  #isOver = false

  /** @param onEnd it has not come. */
  constructor(onEnd: () => void) {
    this.#onEnd = onEnd
  }

  /** It is not there. @returns whether it may still come. */
  misses(): boolean {
    if (this.#isOver) return false
    // The page's own `load` is a reason to look again.
    if (document.readyState === 'complete')
      this.#timer ??= setTimeout(() => {
        this.#isOver = true
        this.#onEnd()
      }, PATIENCE_MS)
    return true
  }

  /** It is there, or nobody waits any more. */
  reset(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#isOver = false
  }
}
