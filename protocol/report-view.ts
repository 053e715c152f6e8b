import type { AccountId } from './device'
import { accountIdSchema } from './device'
import { MAX_NAME_BYTES, MAX_REPORT_WORDS } from './limits'
import { z } from './schema'

/** Why somebody is reported. */
export const REPORT_REASONS = ['harassment', 'hate', 'sexual', 'spam', 'other'] as const
export const reportReasonSchema = z.enum(REPORT_REASONS)
export type ReportReason = z.infer<typeof reportReasonSchema>

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
export type ReportWish = z.infer<typeof reportWishSchema>

/** Who has the report now, or why nobody has: an error code of the Worker's, or `network`. */
export type ReportOutcome = { to: 'moderators' | 'operator' } | { failed: string }

/** A report as a moderator is shown it. */
export interface ReportView {
  id: string
  ms: number
  by: { accountId: AccountId; name: string }
  about: { accountId: AccountId; name: string }
  reason: ReportReason
  words: string
  /** What they said, by their own signatures, in the order of the report. */
  messages: { text: string; ms: number }[]
  /** Messages that came along and that nobody can tell to be theirs: not shown. */
  unproven: number
}
