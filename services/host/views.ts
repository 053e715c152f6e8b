import type { Credentials } from '../../protocol/control'
import type { AccountId } from '../../protocol/device'
import type {
  ConnectionView,
  FoundMessages,
  HistoryView,
  MessageView,
  OlderMessages,
  ReplyView,
  RoomView,
  WaitingView,
} from '../../protocol/host-port'
import { type MessageId, messageIdSchema } from '../../protocol/message'
import type { PersonView } from '../../protocol/people'
import { FIRST_PAGE } from '../history/history-reader'
import type { LoggedMessage } from '../log/logged-message'
import type { RoomSession } from '../room/room-session'
import { actsView, barOf, rulesView } from './act-views'

/** Messages in each older page. */
const PAGE_LENGTH = 100

const NO_HISTORY: HistoryView = { more: false, corrupt: 0, problem: null }

/** What a panel is shown of a message that is answered (code points), and of what a search finds. */
const PREVIEW_LENGTH = 140
const MAX_FOUND = 50
/** Keys of one person; more are nobody's to compare. */
const MAX_DEVICES_SHOWN = 10

/** A message as a panel shows it. `reach`: to how many members it was sent, for our own of this visit. */
export function messageView(message: LoggedMessage, session: RoomSession): MessageView {
  const reach = session.log.reachOf(message.id)
  const avatar = session.people.avatarOf(message.account)
  const role = session.people.roleOf(message.account)
  return {
    id: message.id,
    accountId: message.account,
    device: message.device,
    name: message.name,
    text: message.body,
    ms: message.time.ms,
    count: message.time.count,
    mine: message.account === session.account,
    ...(message.kind === 'me' && { me: true }),
    ...(message.reply !== undefined && { reply: replyView(message.reply, session) }),
    ...(role !== null && { role }),
    ...(avatar !== undefined && { avatar }),
    ...(message.key !== undefined && { key: message.key }),
    ...(reach !== undefined && { reach }),
  }
}

/** What this browser knows of a message that is answered. Whoever answers only names it. */
function replyView(id: MessageId, session: RoomSession): ReplyView {
  const answered = session.log.get(id)
  if (!answered || isHidden(answered.account, session)) return { id }
  const { account, name, body } = answered
  const text = [...body.replace(/\s+/gu, ' ').trim()].slice(0, PREVIEW_LENGTH).join('')
  return { id, accountId: account, name, text, ...(account === session.account && { mine: true }) }
}

/** What waits to be said, with what it answers. */
export const waitingView = (session: RoomSession): WaitingView[] =>
  session.outbox.view.map((line) => {
    const id = messageIdSchema.safeParse(line.reply?.id)
    return id.success ? { ...line, reply: replyView(id.data, session) } : line
  })

/** What a panel shows of a room; without a session, of the lack of one. */
export function roomView(
  session: RoomSession | undefined,
): Pick<
  RoomView,
  'rules' | 'acts' | 'reports' | 'members' | 'memberCount' | 'typing' | 'messages' | 'history' | 'waiting'
> {
  const rules = rulesView(session)
  const acts = actsView(session)
  if (!session)
    return {
      rules,
      acts,
      reports: [],
      members: [],
      memberCount: 0,
      typing: [],
      messages: [],
      history: NO_HISTORY,
      waiting: [],
    }
  const shown = session.log.all.filter((message) => isShown(message, session))
  const messages = shown.slice(-FIRST_PAGE).map((message) => messageView(message, session))
  return {
    rules,
    acts,
    reports: reportsView(session),
    ...peopleView(session),
    typing: typingView(session),
    messages,
    history: session.log.history,
    waiting: waitingView(session),
  }
}

/** Whether a message is to be seen: not by whom the viewer does not want to hear, and not said too soon in a slow room. */
export const isShown = (message: LoggedMessage, session: RoomSession): boolean =>
  !isHidden(message.account, session) && !session.log.isHasty(message)

/** Whether the viewer wants to see nothing of what an account says. */
export const isHidden = (account: AccountId, session: RoomSession): boolean =>
  session.standingOf(account) !== null

/** What was reported to the viewer, as long as they may moderate; not by whom they do not want to hear. */
export const reportsView = (session: RoomSession): RoomView['reports'] =>
  session.standing.mayRule
    ? session.reports.all.filter(({ by }) => session.standingOf(by.accountId) !== 'blocked')
    : []

/** Who is writing, of those who are heard. */
export const typingView = (session: RoomSession): RoomView['typing'] =>
  session.people.typing.filter(({ accountId }) => !isHidden(accountId, session))

/** Who is here. Those who are blocked are neither shown nor counted. */
export function peopleView(session: RoomSession): Pick<RoomView, 'members' | 'memberCount'> {
  const { people } = session
  const { members, count } = people.all
  const shown = members.filter(({ accountId }) => session.standingOf(accountId) !== 'blocked')
  const withRoles = shown.map((member) => {
    const role = people.roleOf(member.accountId)
    return role === null ? member : { ...member, role }
  })
  return { members: withRoles, memberCount: count - (members.length - shown.length) }
}

/** A page with nothing to show in it is no page: the one before it is looked at, too. */
export function olderView(session: RoomSession, id: string): OlderMessages {
  for (let before = id; ; ) {
    const { messages, more } = session.log.before(before, PAGE_LENGTH)
    const shown = messages.filter((message) => isShown(message, session))
    const [oldest] = messages
    if (shown.length > 0 || !more || !oldest)
      return { messages: shown.map((message) => messageView(message, session)), more }
    before = oldest.id
  }
}

/** Somebody as a card shows them, whether they are here or only said something; `null` for whom nobody here has heard of. */
export function personView(session: RoomSession, account: AccountId): PersonView | null {
  const { people, log } = session
  const { passport, here } = people.personOf(account)
  const said = log.all.filter((message) => message.account === account)
  const name = passport?.name ?? said.at(-1)?.name
  if (name === undefined) return null
  const role = people.roleOf(account)
  const bar = barOf(session, account)
  const devices = new Set([
    ...here.map((member) => member.passport.device),
    ...said.map(({ device }) => device),
  ])
  return {
    accountId: account,
    name,
    ...(passport?.avatar !== undefined && { avatar: passport.avatar }),
    ...(passport?.twitch !== undefined && { twitch: passport.twitch }),
    ...(role !== null && { role }),
    me: account === session.account,
    ...(bar && { bar }),
    presence: here.length === 0 ? 'gone' : here.every(({ away }) => away) ? 'away' : 'here',
    devices: [...devices].slice(0, MAX_DEVICES_SHOWN),
  }
}

export async function foundView(session: RoomSession, text: string): Promise<FoundMessages> {
  const { messages, more } = await session.log.search(text, MAX_FOUND)
  const shown = messages.filter((message) => isShown(message, session))
  return { messages: shown.map((message) => messageView(message, session)), more }
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
  if (session?.standing.isBanned) return { state: 'banned', ...rest }
  if (links > 0) return { state: 'connected', ...rest }
  if (server) return { state: 'hub-only', ...rest }
  const isFailing = session ? session.isServerFailing : isAskingInVain
  return { state: isFailing || !isOnline ? 'offline' : 'connecting', ...rest }
}
