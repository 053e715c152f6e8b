import type { ActView, MembershipView } from '../protocol/host-port'
import type { NoticeView } from './rows'

interface Sources {
  memberships: readonly MembershipView[]
  acts: readonly ActView[]
  /** When the oldest message that is shown was said (ms), where there are older ones. */
  since?: number | undefined
}

/** What is told between messages, by time. A message that was deleted left its place to the word of that. */
export function noticesOf({ memberships, acts, since }: Sources): readonly NoticeView[] {
  if (acts.length === 0) return memberships
  const told = acts.map((act): NoticeView => ({ kind: 'act', id: act.id, ms: act.at ?? act.ms, act }))
  const shown = since === undefined ? told : told.filter(({ ms }) => ms >= since)
  return [...memberships, ...shown].sort((a, b) => a.ms - b.ms)
}
