import * as z from 'zod'

// Extension pages and workerd forbid `new Function`; without this zod tries it once and logs a CSP violation.
z.config({ jitless: true })

export { z }

/** Bytes of an exact length, for example a 32-byte key. */
export const bytesOf = (length: number) => z.instanceof(Uint8Array).refine((bytes) => bytes.length === length)

/** Bytes of at most `max`. */
export const bytesUpTo = (max: number) => z.instanceof(Uint8Array).refine((bytes) => bytes.length <= max)

/** A point in time, in whole milliseconds since 1970-01-01 UTC. */
export const epochMs = z.int().min(0)
