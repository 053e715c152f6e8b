import type { AccountId } from '../../protocol/device'
import type { ActView, BarView, RulesView } from '../../protocol/host-port'
import type { PersonView } from '../../protocol/people'
import type { HeldRuling } from '../../protocol/ruling'
import { isBar, type Ruling, rulerOf } from '../../protocol/ruling'
import type { RoomSession } from '../room/room-session'

/** What is shown of what was decided. */
const MAX_SHOWN = 100

/** What was decided last, the oldest first. */
export function actsView(session: RoomSession | undefined): ActView[] {
  if (!session) return []
  const shown = session.rulings.all.filter(({ ruling }) => ruling.act !== 'staff').slice(0, MAX_SHOWN)
  return shown.flatMap((held) => actView(held, session)).reverse()
}

function actView({ id, ruling }: HeldRuling, session: RoomSession): ActView[] {
  const { act } = ruling
  if (act === 'staff') return []
  const by = rulerOf(ruling)
  const name = (by && session.people.nameOf(by.account)) ?? by?.name ?? ''
  return [
    {
      id,
      act,
      ms: ruling.ms,
      by: name,
      ...('account' in ruling && { target: targetOf(ruling, session) }),
      ...(act === 'timeout' && { until: ruling.until }),
      ...(act === 'delete' && { at: ruling.at }),
      ...(act === 'slow' && { seconds: ruling.seconds }),
      ...(act === 'linked-only' && { on: ruling.on }),
      stands: stands(ruling, session),
    },
  ]
}

/** By the name that this browser knows; else by the one that whoever decided gave them. */
const targetOf = ({ account, name }: { account: AccountId; name: string }, session: RoomSession) => ({
  accountId: account,
  name: session.people.nameOf(account) ?? name,
})

/** Whether it holds now, and could be undone. */
function stands(ruling: Ruling, session: RoomSession): boolean {
  const { rulings, standing } = session
  if (isBar(ruling)) {
    if (ruling.act === 'unban' || !rulings.moderation.barsOf(ruling.account).includes(ruling)) return false
    return ruling.act === 'ban' || ruling.until > standing.now
  }
  if (ruling.act !== 'slow' && ruling.act !== 'linked-only') return false
  const newest = rulings.all.find((held) => held.ruling.act === ruling.act)?.ruling
  return newest === ruling && (ruling.act === 'slow' ? ruling.seconds > 0 : ruling.on)
}

/** What was decided for the room, and what this viewer may do. */
export function rulesView(session: RoomSession | undefined): RulesView {
  if (!session) return { linkedOnly: false, barred: false, mayRule: false, role: null, slow: 0, bar: null }
  const { standing, rulings } = session
  const { isLinkedOnly, isBarred, mayRule, role } = standing
  return {
    linkedOnly: isLinkedOnly,
    barred: isBarred,
    mayRule,
    role,
    slow: rulings.slowAt(standing.now),
    bar: barView(session),
  }
}

function barView({ standing, people }: RoomSession): BarView | null {
  const { bar } = standing
  if (!bar) return standing.isBanned ? { kind: 'ban', until: null, by: null } : null
  const by = rulerOf(bar.ruling)
  return {
    kind: bar.ruling.act === 'ban' ? 'ban' : 'timeout',
    until: Number.isFinite(bar.until) ? bar.until : null,
    by: (by && people.nameOf(by.account)) ?? by?.name ?? null,
  }
}

/** Until when somebody may not speak, and by whose word. */
export function barOf({ rulings, standing }: RoomSession, account: AccountId): PersonView['bar'] {
  const bar = rulings.moderation.barOf(account, standing.now)
  if (!bar) return undefined
  const by = rulerOf(bar.ruling)?.role ?? 'moderator'
  return { until: Number.isFinite(bar.until) ? bar.until : null, by }
}
