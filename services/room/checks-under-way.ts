/** What is being checked right now, whichever link brought it: the others that bring the same wait for what comes of it. */
export class ChecksUnderWay {
  readonly #checks = new Map<string, Promise<unknown>>()

  /** Resolves when the check under `id` is over, whatever came of it. `undefined`: there is none. */
  of(id: string): Promise<void> | undefined {
    return this.#checks.get(id)?.then(
      () => {},
      () => {},
    )
  }

  /** Runs a check under `id`. Only while there is none. */
  async run<T>(id: string, check: () => Promise<T>): Promise<T> {
    const running = check()
    this.#checks.set(id, running)
    try {
      return await running
    } finally {
      this.#checks.delete(id)
    }
  }
}
