import {
  DIGEST_BUCKETS,
  DIGEST_HASH_BYTES,
  MAX_IDS_PER_FRAME,
  MAX_PASSPORT_BYTES,
  MAX_RULINGS_ASKED,
  SHORT_ID_BYTES,
} from './limits'
import { signedBytesSchema } from './message'
import { bytesOf, epochMs, z } from './schema'

/**
 * How two members find out what one has said and the other has not heard. Each pulls for itself:
 * `digest` (what I have, roughly) → `have` (ids of what I hold where we differ) → `want` (those I lack) → `past`.
 */

/** Whole ids of `SHORT_ID_BYTES` each, in one piece. */
const wholeIds = (most: number) =>
  z
    .instanceof(Uint8Array)
    .refine((ids) => ids.length % SHORT_ID_BYTES === 0 && ids.length <= most * SHORT_ID_BYTES)
export const shortIds = wholeIds(MAX_IDS_PER_FRAME)
/** Rulings that are asked for. */
export const askedRulings = wholeIds(MAX_RULINGS_ASKED)

/**
 * One hash for each bucket of time. Bucket `i` holds what was stamped from `starts[i]` (ms) to before the next start;
 * the last has no end. Nothing before `starts[0]` is wanted.
 */
export const digestSchema = z
  .strictObject({
    starts: z.array(epochMs).min(1).max(DIGEST_BUCKETS),
    /** For each bucket the first bytes of the SHA-256 over its sorted short ids. */
    hashes: z.instanceof(Uint8Array),
    /** The same over the devices that proofs have voided. */
    voided: bytesOf(DIGEST_HASH_BYTES),
  })
  .refine(({ starts }) => starts.every((start, index) => index === 0 || start > (starts[index - 1] ?? start)))
  .refine(({ starts, hashes }) => hashes.length === starts.length * DIGEST_HASH_BYTES)
export type Digest = z.infer<typeof digestSchema>

/** What the answering member holds in the buckets that differ. `more`: further frames of this answer follow. */
export const haveSchema = z.strictObject({ ids: shortIds, more: z.boolean() })
export type Have = z.infer<typeof haveSchema>

export const wantSchema = z.strictObject({ ids: shortIds })
export type Want = z.infer<typeof wantSchema>

/** Messages that were asked for, and passports that vouch for their authors; each passport once per answer. */
export const pastSchema = z.strictObject({
  passports: z.array(z.string().max(MAX_PASSPORT_BYTES)).max(16),
  messages: z.array(signedBytesSchema).min(1).max(64),
  more: z.boolean(),
})
export type Past = z.infer<typeof pastSchema>
