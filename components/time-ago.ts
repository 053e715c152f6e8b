const HOUR = 3_600_000
const DAY = 24 * HOUR

/** "3 hours ago", "yesterday", "2 weeks ago": how long before `now` (ms) something was, in the largest whole unit. */
export function timeAgo(ms: number, now: number, locale: string): string {
  const past = Math.max(0, now - ms)
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  if (past < DAY) return format.format(-Math.max(1, Math.floor(past / HOUR)), 'hour')
  if (past < 14 * DAY) return format.format(-Math.floor(past / DAY), 'day')
  if (past < 60 * DAY) return format.format(-Math.floor(past / (7 * DAY)), 'week')
  return format.format(-Math.floor(past / (30 * DAY)), 'month')
}

/** What is coarser than this is told in hours. */
export const isWithinTheHour = (ms: number, now: number): boolean => now - ms < HOUR
