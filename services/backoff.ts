import type { Random } from './clock'

export const FIRST_DELAY_MS = 1_000
export const LONGEST_DELAY_MS = 30_000

/**
 * How long to wait before try number `failures` + 1: exponential with full jitter, so that a crowd that lost
 * its server does not return as one wave. From 0 to `firstMs` at first, never more than 30 s.
 */
export function backoffDelay(failures: number, random: Random, firstMs = FIRST_DELAY_MS): number {
  const ceiling = Math.min(LONGEST_DELAY_MS, firstMs * 2 ** Math.min(failures, 16))
  return Math.round(ceiling * random())
}
