import type { AccountId } from '../../protocol/device'
import type { ConnectionView, MembershipView } from '../../protocol/host-port'
import type { RoomSession } from '../room/room-session'
import type { Membership } from '../room/roster'
import type { SessionChange } from '../room/session-world'
import { actsView, rulesView } from './act-views'
import type { PanelFeed } from './panel-feed'
import { isHidden, isShown, messageView, peopleView, reportsView, typingView, waitingView } from './views'

/** Tells a panel what changed in its room. */
export function tellFeed(
  feed: PanelFeed,
  change: SessionChange,
  session: RoomSession,
  connection: () => ConnectionView,
): void {
  if (change.t === 'message') feed.message(messageView(change.message, session))
  else if (change.t === 'log') feed.reset(true)
  else if (change.t === 'membership') feed.notice(noticeView(change.membership))
  else if (change.t === 'members') feed.change(peopleView(session))
  else if (change.t === 'connection') feed.change({ connection: connection() })
  else if (change.t === 'rules')
    feed.change({
      rules: rulesView(session),
      acts: actsView(session),
      reports: reportsView(session),
    })
  else if (change.t === 'reports') feed.change({ reports: reportsView(session) })
  else if (change.t === 'waiting') feed.change({ waiting: waitingView(session) })
  else if (change.t === 'typing') feed.change({ typing: typingView(session) })
  else feed.change({ history: session.log.history })
}

/** Whether a change is about somebody whom the viewer does not want to hear of. */
export function isAboutHidden(change: SessionChange, session: RoomSession): boolean {
  if (change.t === 'message' && !isShown(change.message, session)) return true
  const account = accountIn(change)
  return account !== undefined && isHidden(account, session)
}

/** Whom a change is about, if it is about one person. */
function accountIn(change: SessionChange): AccountId | undefined {
  if (change.t === 'message') return change.message.account
  return change.t === 'membership' ? change.membership.account : undefined
}

const noticeView = ({ account: _, ...membership }: Membership): MembershipView => ({
  ...membership,
  id: `${membership.kind} ${membership.name} ${membership.ms}`,
})
