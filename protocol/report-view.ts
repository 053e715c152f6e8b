import type { AccountId } from './device'

/** Why somebody is reported. Apart from the schemas, which the panel does not need. */
export const REPORT_REASONS = ['harassment', 'hate', 'sexual', 'spam', 'other'] as const
export type ReportReason = (typeof REPORT_REASONS)[number]

/** Whom a viewer reports, and why; `words` may be empty. */
export interface ReportWish {
  account: AccountId
  name: string
  reason: ReportReason
  words: string
  /** The message that it is about, by its id. */
  message?: string
  /** The channel in whose room it was: a tab may be at another one by now. */
  login?: string
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
  /** What they said, by their own signatures, in the order of the report. */
  messages: { text: string; ms: number }[]
  /** Messages that came along and that nobody can tell to be theirs: not shown. */
  unproven: number
}
