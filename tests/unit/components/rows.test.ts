import { describe, expect, it } from 'vitest'
import { rowsOf } from '../../../components/rows'
import type { OutgoingLine } from '../../../stores/outgoing'
import { ME, message, own } from '../stores/fake-host'

const me = { accountId: ME, name: 'BraveOtter' }
const keyOf = (id: string) => id
const MINUTE = 60_000
const brief = (sources: Partial<Parameters<typeof rowsOf>[0]>) =>
  rowsOf({ messages: [], notices: [], sending: [], me, keyOf, ...sources }).map((row) =>
    row.kind === 'notice' ? row.key : `${row.key}${row.grouped ? ' grouped' : ''}`,
  )

describe('rows', () => {
  it('puts lines of one author under one head for five minutes', () => {
    const messages = [
      message('a', { ms: 0 }),
      message('b', { ms: 4 * MINUTE }),
      message('c', { ms: 5 * MINUTE }),
      own('d', 'x', 5 * MINUTE),
      message('e', { ms: 5 * MINUTE }),
      message('f', { ms: 5 * MINUTE, name: 'Renamed' }),
    ]
    expect(brief({ messages })).toEqual(['a', 'b grouped', 'c', 'd', 'e', 'f'])
  })

  it('puts notices where they happened, and a new head after them', () => {
    const messages = [message('a', { ms: 1 }), message('b', { ms: 3 }), message('c', { ms: 3 })]
    const notices = [
      { id: '1', kind: 'arrived' as const, name: 'X', ms: 0 },
      { id: '2', kind: 'left' as const, name: 'X', ms: 2 },
      { id: '3', kind: 'arrived' as const, name: 'X', ms: 9 },
    ]
    expect(brief({ messages, notices })).toEqual(['notice-1', 'a', 'notice-2', 'b', 'c grouped', 'notice-3'])
  })

  it('puts own lines under way at the end, under the own head', () => {
    const line: OutgoingLine = { key: 'own-1', text: 'x', ms: 2, refused: null, id: null, heardAs: null }
    const rows = rowsOf({
      messages: [own('a', 'x', 1)],
      notices: [],
      sending: [line, { ...line, key: 'own-2', refused: 'too-fast' }],
      me,
      keyOf,
    })
    expect(rows).toMatchObject([
      { key: 'a', status: 'said' },
      { key: 'own-1', status: 'sending', grouped: true, line: { name: 'BraveOtter', mine: true } },
      { key: 'own-2', status: 'too-fast', grouped: true },
    ])
  })
})
