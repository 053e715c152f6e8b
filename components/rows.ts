import type { MembershipView, MessageView } from '../protocol/host-port'
import type { OwnLine } from '../stores/own-lines'

/** Consecutive lines of one author share one head within this time of the first. */
const GROUP_MS = 5 * 60_000

export type LineView = Pick<MessageView, 'id' | 'accountId' | 'name' | 'text' | 'ms' | 'mine' | 'reach'>
/** What became of a line; `refused` says why. */
export type LineStatus = { state: 'said' } | Pick<OwnLine, 'state' | 'refused'>

interface MessageRow {
  kind: 'message'
  key: string
  line: LineView
  status: LineStatus
  /** Under the head of an earlier line of the same author. */
  grouped: boolean
  /** The last that the viewer said: what counts for each of them is told under this one alone. */
  newestOwn: boolean
}
export type Row = MessageRow | { kind: 'notice'; key: string; notice: MembershipView }

interface Sources {
  messages: readonly MessageView[]
  notices: readonly MembershipView[]
  waiting: readonly OwnLine[]
  me: { accountId: MessageView['accountId']; name: string } | null
}

const SAID: LineStatus = { state: 'said' }

/** What the list shows, top to bottom: messages and notices by time, then what is still on its way. */
export function rowsOf({ messages, notices, waiting, me }: Sources): Row[] {
  const rows: Row[] = []
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
      line.ms - head.ms < GROUP_MS
    if (!grouped) head = line
    const row: MessageRow = { kind: 'message', key, line, status, grouped, newestOwn: line.mine }
    if (line.mine) {
      if (newestOwn) newestOwn.newestOwn = false
      newestOwn = row
    }
    rows.push(row)
  }

  for (const message of messages) {
    addNoticesBefore(message.ms)
    addLine(message.key ?? message.id, message, SAID)
  }
  addNoticesBefore(Number.POSITIVE_INFINITY)
  if (!me) return rows
  for (const { key, text, ms, state, refused } of waiting) {
    const line = { id: key, accountId: me.accountId, name: me.name, text, ms, mine: true }
    addLine(key, line, { state, ...(refused && { refused }) })
  }
  return rows
}
