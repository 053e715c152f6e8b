import { beforeEach, describe, expect, it } from 'vitest'
import { channelRoom } from '../../../protocol/room-id'
import { AWAY_AFTER_MS, AwayWatch } from '../../../services/host/away'
import { VirtualClock } from '../world/virtual-clock'

const [one, two] = [channelRoom('one'), channelRoom('two')]
let clock: VirtualClock
let told: string[]
let watch: AwayWatch

beforeEach(() => {
  clock = new VirtualClock()
  told = []
  watch = new AwayWatch({
    clock,
    onChange: (room, away) => told.push(`${room} ${away ? 'away' : 'here'}`),
  })
})

describe('a viewer', () => {
  it('is away when a room was out of sight for ten minutes, and back at once', () => {
    watch.see(one, false)
    clock.advance(AWAY_AFTER_MS - 1)
    expect(watch.isAway(one)).toBe(false)
    clock.advance(1)
    expect([told, watch.isAway(one)]).toEqual([['twitch:one away'], true])
    watch.see(one, true)
    expect([told, watch.isAway(one)]).toEqual([['twitch:one away', 'twitch:one here'], false])
  })

  it('is away when they say so, in sight or not, until they say otherwise or leave', () => {
    watch.declare(one, true)
    watch.see(one, true)
    watch.declare(one, true)
    expect([told, watch.isAway(one), watch.isAway(two)]).toEqual([['twitch:one away'], true, false])
    watch.see(one, false)
    clock.advance(AWAY_AFTER_MS)
    watch.see(one, true)
    expect(watch.isAway(one)).toBe(true)
    watch.declare(one, false)
    watch.declare(one, false)
    expect(told).toEqual(['twitch:one away', 'twitch:one here'])
    watch.declare(one, true)
    watch.forget(one)
    expect(watch.isAway(one)).toBe(false)
  })

  it('says that they are back, but is away while nothing is in sight', () => {
    watch.see(one, false)
    clock.advance(AWAY_AFTER_MS)
    watch.declare(one, true)
    watch.declare(one, false)
    expect([told, watch.isAway(one)]).toEqual([['twitch:one away'], true])
  })

  it('is here while they look now and then', () => {
    for (let look = 0; look < 5; look++) {
      watch.see(one, false)
      clock.advance(AWAY_AFTER_MS - 1)
      watch.see(one, true)
    }
    clock.advance(2 * AWAY_AFTER_MS)
    expect(told).toEqual([])
  })

  it('does not become less away by being told again to be out of sight', () => {
    for (let minute = 0; minute < 30; minute++) {
      watch.see(one, false)
      clock.advance(60_000)
    }
    expect(told).toEqual(['twitch:one away'])
  })

  it('is away from each room by itself', () => {
    watch.see(one, false)
    watch.see(two, true)
    clock.advance(AWAY_AFTER_MS)
    watch.see(two, false)
    clock.advance(AWAY_AFTER_MS)
    watch.see(one, true)
    expect(told).toEqual(['twitch:one away', 'twitch:two away', 'twitch:one here'])
  })

  it('is not away from a room that was left', () => {
    watch.see(one, false)
    watch.forget(one)
    expect(clock.pending).toBe(0)
    watch.see(one, false)
    clock.advance(AWAY_AFTER_MS)
    watch.forget(one)
    expect(watch.isAway(one)).toBe(false)
    watch.see(one, true)
    expect(told).toEqual(['twitch:one away'])
  })
})
