import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SAY_PACE } from '../../../../protocol/limits'
import { channelRoom } from '../../../../protocol/room-id'
import { contradicts } from '../../../../services/log/contradiction'
import { deviceOf, START, said } from './spoken'

const ann = deviceOf('ann')
const at = (seq: number, ms: number, count = 0) => said(ann, seq, { ms: START + ms, count })

describe('two messages of one device contradict each other', () => {
  it('when one seq has two bodies', () => {
    expect(contradicts(said(ann, 3, START, 'yes'), said(ann, 3, START, 'no'))).toBe(true)
    expect(contradicts(said(ann, 3, START, 'yes'), said(ann, 3, START, 'yes'))).toBe(false)
  })

  it.each([
    ['earlier', at(4, 0), at(5, -1), true],
    ['at the same time', at(4, 0, 7), at(5, 0, 7), true],
    ['at the same millisecond with a lower count', at(4, 0, 7), at(5, 0, 6), true],
    ['at the same millisecond with a higher count', at(4, 0, 7), at(5, 0, 8), false],
    ['later, though the count is lower', at(4, 0, 7), at(5, 1, 0), false],
  ])('when the next is stamped %s', (_, former, latter, expected) => {
    expect(contradicts(former, latter)).toBe(expected)
    expect(contradicts(latter, former)).toBe(expected)
  })

  it.each([
    [19, 1, false],
    [20, 29_999, true],
    [20, 30_000, false],
    [39, 30_000, false],
    [40, 59_999, true],
    [40, 60_000, false],
    [400, 599_999, true],
  ])('when %i after it is only %i ms later', (steps, ms, expected) => {
    expect(contradicts(at(7, 0), at(7 + steps, ms))).toBe(expected)
    expect(contradicts(at(7 + steps, ms), at(7, 0))).toBe(expected)
  })

  it('takes the pace it is told', () => {
    expect(contradicts(at(0, 0), at(100, 30_000), { messages: 100, ms: 30_000 })).toBe(false)
    expect(contradicts(at(0, 0), at(100, 29_999), { messages: 100, ms: 30_000 })).toBe(true)
  })

  it('and never two devices, or two rooms', () => {
    expect(contradicts(at(3, 0), said(deviceOf('bob'), 3, START))).toBe(false)
    expect(contradicts(at(3, 0), { ...at(3, 0, 1), room: channelRoom('elsewhere') })).toBe(false)
  })

  /** The rule as it is said: over a whole line, without looking at pairs. */
  const isValidLine = (times: number[]) =>
    times.every((ms, n) => n === 0 || ms > (times[n - 1] ?? 0)) &&
    times.every((ms, n) => n < SAY_PACE.messages || ms - (times[n - SAY_PACE.messages] ?? 0) >= SAY_PACE.ms)

  it('exactly when their line breaks the rule for neighbours and for those 20 apart', () => {
    const steps = fc.array(
      fc.oneof(
        fc.constant(1_500),
        fc.integer({ min: 1_400, max: 1_700 }),
        fc.integer({ min: -5, max: 5_000 }),
      ),
      { maxLength: 70 },
    )
    let valid = 0
    const judge = (deltas: number[]) => {
      let ms = 0
      const times = deltas.map((delta) => (ms += delta))
      const line = times.map((time, seq) => at(seq, time))
      const isContradicted = line.some((a) => line.some((b) => contradicts(a, b)))
      if (!isContradicted) valid++
      expect(isContradicted).toBe(!isValidLine(times))
    }
    fc.assert(fc.property(steps, judge), { numRuns: 150 })
    fc.assert(fc.property(fc.array(fc.integer({ min: 1_495, max: 1_900 }), { maxLength: 70 }), judge), {
      numRuns: 50,
    })
    expect(valid).toBeGreaterThan(20)
  })
})
