import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { LONGEST_DELAY_MS } from '../../../services/backoff'
import { Retry } from '../../../services/reconnection/retry'
import { type Wake, WakeWatch } from '../../../services/reconnection/wake-watch'
import { VirtualClock } from '../world/virtual-clock'

let clock: VirtualClock
beforeEach(() => {
  clock = new VirtualClock()
})

describe('a retry', () => {
  let tries: number
  const retrying = (random = () => 1, firstMs?: number) =>
    new Retry({ clock, random, task: () => tries++, ...(firstMs !== undefined && { firstMs }) })
  beforeEach(() => {
    tries = 0
  })

  it('tries again after ever longer pauses, up to 30 s, for ever', () => {
    const retry = retrying()
    const pauses = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]
    for (const [before, pause] of pauses.entries()) {
      retry.failed()
      clock.advance(pause - 1)
      expect(tries).toBe(before)
      clock.advance(1)
      expect(tries).toBe(before + 1)
    }
    expect(clock.pending).toBe(0)
  })

  it('begins again with the first pause after a success', () => {
    const retry = retrying()
    for (let failure = 0; failure < 5; failure++) retry.failed()
    expect(retry.isFailing).toBe(true)
    retry.succeeded()
    expect(retry.isFailing).toBe(false)
    retry.failed()
    expect(retry.isFailing).toBe(false)
    clock.advance(1_000)
    expect(tries).toBe(1)
  })

  it('begins with another pause where one is given', () => {
    retrying(() => 1, 100).failed()
    clock.advance(100)
    expect(tries).toBe(1)
  })

  it('waits at least as long as the failure calls for', () => {
    const retry = retrying()
    retry.failed(60_000)
    clock.advance(59_999)
    expect(tries).toBe(0)
    clock.advance(1)
    expect(tries).toBe(1)
    retry.failed(1)
    clock.advance(1_999)
    expect(tries).toBe(1)
  })

  it('tries at once when there is reason to hope, and only once', () => {
    const retry = retrying()
    for (let failure = 0; failure < 5; failure++) retry.failed()
    retry.hurry()
    expect([tries, clock.pending, retry.isFailing]).toEqual([1, 0, false])
    retry.failed()
    clock.advance(1_000)
    expect(tries).toBe(2)
  })

  it('stops when it is cancelled', () => {
    const retry = retrying()
    retry.failed()
    retry.cancel()
    expect(clock.pending).toBe(0)
  })

  it('never has more than one try waiting, none later than 30 s', () => {
    const deed = fc.constantFrom('failed', 'succeeded', 'hurry', 'cancel' as const)
    fc.assert(
      fc.property(
        fc.array(deed, { maxLength: 40 }),
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        (deeds, random) => {
          const local = new VirtualClock()
          let count = 0
          const retry = new Retry({ clock: local, random: () => random, task: () => count++ })
          for (const deed of deeds) {
            retry[deed]()
            expect(local.pending).toBeLessThanOrEqual(1)
          }
          const [before, waiting] = [count, local.pending]
          local.advance(LONGEST_DELAY_MS)
          expect(count - before).toBe(waiting)
        },
      ),
    )
  })
})

describe('a watch for awakenings', () => {
  let wakes: Wake[]
  /** How far the machine's times are ahead of the ticks' (ms). */
  let wallAhead: number
  let steadyAhead: number
  let watch: WakeWatch
  beforeEach(() => {
    wakes = []
    wallAhead = 0
    steadyAhead = 0
    watch = new WakeWatch({
      clock,
      wall: () => clock.now() + wallAhead,
      steady: () => clock.now() + steadyAhead,
      onWake: (wake) => wakes.push(wake),
    })
    clock.advance(12_000)
  })

  it('says nothing while time passes as it should, even if unevenly', () => {
    for (let minute = 0; minute < 60; minute++) {
      wallAhead += 9_000
      steadyAhead += 9_000
      clock.advance(5_000)
      wallAhead += 4_000
      clock.advance(55_000)
    }
    expect(wakes).toEqual([])
  })

  it('notices sleep within one tick, and once', () => {
    wallAhead += 60_000
    clock.advance(5_000)
    expect(wakes).toEqual([{ clockMoved: true }])
    clock.advance(60_000)
    expect(wakes).toHaveLength(1)
  })

  it('notices that the process was stopped, while the clock is none the worse', () => {
    wallAhead += 15_000
    steadyAhead += 15_000
    clock.advance(5_000)
    expect(wakes).toEqual([{ clockMoved: false }])
  })

  it.each([-6_000, -3_600_000, 11_000])('notices that the clock was set by %i ms', (ms) => {
    wallAhead += ms
    clock.advance(5_000)
    expect(wakes).toEqual([{ clockMoved: true }])
  })

  it('notices a clock that was set back while the process was stopped', () => {
    steadyAhead += 60_000
    clock.advance(5_000)
    expect(wakes).toEqual([{ clockMoved: true }])
  })

  it('notices each of several', () => {
    for (let night = 0; night < 3; night++) {
      wallAhead += 8 * 3_600_000
      clock.advance(5_000)
    }
    expect(wakes).toHaveLength(3)
  })

  it('leaves nothing behind', () => {
    watch.close()
    expect(clock.pending).toBe(0)
  })
})
