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
export const rowsOf = (sources: Sources): Row[] => new RowBuilder(sources).build(sources)

/**
 * The same for sources that change: what only adds messages at the end costs no more than these do, however many were there
 * before.
 */
export function createRows(): (sources: Sources) => Row[] {
  let builder: RowBuilder | undefined
  return (sources) => {
    if (!builder?.continues(sources)) builder = new RowBuilder(sources)
    return builder.build(sources)
  }
}

/** Rows as far as nothing changes them but messages that were not there yet. */
class RowBuilder {
  readonly #begun: Sources
  readonly #replies = new Replies()
  readonly #days = new Days()
  readonly #rows: Row[] = []
  #messages: readonly MessageView[] = []
  #head: LineView | null = null
  #newestOwn: MessageRow | null = null
  #nextNotice = 0

  constructor(sources: Sources) {
    this.#begun = sources
  }

  /** Whether `sources` are those of before but for messages at the end, and what is on its way. */
  continues({ messages, notices, me, unreadFrom, namesMe }: Sources): boolean {
    const begun = this.#begun
    return (
      notices.length === begun.notices.length &&
      notices.every((notice, index) => notice === begun.notices[index]) &&
      me === begun.me &&
      unreadFrom === begun.unreadFrom &&
      namesMe === begun.namesMe &&
      this.#messages.every((message, index) => message === messages[index]) &&
      !this.#replies.miss(messages.slice(this.#messages.length))
    )
  }

  build({ messages, waiting }: Sources): Row[] {
    const news = messages.slice(this.#messages.length)
    this.#messages = messages
    this.#replies.learn(news)
    for (const message of news) this.#say(message)
    return [...this.#rows, ...this.#tail(waiting)]
  }

  #say(message: MessageView): void {
    const { ms, id, key = id } = message
    const notices = this.#noticesBefore(ms)
    if (notices.length > 0) this.#head = null
    this.#rows.push(...notices)
    if (this.#days.isAnother(ms)) {
      this.#rows.push({ kind: 'day', key: `day-${id}`, ms })
      this.#head = null
    }
    if (id === this.#begun.unreadFrom) {
      this.#rows.push({ kind: 'unread', key: 'unread' })
      this.#head = null
    }
    const row = this.#row(key, this.#replies.completed(message), SAID, this.#head)
    if (!row.grouped) this.#head = row.line
    if (message.mine) {
      if (this.#newestOwn) this.#newestOwn.newestOwn = false
      this.#newestOwn = row
    }
    this.#rows.push(row)
  }

  #noticesBefore(ms: number): Row[] {
    const { notices } = this.#begun
    const rows: Row[] = []
    for (let notice = notices[this.#nextNotice]; notice && notice.ms < ms; ) {
      rows.push({ kind: 'notice', key: `notice-${notice.id}`, notice })
      this.#nextNotice += 1
      notice = notices[this.#nextNotice]
    }
    return rows
  }

  /** What comes after all messages; nothing of it is kept. */
  #tail(waiting: readonly OwnLine[]): Row[] {
    const { me } = this.#begun
    const place = this.#nextNotice
    const rows = this.#noticesBefore(Number.POSITIVE_INFINITY)
    this.#nextNotice = place
    let head = rows.length > 0 ? null : this.#head
    let newestOwn = this.#newestOwn
    if (newestOwn) newestOwn.newestOwn = true
    for (const { key, text, ms, state, refused, me: isDeed, reply } of me ? waiting : []) {
      if (!me) break
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
      const status = { state, ...(refused && { refused }) }
      const row = this.#row(key, this.#replies.completed(line), status, head)
      if (!row.grouped) head = row.line
      if (newestOwn) newestOwn.newestOwn = false
      newestOwn = row
      rows.push(row)
    }
    return rows
  }

  #row(key: string, line: LineView, status: LineStatus, head: LineView | null): MessageRow {
    const grouped: boolean =
      head !== null &&
      head.accountId === line.accountId &&
      head.name === line.name &&
      line.ms - head.ms < GROUP_MS &&
      // What needs a head to be understood: whom it answers, and who does it.
      !line.me &&
      !head.me &&
      !line.reply
    const toMe = !line.mine && (line.reply?.mine === true || this.#begun.namesMe?.(line.text) === true)
    return { kind: 'message', key, line, status, grouped, newestOwn: line.mine, toMe }
  }
}

/** Lines with what they answer, where that came later than they did, or the host keeps it no more. */
class Replies {
  readonly #byId = new Map<string, MessageView>()
  /** What was looked for and not found. */
  readonly #missed = new Set<string>()

  learn(messages: readonly MessageView[]): void {
    for (const message of messages) this.#byId.set(message.id, message)
  }

  /** Whether lines were completed without one of `messages`. */
  miss(messages: readonly MessageView[]): boolean {
    return this.#missed.size > 0 && messages.some(({ id }) => this.#missed.has(id))
  }

  completed<Line extends LineView>(line: Line): Line {
    if (!line.reply || line.reply.name !== undefined) return line
    const answered = this.#byId.get(line.reply.id)
    if (!answered) this.#missed.add(line.reply.id)
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
