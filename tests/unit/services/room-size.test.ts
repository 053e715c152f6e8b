import { beforeEach, describe, expect, it } from 'vitest'
import type { DeviceId } from '../../../protocol/device'
import { CROWD_ENDS_AT, CROWD_SAMPLE, MAX_CROWD, MAX_PEOPLE_NAMED } from '../../../protocol/limits'
import { RoomSize } from '../../../services/room/room-size'
import { VirtualClock } from '../world/virtual-clock'

const MINUTE = 60_000
const device = (n: number | string) => `device ${n}` as DeviceId

let clock: VirtualClock
let known: number
let size: RoomSize
beforeEach(() => {
  clock = new VirtualClock()
  known = 1
  size = new RoomSize({ clock, known: () => known })
})

/** A generator of chances that is the same each time. */
function chances(seed = 1): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return state / 2 ** 31
  }
}

/** `members` of whom each speaks up by chance as its own size says, minute by minute. */
function crowdOf(members: number, told: number) {
  const random = chances()
  const sizes = Array.from({ length: members }, () => {
    const one = new RoomSize({ clock, known: () => 30 })
    one.told(told)
    return one
  })
  return {
    sizes,
    /** How many spoke up in this minute. */
    minute(): number {
      const speakers = sizes.flatMap((one, n) => (random() < one.odds ? [{ n, believes: one.count }] : []))
      for (const { n, believes } of speakers)
        for (const [other, one] of sizes.entries()) if (other !== n) one.heard(device(n), believes)
      clock.advance(MINUTE)
      return speakers.length
    },
  }
}

describe('a room', () => {
  it('of whom everybody is known is counted exactly, and everybody speaks up', () => {
    for (known of [1, 7, MAX_PEOPLE_NAMED])
      expect([size.count, size.isCrowd, size.odds]).toEqual([known, false, 1])
  })

  it('becomes a crowd when too many are known, and is one until much fewer are left', () => {
    known = MAX_PEOPLE_NAMED + 1
    expect(size.isCrowd).toBe(true)
    known = CROWD_ENDS_AT + 1
    clock.advance(10 * MINUTE)
    expect(size.isCrowd).toBe(true)
    known = CROWD_ENDS_AT
    expect([size.isCrowd, size.count]).toEqual([false, CROWD_ENDS_AT])
    known = MAX_PEOPLE_NAMED
    expect(size.isCrowd).toBe(false)
  })

  it('becomes a crowd on the room object’s word, and not for as many as can be named', () => {
    size.told(MAX_PEOPLE_NAMED)
    expect(size.isCrowd).toBe(false)
    size.told(5_000)
    expect([size.isCrowd, size.count]).toEqual([true, 5_000])
    expect(size.odds).toBeCloseTo(CROWD_SAMPLE / 5_000)
  })

  it('that was said to be a crowd and is quiet turns out to be none', () => {
    size.told(5_000)
    const counts: number[] = []
    for (let minute = 0; minute < 6; minute++) {
      counts.push(size.count)
      clock.advance(MINUTE)
    }
    expect(counts).toEqual([...counts].sort((a, b) => b - a))
    expect([size.isCrowd, size.count]).toEqual([false, known])
    clock.advance(MINUTE)
    expect(size.isCrowd).toBe(false)
  })

  it('is never thought to have fewer people than are known', () => {
    size.told(200)
    expect(size.count).toBe(200)
    known = 150
    clock.advance(10 * MINUTE)
    expect(size.count).toBe(150)
  })
})

