import { accountIdSchema } from './device'
import { MAX_NAME_BYTES, MAX_REPORT_WORDS } from './limits'
import { REPORT_REASONS } from './report-view'
import { z } from './schema'

export const reportReasonSchema = z.enum(REPORT_REASONS)

/** What a reporter adds, in code points; there may be nothing. */
export const reportWordsSchema = z
  .string()
  .refine((words) => words.isWellFormed() && [...words].length <= MAX_REPORT_WORDS)

/** Whom a viewer reports, and why. */
export const reportWishSchema = z.strictObject({
  account: accountIdSchema,
  name: z.string().min(1).max(MAX_NAME_BYTES),
  reason: reportReasonSchema,
  words: reportWordsSchema,
})
