import type { Credentials } from '../../protocol/control'
import type {
  ConnectionView,
  HistoryView,
  MessageView,
  OlderMessages,
  RoomView,
  RulesView,
} from '../../protocol/host-port'
import { FIRST_PAGE } from '../history/history-reader'
import type { LoggedMessage } from '../log/logged-message'
import type { RoomSession } from '../room/room-session'

/** Messages in each older page. */
const PAGE_LENGTH = 100

const NO_HISTORY: HistoryView = { more: false, corrupt: 0, problem: null }

/** A message as a panel shows it. `reach`: to how many members it was sent, for our own of this visit. */
export function messageView(message: LoggedMessage, session: RoomSession): MessageView {
  const reach = session.log.reachOf(message.id)
  const avatar = session.people.avatarOf(message.account)
  return {
    id: message.id,
    accountId: message.account,
    device: message.device,
    name: message.name,
    text: message.body,
    ms: message.time.ms,
    count: message.time.count,
    mine: message.account === session.account,
    ...(avatar !== undefined && { avatar }),
    ...(message.key !== undefined && { key: message.key }),
    ...(reach !== undefined && { reach }),
  }
}

/** What a panel shows of a room; without a session, of the lack of one. */
export function roomView(
  session: RoomSession | undefined,
): Pick<RoomView, 'rules' | 'members' | 'memberCount' | 'typing' | 'messages' | 'history' | 'waiting'> {
  const rules = rulesView(session)
  if (!session)
    return { rules, members: [], memberCount: 0, typing: [], messages: [], history: NO_HISTORY, waiting: [] }
  const messages = session.log.newest(FIRST_PAGE).map((message) => messageView(message, session))
  return {
    rules,
    ...peopleView(session),
    typing: session.people.typing,
    messages,
    history: session.log.history,
    waiting: session.outbox.view,
  }
}

export function peopleView({ people }: RoomSession): Pick<RoomView, 'members' | 'memberCount'> {
  const { members, count } = people.all
  return { members, memberCount: count }
}

export function rulesView(session: RoomSession | undefined): RulesView {
  if (!session) return { linkedOnly: false, barred: false, mayRule: false }
  const { isLinkedOnly, isBarred, mayRule } = session.standing
  return { linkedOnly: isLinkedOnly, barred: isBarred, mayRule }
}

export function olderView(session: RoomSession, id: string): OlderMessages {
  const { messages, more } = session.log.before(id, PAGE_LENGTH)
  return { messages: messages.map((message) => messageView(message, session)), more }
}

interface Circumstances {
  /** `undefined` until it is known. */
  credentials: Credentials | null | undefined
  /** The browser believes in a network. */
  isOnline: boolean
  /** Who we are could not be asked. */
  isAskingInVain: boolean
}

/** How a room is connected, as far as a viewer needs to know. */
export function connectionView(
  session: RoomSession | undefined,
  { credentials, isOnline, isAskingInVain }: Circumstances,
): ConnectionView {
  const links = session?.linkCount ?? 0
  const server = session?.hasServer ?? false
  const kinds = session?.kinds ?? { direct: 0, turn: 0, hub: 0 }
  const rest = { links, server, kinds, tampered: session?.isTampered ?? false }
  if (credentials === null) return { state: 'signed-out', ...rest }
  if (session?.standing.isBarred) return { state: 'barred', ...rest }
  if (links > 0) return { state: 'connected', ...rest }
  if (server) return { state: 'hub-only', ...rest }
  const isFailing = session ? session.isServerFailing : isAskingInVain
  return { state: isFailing || !isOnline ? 'offline' : 'connecting', ...rest }
}
