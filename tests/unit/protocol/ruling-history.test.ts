import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deviceIdOf } from '../../../protocol/device'
import { MAX_RULINGS } from '../../../protocol/limits'
import type { MessageId } from '../../../protocol/message'
import { channelRoom } from '../../../protocol/room-id'
import type { HeldRuling } from '../../../protocol/ruling'
import { RulingHistory } from '../../../protocol/ruling-history'

const held = (ms: number, on: boolean, id = `${ms}`): HeldRuling => ({
  id: id as MessageId,
  ruling: {
    v: 1,
    room: channelRoom('a'),
    device: deviceIdOf(new Uint8Array(32)),
    ms,
    passport: '',
    role: '',
    act: 'linked-only',
    on,
  },
  signed: { bytes: new Uint8Array(), sig: new Uint8Array(64) },
})

const historyOf = (rulings: readonly HeldRuling[]) => {
  const history = new RulingHistory()
  for (const one of rulings) history.add(one)
  return history
}

describe('what was decided for a room', () => {
  it('counts from when it was made to the next ruling', () => {
    const history = historyOf([held(20, false), held(10, true), held(30, true)])
    expect([9, 10, 19, 20, 29, 30, 99].map((ms) => history.isLinkedOnlyAt(ms))).toEqual([
      false,
      true,
      true,
      false,
      false,
      true,
      true,
    ])
    expect(history.isLinkedOnly).toBe(true)
    expect(new RulingHistory().isLinkedOnly).toBe(false)
  })

  it('is the same for everybody who heard of the same, in whatever order, and how often', () => {
    const ruling = fc
      .tuple(fc.nat(12), fc.boolean(), fc.nat(3))
      .map(([ms, on, salt]) => held(ms, on, `${ms} ${on} ${salt}`))
    const lists = fc
      .array(ruling, { maxLength: 40 })
      .chain((list) =>
        fc.tuple(fc.constant(list), fc.shuffledSubarray([...list, ...list], { minLength: 2 * list.length })),
      )
    fc.assert(
      fc.property(lists, ([one, other]) => {
        const [a, b] = [historyOf(one), historyOf(other)]
        expect(a.all.map(({ id }) => id)).toEqual(b.all.map(({ id }) => id))
        expect(a.all.length).toBe(Math.min(MAX_RULINGS, new Set(one.map(({ id }) => id)).size))
        for (let ms = 0; ms < 14; ms++) expect(a.isLinkedOnlyAt(ms)).toBe(b.isLinkedOnlyAt(ms))
      }),
    )
  })

  it('is the newest of it, and what is older than all that is no news', () => {
    const history = historyOf(Array.from({ length: MAX_RULINGS }, (_, n) => held(100 + n, n % 2 === 0)))
    expect(history.isNews(held(99, true))).toBe(false)
    expect(history.isNews(held(100, true))).toBe(false)
    expect(history.add(held(100, true, '1001'))).toBe(true)
    expect(history.all.at(-1)?.id).toBe('1001')
    expect(history.isNews(held(100, true))).toBe(false)
    expect(history.all).toHaveLength(MAX_RULINGS)
  })

  it('can be taken back', () => {
    const history = historyOf([held(10, true), held(20, false)])
    expect(history.remove(({ ruling }) => ruling.ms === 20)).toBe(true)
    expect(history.remove(({ ruling }) => ruling.ms === 20)).toBe(false)
    expect(history.isLinkedOnly).toBe(true)
  })
})
