import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  MAX_CLOCK_AHEAD_MS,
  MAX_PEOPLE_TYPING,
  TYPING_INTERVAL_MS,
  TYPING_LIFETIME_MS,
} from '../../../protocol/limits'
import type { Typing } from '../../../protocol/typing'
import { TypingNotifier } from '../../../services/typing/typing-notifier'
import { WritingMembers } from '../../../services/typing/writing-members'
import { SkewedClock, VirtualClock } from '../world/virtual-clock'

let clock: VirtualClock
let begun: number
beforeEach(() => {
  clock = new VirtualClock()
  begun = clock.now()
})

describe('our own writing', () => {
  let told: [ms: number, writing: boolean][]
  let notifier: TypingNotifier
  beforeEach(() => {
    told = []
    notifier = new TypingNotifier({ clock, tell: (writing) => told.push([clock.now() - begun, writing]) })
  })
  const type = (ms: number) => {
    for (let passed = 0; passed < ms; passed += 100) {
      notifier.changed(true)
      clock.advance(100)
    }
  }

  it('is told after half a second, again while it goes on, and ended when it has paused', () => {
    type(10_000)
    clock.advance(10_000)
    expect(told).toEqual([
      [500, true],
      [500 + TYPING_INTERVAL_MS, true],
      [500 + 2 * TYPING_INTERVAL_MS, true],
      [500 + 3 * TYPING_INTERVAL_MS, true],
      // The last key was struck at 9.9 s.
      [12_900, false],
    ])
    expect(clock.pending).toBe(0)
  })

  it('is told though there was but one keystroke, when its text stays', () => {
    notifier.changed(true)
    clock.advance(10_000)
    expect(told).toEqual([
      [500, true],
      [3_000, false],
    ])
  })

  it('is not told when it was over before it counted', () => {
    type(400)
    notifier.changed(false)
    clock.advance(10_000)
    type(400)
    notifier.said()
    clock.advance(10_000)
    expect(told).toEqual([])
  })

  it.each([
    ['said', () => notifier.said()],
    ['deleted', () => notifier.changed(false)],
  ])('is ended at once when it is %s, and only once', (_, end) => {
    type(1_000)
    end()
    end()
    expect(told).toEqual([
      [500, true],
      [1_000, false],
    ])
    expect(clock.pending).toBe(0)
    type(600)
    expect(told.at(-1)).toEqual([1_500, true])
  })

  it('ends without a word when the room is left', () => {
    type(1_000)
    notifier.close()
    expect(clock.pending).toBe(0)
    expect(told).toEqual([[500, true]])
  })

  it('costs few words, each true one ended in the end, however keys are struck', () => {
    const deed = fc.record({
      deed: fc.constantFrom('key', 'key', 'key', 'delete', 'say'),
      after: fc.integer({ min: 1, max: 4_000 }),
    })
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 60 }), (deeds) => {
        const local = new VirtualClock(0)
        const words: [ms: number, writing: boolean][] = []
        const mine = new TypingNotifier({
          clock: local,
          tell: (writing) => words.push([local.now(), writing]),
        })
        for (const { deed, after } of deeds) {
          if (deed === 'say') mine.said()
          else mine.changed(deed === 'key')
          local.advance(after)
        }
        local.advance(10_000)
        expect(local.pending).toBe(0)
        expect(words.at(-1)?.[1] ?? false).toBe(false)
        for (const [at, [ms, writing]] of words.entries()) {
          const before = words[at - 1]
          if (!before) expect(writing).toBe(true)
          else if (!writing) expect(before[1]).toBe(true)
          else expect(ms - before[0]).toBeGreaterThanOrEqual(before[1] ? TYPING_INTERVAL_MS : 500)
        }
      }),
    )
  })
})

