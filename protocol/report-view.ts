import type { AccountId } from './device'

/** Why somebody is reported. Apart from the schemas, which the panel does not need. */
export const REPORT_REASONS = ['harassment', 'hate', 'sexual', 'spam', 'other'] as const
export type ReportReason = (typeof REPORT_REASONS)[number]

/**
 * Whom a viewer reports, and why; `words` may be empty. `message`: the id of the one that is reported. `login`: the channel at
 * which the viewer began to report, so that nobody of another is told.
 */
export interface ReportWish {
  account: AccountId
  name: string
  reason: ReportReason
  words: string
  message?: string | undefined
  login?: string | undefined
}

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
  /** What they said, by their own signatures, oldest first. */
  messages: { text: string; ms: number }[]
  /** Messages that came along and that nobody can tell to be theirs: not shown. */
  unproven: number
}
