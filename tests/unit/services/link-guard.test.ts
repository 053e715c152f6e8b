import { beforeEach, describe, expect, it } from 'vitest'
import { toBase64Url } from '../../../protocol/bytes'
import { type DeviceId, deviceIdSchema } from '../../../protocol/device'
import {
  LINK_BYTES,
  LINK_FRAMES,
  LINK_SILENCE_MS,
  MAX_INVALID_FRAMES,
  MAX_PRESENCE_SYNC,
  MAX_QUEUED_FRAMES,
} from '../../../protocol/limits'
import { CheckPace } from '../../../services/room/check-pace'
import { LinkGuard } from '../../../services/room/link-guard'
import { PeerScores, SCORE_MS, SHUN_MS } from '../../../services/room/peer-scores'
import { VirtualClock } from '../world/virtual-clock'

let clock: VirtualClock
let scores: PeerScores
let ended: number
let people: number

const device = (number: number): DeviceId =>
  deviceIdSchema.parse(toBase64Url(new Uint8Array(32).fill(number)))
const PEER = device(1)

beforeEach(() => {
  clock = new VirtualClock()
  scores = new PeerScores(clock)
  ended = 0
  people = 2
})

const link = (peer = PEER) =>
  new LinkGuard({
    clock,
    ping: () => {},
    peopleCount: () => people,
    offended: (offences) => scores.offended(peer, offences),
    end: () => ended++,
  })

/** Brings frames that are looked at at once, one after the other, and are judged by `judge`. */
function bring(guard: LinkGuard, count: number, judge: (guard: LinkGuard) => void): void {
  for (let number = 0; number < count && guard.admit(100); number++) {
    judge(guard)
    guard.done()
  }
}

describe('a peer that was pruned', () => {
  it('is shunned for a minute, and again for one fault more, until an hour has passed', () => {
    bring(link(), 10, (guard) => guard.fault('malformed'))
    expect([ended, scores.isShunned(PEER)]).toEqual([1, true])
    clock.advance(SHUN_MS - 1)
    expect(scores.isShunned(PEER)).toBe(true)
    clock.advance(1)
    expect(scores.isShunned(PEER)).toBe(false)
    bring(link(), 1, (guard) => guard.fault('malformed'))
    expect([ended, scores.isShunned(PEER)]).toEqual([2, true])
    clock.advance(SCORE_MS)
    bring(link(), MAX_INVALID_FRAMES - 1, (guard) => guard.fault('malformed'))
    expect([ended, scores.isShunned(PEER)]).toEqual([2, false])
  })

  it('takes what it did before to its next link', () => {
    for (let visit = 1; visit <= MAX_INVALID_FRAMES; visit++) {
      expect(scores.isShunned(PEER)).toBe(false)
      const guard = link()
      bring(guard, 1, () => guard.fault('bad-signature'))
      guard.stop()
    }
    expect([ended, scores.isShunned(PEER)]).toEqual([1, true])
  })

  it('is shunned alone', () => {
    bring(link(), 3, (guard) => guard.fault('malformed'))
    expect(scores.isShunned(device(2))).toBe(false)
  })

  it('did more than be silent', () => {
    link()
    clock.advance(LINK_SILENCE_MS + 10_000)
    expect([ended, scores.isShunned(PEER)]).toEqual([1, false])
  })
})

