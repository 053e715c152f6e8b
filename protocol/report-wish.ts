import { accountIdSchema } from './device'
import { displayNameSchema } from './display-name'
import { MAX_REPORT_WORDS } from './limits'
import { LOGIN_PATTERN } from './login'
import { messageIdSchema } from './message-id'
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
  name: displayNameSchema,
  reason: reportReasonSchema,
  words: reportWordsSchema,
  message: messageIdSchema.optional(),
  login: z.string().regex(LOGIN_PATTERN).optional(),
})
