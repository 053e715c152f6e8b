import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { guessHeight, RowHeights } from '../../../components/row-heights'
import type { Row } from '../../../components/rows'
import { message } from '../stores/fake-host'

const row = (key: string, text = 'short'): Row => ({
  kind: 'message',
  key,
  line: message(key, { text }),
  status: { state: 'said' },
  grouped: true,
  newestOwn: false,
  toMe: false,
})

describe('the heights of rows', () => {
  it('are guessed from how a row is drawn, until it was', () => {
    const width = 340
    const short = guessHeight(row('a'), width)
    expect(guessHeight(row('a', 'x'.repeat(200)), width)).toBeGreaterThan(2 * short)
    expect(guessHeight(row('a', 'two\nlines'), width)).toBeGreaterThan(short)
    // A head, or the picture beside a deed, is room that is needed although the text is short.
    const said = row('a')
    if (said.kind !== 'message') throw new Error('no message')
    expect(guessHeight({ ...said, grouped: false }, width)).toBe(short + 28)
    const deed: Row = { ...said, grouped: false, line: { ...said.line, me: true } }
    expect(guessHeight(deed, width)).toBe(42)
    expect(guessHeight({ ...deed, line: { ...deed.line, text: 'two\nlines' } }, width)).toBe(56)
    expect(guessHeight({ kind: 'unread', key: 'unread' }, width)).toBeGreaterThan(0)
    const heights = new RowHeights()
    heights.setWidth(width)
    heights.setRows([row('a'), row('b')])
    expect(heights.total).toBe(2 * short)
    heights.draw(new Map([['a', 70]]), 0, 2)
    expect([heights.top(1), heights.total]).toEqual([70, 70 + short])
  })

  it('count for nothing any more in another width', () => {
    const heights = new RowHeights()
    heights.setWidth(340)
    heights.setRows([row('a')])
    const guessed = heights.total
    heights.draw(new Map([['a', 99]]), 0, 1)
    heights.setWidth(320)
    expect(heights.total).toBe(guessed)
  })

  it('are those of the rows there are, however these came and went', () => {
    const step = fc.oneof(
      fc.record({ t: fc.constant('append' as const), count: fc.integer({ min: 1, max: 9 }) }),
      fc.record({ t: fc.constant('prepend' as const), count: fc.integer({ min: 1, max: 9 }) }),
      fc.record({ t: fc.constant('cut' as const), count: fc.integer({ min: 1, max: 9 }) }),
      fc.record({ t: fc.constant('insert' as const), count: fc.integer({ min: 0, max: 50 }) }),
      fc.record({ t: fc.constant('draw' as const), count: fc.integer({ min: 0, max: 50 }) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const heights = new RowHeights()
        heights.setWidth(340)
        let rows: Row[] = []
        let next = 0
        const drawn = new Map<string, number>()
        const fresh = (count: number) => Array.from({ length: count }, () => row(`r${next++}`))
        for (const { t, count } of steps) {
          if (t === 'append') rows = [...rows, ...fresh(count)]
          else if (t === 'prepend') rows = [...fresh(count), ...rows]
          else if (t === 'cut') rows = rows.slice(count)
          else if (t === 'insert') rows = rows.toSpliced(count % (rows.length + 1), 0, ...fresh(1))
          else {
            const place = count % Math.max(1, rows.length)
            const sizes = new Map(
              rows.slice(place, place + 5).map(({ key }, at) => [key, 30 + at * 7 + count]),
            )
            for (const [key, size] of sizes) drawn.set(key, size)
            heights.draw(sizes, place, place + 5)
          }
          heights.setRows(rows)
          let top = 0
          for (const [index, one] of rows.entries()) {
            expect(heights.top(index)).toBe(top)
            expect(heights.indexOf(one.key, count)).toBe(index)
            const height = drawn.get(one.key) ?? guessHeight(one, 340)
            expect(heights.at(top)).toBe(index)
            expect(heights.at(top + height - 1)).toBe(index)
            top += height
          }
          expect(heights.total).toBe(top)
          expect(heights.indexOf('nowhere')).toBe(-1)
        }
      }),
      { numRuns: 100 },
    )
  })

  it('end at the first and the last row, and there is none in nothing', () => {
    const heights = new RowHeights()
    expect(heights.at(0)).toBe(-1)
    heights.setRows([row('a'), row('b')])
    expect([heights.at(-500), heights.at(1e9)]).toEqual([0, 1])
  })
})
