import type { MembershipView, MessageView } from '../protocol/host-port'
import type { OutgoingLine, RefusalReason } from '../stores/outgoing'

/** Consecutive lines of one author share one head within this time of the first. */
const GROUP_MS = 5 * 60_000

export type LineView = Pick<MessageView, 'id' | 'accountId' | 'name' | 'text' | 'ms' | 'mine' | 'reach'>
export type LineStatus = 'said' | 'sending' | RefusalReason

export type Row =
  | { kind: 'message'; key: string; line: LineView; status: LineStatus; grouped: boolean }
  | { kind: 'notice'; key: string; notice: MembershipView }

interface Sources {
  messages: readonly MessageView[]
  notices: readonly MembershipView[]
  sending: readonly OutgoingLine[]
  me: { accountId: MessageView['accountId']; name: string } | null
  keyOf(id: string): string
}

/** What the list shows, top to bottom: messages and notices by time, then what is still on its way. */
export function rowsOf({ messages, notices, sending, me, keyOf }: Sources): Row[] {
  const rows: Row[] = []
  let head: LineView | null = null
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
    rows.push({ kind: 'message', key, line, status, grouped })
  }

  for (const message of messages) {
    addNoticesBefore(message.ms)
    addLine(keyOf(message.id), message, 'said')
  }
  addNoticesBefore(Number.POSITIVE_INFINITY)
  if (!me) return rows
  for (const { key, text, ms, refused, id } of sending) {
    const line = { id: id ?? key, accountId: me.accountId, name: me.name, text, ms, mine: true }
    addLine(key, line, refused ?? 'sending')
  }
  return rows
}