describe('a link', () => {
  it('of which we cannot look at as much as it brings ends, and nothing is held against its peer', () => {
    for (let visit = 1; visit <= MAX_INVALID_FRAMES; visit++) {
      const guard = link()
      for (let sent = 0; sent < MAX_QUEUED_FRAMES; sent++) expect(guard.admit(1)).toBe(true)
      expect(guard.admit(1)).toBe(false)
      // Nor what was waiting and is looked at too late.
      for (let left = 0; left < MAX_QUEUED_FRAMES; left++) guard.useless('useless')
      expect([ended, scores.isShunned(PEER)]).toEqual([visit, false])
    }
    bring(link(), MAX_INVALID_FRAMES - 1, (guard) => guard.fault('malformed'))
    expect([ended, scores.isShunned(PEER)]).toEqual([MAX_INVALID_FRAMES, false])
  })

  it.each([
    ['frames', LINK_FRAMES.burst, 1],
    ['bytes', 100, LINK_BYTES.burst / 100],
  ])('that brings more %s than any room has ends, and its peer is shunned', (_, count, size) => {
    const guard = link()
    for (let sent = 0; sent < count; sent++) {
      expect(guard.admit(size)).toBe(true)
      guard.done()
    }
    expect(guard.admit(size)).toBe(false)
    expect([ended, scores.isShunned(PEER)]).toEqual([1, true])
  })

  it('pauses for as long as it is told, and no longer than it lasts', async () => {
    const guard = link()
    let isOver = false
    const pause = () => guard.pause(500).then(() => (isOver = true))
    const first = pause()
    clock.advance(499)
    await Promise.resolve()
    expect(isOver).toBe(false)
    clock.advance(1)
    await first
    isOver = false
    const second = pause()
    guard.stop()
    await second
    await pause()
    expect(clock.pending).toBe(0)
  })

  it.each([
    [600, 15, 0],
    [600, 145, 1],
    [6_000, 145, 0],
    [20_000, 600, 0],
    [1_000_000, 900, 0],
    [1_000_000, 1_000, 0],
  ])(
    'in a room of %i people that tells %i times a second of known ones is ended: %i',
    (count, rate, ends) => {
      people = count
      const guard = link()
      for (let second = 0; second < 120; second++) {
        bring(guard, rate, () => guard.useless('known-member'))
        clock.advance(1_000)
      }
      expect(ended).toBe(ends)
    },
  )

  it('whose peer itself says far more than it may ends sooner', () => {
    let brought = 0
    bring(link(), 400, (guard) => {
      brought++
      guard.useless('excess')
    })
    expect([ended, scores.isShunned(PEER)]).toEqual([1, true])
    expect(brought).toBeLessThan(60)
  })

  it('that tells a newcomer whose clock is wrong of everybody stays', () => {
    const guard = link()
    bring(guard, MAX_PRESENCE_SYNC, () => guard.fault('stale', 'presence'))
    bring(guard, 100, () => guard.fault('stale', 'message'))
    expect(ended).toBe(0)
    bring(guard, 200, () => guard.fault('stale', 'message'))
    expect([ended, scores.isShunned(PEER)]).toEqual([1, true])
  })

  it('may tell a newcomer of everybody, whom others have told of before', () => {
    bring(link(), MAX_PRESENCE_SYNC, (guard) => guard.useless('known-member'))
    expect(ended).toBe(0)
  })

  it.each(['known', 'known-member', 'useless'] as const)(
    'that brings little else than what is %s ends soon',
    (what) => {
      let brought = 0
      bring(link(), LINK_FRAMES.burst, (guard) => {
        brought++
        guard.useless(what)
      })
      expect([ended, scores.isShunned(PEER)]).toEqual([1, true])
      expect(brought).toBeLessThan(1_000)
    },
  )

  it.each(['unknown-author', 'stale'] as const)('that brings what is excused ends soon, too', (fault) => {
    bring(link(), 400, (guard) => guard.fault(fault))
    expect([ended, scores.isShunned(PEER)]).toEqual([1, true])
  })

  it('that brings in a fast room what others bring, too, for a quarter of an hour, stays', () => {
    const guard = link()
    for (let second = 0; second < 900; second++) {
      bring(guard, 100, () => guard.useless('known'))
      bring(guard, 17, () => guard.useless('known-member'))
      bring(guard, 100, () => {})
      clock.advance(1_000)
    }
    expect(ended).toBe(0)
  })
})

describe('after a sleep', () => {
  it('what was said meanwhile ends the link without being held against its peer', () => {
    const guard = link()
    clock.advance(LINK_SILENCE_MS - 5_000)
    bring(guard, LINK_FRAMES.burst + 1, () => {})
    expect([ended, scores.isShunned(PEER)]).toEqual([1, false])
  })

  it('nobody can oversleep again and again', () => {
    for (let visit = 1; visit <= MAX_INVALID_FRAMES; visit++) {
      expect(scores.isShunned(PEER)).toBe(false)
      const guard = link()
      clock.advance(LINK_SILENCE_MS - 5_000)
      bring(guard, LINK_FRAMES.burst + 1, () => {})
    }
    expect(scores.isShunned(PEER)).toBe(true)
  })
})

describe('signatures that are checked in vain', () => {
  const taken = (budget: { take(): boolean }, tries = 1_000) =>
    Array.from({ length: tries }, () => budget.take()).filter((isTaken) => isTaken).length

  it('are few, of one link and of all together, and no link uses up the share of another', () => {
    const pace = new CheckPace(clock)
    const links = Array.from({ length: 8 }, () => pace.forLink())
    const counts = links.map((budget) => taken(budget))
    expect(counts[0]).toBeLessThan(150)
    expect(Math.min(...counts)).toBe(30)
    expect(counts.reduce((sum, count) => sum + count)).toBe(8 * 30 + 100)
    clock.advance(10_000)
    expect(links.reduce((sum, budget) => sum + taken(budget), 0)).toBe(8 * 20 + 100)
  })

  it('cost nothing when they were worth it', () => {
    const budget = new CheckPace(clock).forLink()
    for (let round = 0; round < 500; round++) {
      expect(budget.take()).toBe(true)
      budget.refund()
    }
    expect(taken(budget)).toBe(130)
    expect(budget.take()).toBe(false)
  })
})
