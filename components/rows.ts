import type { ActView, MembershipView, MessageView, ReplyView } from '../protocol/host-port'
import type { OwnLine } from '../stores/own-lines'

/** Consecutive lines of one author share one head within this time of the first. */
const GROUP_MS = 5 * 60_000

export type LineView = Pick<
  MessageView,
  'id' | 'accountId' | 'name' | 'text' | 'ms' | 'mine' | 'reach' | 'me' | 'reply' | 'role'
>
/** What became of a line; `refused` says why. */
export type LineStatus = { state: 'said' } | Pick<OwnLine, 'state' | 'refused'>

export interface MessageRow {
  kind: 'message'
  key: string
  line: LineView
  status: LineStatus
  /** Under the head of an earlier line of the same author. */
  grouped: boolean
  /** The last that the viewer said: what counts for each of them is told under this one alone. */
  newestOwn: boolean
  /** It speaks to the viewer: it names them, or answers them. */
  toMe: boolean
}
export type Row =
  | MessageRow
  | { kind: 'notice'; key: string; notice: NoticeView }
  /** Above the first message of a day that is not the one before's. */
  | { kind: 'day'; key: string; ms: number }
  /** Above the first message that the viewer has not seen. */
  | { kind: 'unread'; key: string }

/** What is told quietly between messages: who came and went, and what was decided. */
export type NoticeView = MembershipView | { kind: 'act'; id: string; ms: number; act: ActView }

interface Sources {
  messages: readonly MessageView[]
  notices: readonly NoticeView[]
  waiting: readonly OwnLine[]
  me: { accountId: MessageView['accountId']; name: string } | null
  /** The first message that the viewer has not seen. */
  unreadFrom?: string | null
  /** Whether a text names the viewer. */
  namesMe?(text: string): boolean
}

const SAID: LineStatus = { state: 'said' }

/** What the list shows, top to bottom: messages and notices by time, then what is still on its way. */
export function rowsOf({ messages, notices, waiting, me, unreadFrom, namesMe }: Sources): Row[] {
  const rows: Row[] = []
  const replies = new Replies(messages)
  const days = new Days()
  let head: LineView | null = null
  let newestOwn: MessageRow | null = null
  let nextNotice = 0

  function addNoticesBefore(ms: number): void {
    for (let notice = notices[nextNotice]; notice && notice.ms < ms; notice = notices[nextNotice]) {
      rows.push({ kind: 'notice', key: `notice-${notice.id}`, notice })
      nextNotice += 1
      head = null
    }
  }

  function addLine(key: string, line: LineView, status: LineStatus): void {
    const grouped: boolean =
      head !== null &&
      head.accountId === line.accountId &&
      head.name === line.name &&
      line.ms - head.ms < GROUP_MS &&
      // What needs a head to be understood: whom it answers, and who does it.
      !line.me &&
      !head.me &&
      !line.reply
    if (!grouped) head = line
    const toMe = !line.mine && (line.reply?.mine === true || namesMe?.(line.text) === true)
    const row: MessageRow = { kind: 'message', key, line, status, grouped, newestOwn: line.mine, toMe }
    if (line.mine) {
      if (newestOwn) newestOwn.newestOwn = false
      newestOwn = row
    }
    rows.push(row)
  }

  for (const message of messages) {
    addNoticesBefore(message.ms)
    if (days.isAnother(message.ms)) {
      rows.push({ kind: 'day', key: `day-${message.id}`, ms: message.ms })
      head = null
    }
    if (message.id === unreadFrom) {
      rows.push({ kind: 'unread', key: 'unread' })
      head = null
    }
    addLine(message.key ?? message.id, replies.completed(message), SAID)
  }
  addNoticesBefore(Number.POSITIVE_INFINITY)
  if (!me) return rows
  for (const { key, text, ms, state, refused, me: isDeed, reply } of waiting) {
    const line: LineView = {
      id: key,
      accountId: me.accountId,
      name: me.name,
      text,
      ms,
      mine: true,
      ...(isDeed && { me: isDeed }),
      ...(reply && { reply }),
    }
    addLine(key, replies.completed(line), { state, ...(refused && { refused }) })
  }
  return rows
}

/** Lines with what they answer, where that came later than they did, or the host keeps it no more. */
class Replies {
  readonly #messages: readonly MessageView[]
  #byId: Map<string, MessageView> | undefined

  constructor(messages: readonly MessageView[]) {
    this.#messages = messages
  }

  completed<Line extends LineView>(line: Line): Line {
    if (!line.reply || line.reply.name !== undefined) return line
    this.#byId ??= new Map(this.#messages.map((message) => [message.id, message]))
    const answered = this.#byId.get(line.reply.id)
    return answered ? { ...line, reply: asReply(answered) } : line
  }
}

/** A message as another one that answers it shows it. */
export const asReply = ({ id, accountId, name, text, mine }: LineView): ReplyView => ({
  id,
  accountId,
  name,
  text: text.replace(/\s+/gu, ' ').trim(),
  ...(mine && { mine }),
})

/** Where days begin, by this browser's calendar. */
class Days {
  #from = Number.NaN
  #to = Number.NaN

  /** Whether `ms` is of another day than the one asked about before; not for the first, of which nothing was said. */
  isAnother(ms: number): boolean {
    if (ms >= this.#from && ms < this.#to) return false
    const isFirst = Number.isNaN(this.#from)
    const day = new Date(ms)
    this.#from = day.setHours(0, 0, 0, 0)
    this.#to = day.setDate(day.getDate() + 1)
    return !isFirst
  }
}
