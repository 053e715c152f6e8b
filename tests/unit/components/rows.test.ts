import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRows, rowsOf } from '../../../components/rows'
import { HERON, ME, message, own, waiting } from '../stores/fake-host'

const me = { accountId: ME, name: 'BraveOtter' }
const MINUTE = 60_000
const rows = (sources: Partial<Parameters<typeof rowsOf>[0]>) =>
  rowsOf({ messages: [], notices: [], waiting: [], me, ...sources })
const brief = (sources: Partial<Parameters<typeof rowsOf>[0]>) =>
  rows(sources).map((row) => (row.kind === 'message' && row.grouped ? `${row.key} grouped` : row.key))

describe('rows', () => {
  it('puts lines of one author under one head for five minutes', () => {
    const messages = [
      message('a', { ms: 0 }),
      message('b', { ms: 4 * MINUTE }),
      message('c', { ms: 5 * MINUTE }),
      own('d', 'x', { ms: 5 * MINUTE }),
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
    expect(
      rows({
        messages: [own('a', 'x')],
        waiting: [waiting('k1'), waiting('k2', { state: 'refused', refused: 'too-late' })],
      }),
    ).toMatchObject([
      { key: 'a', status: { state: 'said' } },
      { key: 'k1', status: { state: 'sending' }, grouped: true, line: { name: 'BraveOtter', mine: true } },
      { key: 'k2', status: { state: 'refused', refused: 'too-late' }, grouped: true },
    ])
  })

  it('calls a line the same before and after it was said', () => {
    expect(brief({ waiting: [waiting('k')] })).toEqual(['k'])
    expect(brief({ messages: [own('m', 'x', { key: 'k' })] })).toEqual(['k'])
  })

  it('gives a head to whoever does something, or answers', () => {
    const messages = [
      message('a'),
      message('b', { me: true }),
      message('c'),
      message('d'),
      message('e', { reply: { id: 'a', name: 'CalmHeron' } }),
      message('f'),
    ]
    expect(brief({ messages })).toEqual(['a', 'b', 'c', 'd grouped', 'e', 'f grouped'])
  })

  it('draws a line where a day begins, and above what nobody has seen', () => {
    const noon = new Date(2026, 5, 1, 12).getTime()
    const messages = [
      message('a', { ms: noon }),
      message('b', { ms: noon + 11.9 * 60 * MINUTE }),
      message('c', { ms: noon + 12 * 60 * MINUTE }),
      message('d', { ms: noon + 12 * 60 * MINUTE }),
    ]
    expect(brief({ messages, unreadFrom: 'd' })).toEqual(['a', 'b', 'day-c', 'c', 'unread', 'd'])
    expect(brief({ messages, unreadFrom: 'gone' })).toEqual(['a', 'b', 'day-c', 'c', 'd grouped'])
  })

  it('knows what speaks to the viewer: what names them, and what answers them', () => {
    const namesMe = (text: string) => text.includes('@me')
    const toMe = rows({
      messages: [
        message('a', { text: 'hi @me' }),
        message('b', { text: 'hi' }),
        own('c', 'I am @me'),
        message('d', { reply: { id: 'c', name: 'BraveOtter', mine: true } }),
        message('e', { reply: { id: 'a', name: 'CalmHeron' } }),
        message('f', { reply: { id: 'c' } }),
      ],
      namesMe,
    }).flatMap((row) => (row.kind === 'message' && row.toMe ? row.key : []))
    expect(toMe).toEqual(['a', 'd', 'f'])
  })

  it('looks up what is answered, where the host did not know it', () => {
    const reply = (sources: Partial<Parameters<typeof rowsOf>[0]>) => {
      const row = rows(sources).at(-1)
      return row?.kind === 'message' ? row.line.reply : undefined
    }
    const messages = [message('a', { text: 'two\n  lines ' }), message('b', { reply: { id: 'a' } })]
    expect(reply({ messages })).toEqual({ id: 'a', accountId: HERON, name: 'CalmHeron', text: 'two lines' })
    expect(reply({ messages: [message('b', { reply: { id: 'a' } })] })).toEqual({ id: 'a' })
    expect(reply({ messages, waiting: [waiting('k', { reply: { id: 'a' } })] })).toMatchObject({
      name: 'CalmHeron',
    })
    // What the host says is not looked up again.
    const told = { id: 'a', name: 'Told', text: 'so' }
    expect(reply({ messages: [message('a'), message('b', { reply: told })] })).toBe(told)
  })

  it('marks the newest own line alone', () => {
    const newest = (sources: Partial<Parameters<typeof rowsOf>[0]>) =>
      rows(sources).flatMap((row) => (row.kind === 'message' && row.newestOwn ? row.key : []))
    const messages = [own('a', 'x'), own('b', 'y'), message('c')]
    expect(newest({ messages })).toEqual(['b'])
    expect(newest({ messages, waiting: [waiting('k')] })).toEqual(['k'])
    expect(newest({ messages: [message('c')] })).toEqual([])
  })
})

describe('rows that grow', () => {
  const said = fc.record({
    t: fc.constant('say' as const),
    mine: fc.boolean(),
    gap: fc.integer({ min: 0, max: 20 * 60 * MINUTE }),
    /** Answers the message so many before, or after: that may come later. */
    answers: fc.option(fc.integer({ min: -3, max: 5 }), { nil: undefined }),
  })
  const step = fc.oneof(
    { weight: 8, arbitrary: said },
    fc.record({ t: fc.constant('drop' as const), at: fc.nat(20) }),
    fc.record({ t: fc.constant('notice' as const) }),
    fc.record({ t: fc.constant('wait' as const), count: fc.integer({ min: 0, max: 2 }) }),
    fc.record({ t: fc.constant('unread' as const), at: fc.nat(20) }),
  )

  it('are what they would be if made anew', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const make = createRows()
        const namesMe = (text: string) => text.includes('3')
        let sources: Parameters<typeof rowsOf>[0] = { messages: [], notices: [], waiting: [], me, namesMe }
        let now = 0
        let count = 0
        for (const one of steps) {
          const { messages } = sources
          if (one.t === 'say') {
            now += one.gap
            count += 1
            const reply = one.answers === undefined ? {} : { reply: { id: `m${count - one.answers}` } }
            const id = `m${count}`
            const next = one.mine
              ? own(id, `words ${count}`, { ms: now, ...reply })
              : message(id, { ms: now, ...reply })
            sources = { ...sources, messages: [...messages, next] }
          } else if (one.t === 'drop')
            sources = { ...sources, messages: messages.filter((_, at) => at !== one.at) }
          else if (one.t === 'notice')
            sources = {
              ...sources,
              notices: [...sources.notices, { id: `${now}-${count}`, kind: 'left', name: 'X', ms: now }],
            }
          else if (one.t === 'wait')
            sources = { ...sources, waiting: Array.from({ length: one.count }, (_, at) => waiting(`k${at}`)) }
          else sources = { ...sources, unreadFrom: messages[one.at]?.id ?? null }
          expect(make(sources)).toEqual(rowsOf(sources))
        }
      }),
    )
  })

  it('are the same objects as before, where nothing but the end is new', () => {
    const make = createRows()
    const messages = [message('a'), message('b')]
    const sources = { messages, notices: [], waiting: [], me }
    const before = make(sources)
    const after = make({ ...sources, messages: [...messages, message('c')] })
    expect(after).toHaveLength(3)
    expect([after[0] === before[0], after[1] === before[1]]).toEqual([true, true])
  })
})