describe('a crowd', () => {
  it.each([
    [400, 400],
    [400, 150],
    [200, 3_000],
  ])('of %i whose members were told of %i comes to know how many it is', (members, told) => {
    const crowd = crowdOf(members, told)
    for (let minute = 0; minute < 8; minute++) crowd.minute()
    const spoke: number[] = []
    const counts: number[] = []
    for (let minute = 0; minute < 20; minute++) {
      spoke.push(crowd.minute())
      counts.push(crowd.sizes[0]?.count ?? 0)
      expect(crowd.sizes.every(({ isCrowd }) => isCrowd)).toBe(true)
    }
    const mean = (all: number[]) => all.reduce((sum, one) => sum + one, 0) / all.length
    expect(mean(counts) / members).toBeGreaterThan(0.75)
    expect(mean(counts) / members).toBeLessThan(1.35)
    expect(mean(spoke)).toBeGreaterThan(CROWD_SAMPLE / 2)
    expect(mean(spoke)).toBeLessThan(2 * CROWD_SAMPLE)
  })

  it('is not made larger by one that speaks up again and again, nor by a few that exaggerate', () => {
    const crowd = crowdOf(300, 300)
    const [one] = crowd.sizes
    for (let minute = 0; minute < 20; minute++) {
      for (const size of crowd.sizes)
        for (let liar = 0; liar < 3; liar++)
          for (let word = 0; word < 5; word++) size.heard(device(`liar ${liar}`), MAX_CROWD)
      crowd.minute()
      expect(one?.count).toBeLessThan(800)
    }
    expect(one?.count).toBeGreaterThan(150)
  })

  it('does not believe whoever is first to speak', () => {
    size.told(1_000)
    for (let liar = 0; liar < 3; liar++) size.heard(device(`liar ${liar}`), MAX_CROWD)
    for (let seconds = 0; seconds < 60; seconds += 5) {
      clock.advance(5_000)
      expect(size.count).toBeLessThan(1_500)
    }
  })

  it('is not counted by those who introduce themselves before they speak', () => {
    size.told(1_000)
    for (let minute = 0; minute < 10; minute++) {
      for (let n = 0; n < CROWD_SAMPLE; n++) size.heard(device(`${minute} ${n}`), 1_000)
      for (let n = 0; n < 400; n++) size.heard(device(`speaker ${n}`), undefined)
      clock.advance(MINUTE)
    }
    expect(size.count).toBeGreaterThan(800)
    expect(size.count).toBeLessThan(1_200)
  })

  it('shrinks when its members leave', () => {
    const crowd = crowdOf(200, 200)
    for (let minute = 0; minute < 8; minute++) crowd.minute()
    crowd.sizes.splice(20)
    known = 20
    for (let minute = 0; minute < 20; minute++) crowd.minute()
    expect(crowd.sizes.map(({ isCrowd }) => isCrowd)).toEqual(Array(20).fill(false))
  })
})

describe('whoever came without the room object’s word', () => {
  it('learns from those who speak that it is in a crowd', () => {
    known = 40
    for (let n = 0; n < CROWD_SAMPLE - 1; n++) size.heard(device(n), 2_000 + n)
    expect(size.isCrowd).toBe(false)
    size.heard(device(CROWD_SAMPLE), 9_000)
    expect([size.isCrowd, size.count]).toEqual([true, 2_003])
  })

  it('does not believe it of one, whatever that says and how often', () => {
    for (let n = 0; n < 100; n++) size.heard(device('liar'), MAX_CROWD)
    expect([size.isCrowd, size.count]).toEqual([false, known])
  })

  it('does not believe it against most of those who are here', () => {
    known = 9
    for (let minute = 0; minute < 20; minute++) {
      for (let n = 0; n < 8; n++) size.heard(device(n), undefined)
      for (let n = 0; n < 7; n++) size.heard(device(`liar ${n}`), MAX_CROWD)
      expect([size.isCrowd, size.count]).toEqual([false, known])
      clock.advance(MINUTE)
    }
  })

  it('does not go by what was said long ago', () => {
    for (let n = 1; n < CROWD_SAMPLE; n++) size.heard(device(n), 2_000)
    clock.advance(6 * MINUTE)
    size.heard(device(0), 2_000)
    expect(size.isCrowd).toBe(false)
  })
})
