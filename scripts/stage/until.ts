/** How long to try and what to call the thing that never came. */
export interface UntilOptions {
  /** Named in the error: "waited 10000 ms for …". */
  what: string
  /** Milliseconds, 10 000 unless told. */
  timeout?: number
  /** Milliseconds between two looks. */
  interval?: number
  /** Ends the wait at once. */
  signal?: AbortSignal
}

/**
 * Looks again and again until `look` gives something other than `undefined`, `null` or `false`, and returns that.
 *
 * For conditions in other processes, where nothing can call us back. A `look` that throws counts as "not yet"; its last error is
 * the cause of the final one.
 *
 * @throws when the time is up or the signal fires.
 */
export async function until<T>(
  look: () => T | Promise<T>,
  { what, timeout = 10_000, interval = 50, signal }: UntilOptions,
): Promise<Exclude<T, undefined | null | false>> {
  const deadline = performance.now() + timeout
  let cause: unknown
  do {
    signal?.throwIfAborted()
    try {
      const seen = await look()
      if (seen !== undefined && seen !== null && seen !== false) {
        return seen as Exclude<T, undefined | null | false>
      }
      cause = undefined
    } catch (error) {
      cause = error
    }
    await new Promise((next) => setTimeout(next, interval))
  } while (performance.now() < deadline)
  throw new Error(`waited ${timeout} ms for ${what}`, { cause })
}
