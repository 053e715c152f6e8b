import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HybridTime } from '../../../protocol/message'
import { backoffDelay, LONGEST_DELAY_MS } from '../../../services/backoff'
import { HybridClock } from '../../../services/hybrid-clock'

const isLater = (a: HybridTime, b: HybridTime) => a.ms > b.ms || (a.ms === b.ms && a.count > b.count)

describe('a hybrid clock', () => {
  it('stamps later than everything it stamped or saw, whatever wall clocks do', () => {
    const event = fc.oneof(
      fc.record({ kind: fc.constant('stamp' as const), now: fc.nat(1_000) }),
      fc.record({ kind: fc.constant('observe' as const), ms: fc.nat(1_000), count: fc.nat(0xffff) }),
    )
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const clock = new HybridClock()
        let latest: HybridTime = { ms: 0, count: 0 }
        for (const happening of events) {
          if (happening.kind === 'observe') {
            clock.observe(happening, happening.ms)
            if (isLater(happening, latest)) latest = happening
          } else {
            const stamp = clock.stamp(happening.now)
            expect(isLater(stamp, latest)).toBe(true)
            expect(stamp.count).toBeLessThanOrEqual(0xffff)
            latest = stamp
          }
        }
      }),
    )
  })

  it('follows the wall clock while that runs ahead', () => {
    expect(new HybridClock().stamp(6, { ms: 5, count: 9 })).toEqual({ ms: 6, count: 0 })
  })
})

describe('back-off', () => {
  it('spreads over the whole of a growing span that never passes 30 s', () => {
    expect(backoffDelay(0, () => 0.999)).toBeLessThanOrEqual(1_000)
    expect(backoffDelay(0, () => 0)).toBe(0)
    expect(backoffDelay(3, () => 0.5)).toBe(4_000)
    expect(backoffDelay(1_000, () => 1)).toBe(LONGEST_DELAY_MS)
    expect(backoffDelay(0, () => 1, 100)).toBe(100)
    expect(backoffDelay(1_000, () => 1, 100)).toBe(LONGEST_DELAY_MS)
  })
})