describe("others' writing", () => {
  let changes: number
  let members: WritingMembers
  beforeEach(() => {
    changes = 0
    members = new WritingMembers({ clock, onChange: () => changes++ })
  })
  const word = (device: string, writing: boolean, ms = clock.now()) => ({ device, writing, ms }) as Typing
  const hear = (device: string, writing = true, ms = clock.now()) => members.heard(word(device, writing, ms))
  const { device: ann } = word('ann', true, 0)

  it('is shown, who began first in front, until each ends', () => {
    hear('ann')
    hear('ben')
    clock.advance(4_000)
    hear('ann')
    expect(members.devices).toEqual(['ann', 'ben'])
    clock.advance(1)
    hear('ann', false)
    clock.advance(1)
    hear('ann')
    expect(members.devices).toEqual(['ben', 'ann'])
    expect(changes).toBe(4)
  })

  it('is believed for eight seconds after it was heard', () => {
    hear('ann')
    clock.advance(5_000)
    hear('ann')
    clock.advance(TYPING_LIFETIME_MS - 1)
    expect(members.devices).toEqual(['ann'])
    clock.advance(1)
    expect(members.devices).toEqual([])
    expect([changes, clock.pending]).toEqual([2, 0])
  })

  it('goes by the newest word, whatever order they come in', () => {
    const ms = clock.now()
    expect(hear('ann', true, ms)).toBe(true)
    expect(hear('ann', true, ms)).toBe(false)
    expect(hear('ann', false, ms - 1)).toBe(false)
    expect(members.devices).toEqual(['ann'])
    expect(hear('ann', false, ms + 2)).toBe(true)
    expect(hear('ann', true, ms + 1)).toBe(false)
    expect(members.devices).toEqual([])
  })

  it('is news when it ended, also for who did not know that it began', () => {
    expect(hear('ann', false)).toBe(true)
    expect(changes).toBe(0)
    expect(hear('ann', true, clock.now() - 1)).toBe(false)
  })

  it('is not believed when it is told of another time', () => {
    const now = clock.now()
    expect(hear('a', true, now - TYPING_LIFETIME_MS - 1)).toBe(false)
    expect(hear('b', true, now + MAX_CLOCK_AHEAD_MS + 1)).toBe(false)
    expect(members.devices).toEqual([])
    expect(hear('c', true, now - TYPING_LIFETIME_MS)).toBe(true)
    expect(hear('d', true, now + MAX_CLOCK_AHEAD_MS)).toBe(true)
    clock.advance(TYPING_LIFETIME_MS)
    expect(members.devices).toEqual([])
  })

  it('ends with what was written, and a word from before does not bring it back', () => {
    const ms = clock.now()
    hear('ann')
    members.ended(ann)
    members.ended(ann)
    expect([members.devices, changes, clock.pending]).toEqual([[], 2, 0])
    expect(hear('ann', true, ms)).toBe(false)
    expect(hear('ann', true, ms + 1)).toBe(true)
  })

  it('is heard again after our clock was set back', () => {
    const skewed = new SkewedClock(clock, 3_600_000)
    members = new WritingMembers({ clock: skewed, onChange: () => {} })
    hear('ann', true, skewed.now())
    skewed.correct(clock.now())
    expect(hear('ann', false)).toBe(true)
    expect(members.devices).toEqual([])
  })

  it('is not taken from a device that tells more than hands can do', () => {
    let taken = 0
    for (let n = 0; n < 1_000; n++) if (hear('ann', n % 2 === 0, clock.now() + n)) taken++
    expect(taken).toBeLessThan(20)
    expect(hear('ben')).toBe(true)
  })

  it('costs little however many write, and is heard again when they have stopped', () => {
    for (let n = 0; n < 10_000; n++) hear(`device ${n}`)
    expect(members.devices).toHaveLength(MAX_PEOPLE_TYPING)
    expect(members.devices[0]).toBe('device 0')
    expect(clock.pending).toBeLessThanOrEqual(4 * MAX_PEOPLE_TYPING)
    clock.advance(TYPING_LIFETIME_MS + 1)
    expect(hear('late')).toBe(true)
    expect(members.devices).toEqual(['late'])
  })

  it('leaves nothing behind', () => {
    hear('ann')
    members.close()
    expect([clock.pending, members.devices]).toEqual([0, []])
  })

  it('is the newest fresh word of each device, in any order of any words', () => {
    const heard = fc.record({
      device: fc.constantFrom('a', 'b', 'c'),
      offset: fc.integer({ min: -12_000, max: 3_000 }),
      writing: fc.boolean(),
      // Slowly enough that nobody's words are too many.
      after: fc.integer({ min: 1_500, max: 6_000 }),
    })
    fc.assert(
      fc.property(fc.array(heard, { maxLength: 40 }), (words) => {
        const local = new VirtualClock()
        const some = new WritingMembers({ clock: local, onChange: () => {} })
        const newest = new Map<string, { ms: number; until: number }>()
        for (const { device, offset, writing, after } of words) {
          const ms = local.now() + offset
          some.heard(word(device, writing, ms))
          const isNews = ms > (newest.get(device)?.ms ?? 0) && offset >= -TYPING_LIFETIME_MS
          if (isNews) newest.set(device, { ms, until: writing ? local.now() + TYPING_LIFETIME_MS : 0 })
          local.advance(after)
          const expected = [...newest].filter(([, { until }]) => until > local.now()).map(([name]) => name)
          expect([...some.devices].sort()).toEqual(expected.sort())
        }
      }),
    )
  })
})
