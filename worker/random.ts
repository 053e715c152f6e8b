import { toBase64Url } from '../protocol/bytes'

/** A uniform integer in `[0, below)`, `below` ≤ 2³². Draws again instead of folding, so without modulo bias. */
export function randomBelow(below: number): number {
  if (!Number.isInteger(below) || below < 1 || below > 2 ** 32) throw new RangeError('not a range')
  const fair = 2 ** 32 - (2 ** 32 % below)
  for (;;) {
    const [drawn = fair] = crypto.getRandomValues(new Uint32Array(1))
    if (drawn < fair) return drawn % below
  }
}

/** `length` random bytes as base64url. */
export const randomId = (length: number): string =>
  toBase64Url(crypto.getRandomValues(new Uint8Array(length)))
