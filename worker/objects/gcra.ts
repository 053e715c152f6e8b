/** What may be taken: so much at once, and one each `everyMs` in the long run. */
export interface Pace {
  readonly burst: number
  readonly everyMs: number
}

/** Granted, with when all that was taken will be paid back (ms), or how many seconds to wait for the next. */
export type Grant = { paidAt: number } | { retryAfter: number }

/**
 * Takes one at `now` (ms), where all that was taken before is paid back at `paidAt` (ms; `undefined`: nothing was). One
 * number tells everything (GCRA, ITU-T I.371).
 */
export function takeOne(paidAt: number | undefined, now: number, { burst, everyMs }: Pace): Grant {
  const next = Math.max(paidAt ?? now, now) + everyMs
  const wait = next - now - burst * everyMs
  return wait > 0 ? { retryAfter: Math.ceil(wait / 1000) } : { paidAt: next }
}
