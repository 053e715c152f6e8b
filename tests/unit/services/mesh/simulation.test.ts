import { describe, expect, it, vi } from 'vitest'
import { draw } from '../../../simulation/engine/chance'
import { Crowd } from '../../../simulation/engine/crowd'
import { RoomObject } from '../../../simulation/engine/room-object'
import { components, degreeOf, isConnected, redundancy, shortfall } from '../../../simulation/metrics'

/** A few of the cases of `npm run simulate`, small and short: yet seconds of a processor, which may have other work. */
vi.setConfig({ testTimeout: 120_000 })

function room(members: number, seed = 1, capacity = 2 * members): Crowd {
  const crowd = new Crowd(seed, capacity)
  crowd.beginPresence()
  crowd.gather(members, 10_000)
  crowd.world.pass(30_000)
  return crowd
}

const missed = (crowd: Crowd, said: ReturnType<Crowd['converse']>, withinMs?: number) =>
  shortfall(said, () => crowd.honest, withinMs).late

describe('a crowd of 300', () => {
  const crowd = room(300)

  it('is one graph of bounded degree, which both ends of each link agree about', () => {
    expect(isConnected(crowd.present)).toBe(true)
    expect(Math.max(...crowd.present.map(degreeOf))).toBe(5)
    expect(Math.min(...crowd.present.map(degreeOf))).toBeGreaterThanOrEqual(2)
    const byDevice = new Map(crowd.present.map((member) => [member.device, member]))
    for (const { device, state } of crowd.present)
      for (const peer of state.links.keys()) expect(byDevice.get(peer)?.state.links.has(device)).toBe(true)
  })

  it('hears one speaker over a tree that costs next to nothing', () => {
    const [speaker] = draw(crowd.members, 1, crowd.world.random)
    crowd.converse(20_000, 500, speaker && [speaker])
    const said = crowd.converse(10_000, 500, speaker && [speaker])
    crowd.world.pass(5_000)
    expect(missed(crowd, said)).toBe(0)
    expect(redundancy(said, 300)).toBeLessThan(0.1)
    expect(Math.max(...said.map(({ lastHop }) => lastHop))).toBeLessThanOrEqual(12)
  })

  it('hears everybody at once', () => {
    const said = crowd.present.map((member) => crowd.say(member))
    crowd.world.pass(10_000)
    expect(missed(crowd, said)).toBe(0)
    expect(redundancy(said, 300)).toBeLessThan(3)
  })

  it('mends what is left when most of it dies', () => {
    crowd.kill(0.8)
    const { world } = crowd
    const during = crowd.converse(30_000, 2_000)
    expect(world.passUntil(() => isConnected(crowd.present), 120_000)).toBe(true)
    world.pass(30_000)
    const said = crowd.converse(10_000, 1_000)
    world.pass(5_000)
    expect(missed(crowd, said)).toBe(0)
    world.pass(120_000)
    expect(missed(crowd, during)).toBe(0)
  })
})

describe('a room', () => {
  it('does the same again from the same seed', () => {
    const outcome = (seed: number) => {
      const crowd = room(60, seed)
      const said = crowd.converse(10_000, 500)
      return [
        crowd.world.happened,
        crowd.room.requests,
        said.map(({ lastHop, payloads }) => [lastHop, payloads]),
      ]
    }
    expect(outcome(7)).toEqual(outcome(7))
    expect(outcome(7)).not.toEqual(outcome(8))
  })

  it('is linked after a storm of 250, none of whom dials many at once', () => {
    const crowd = new Crowd(1, 250)
    crowd.gather(250, 1_000)
    expect(crowd.world.passUntil(() => isConnected(crowd.present), 20_000, 250)).toBe(true)
    expect(Math.max(...crowd.members.map(({ dialling }) => dialling.mostDials))).toBeLessThanOrEqual(10)
  })

  it('goes on, heals and takes nobody out without its room object', () => {
    const crowd = room(100)
    crowd.room.fail()
    crowd.kill(0.3)
    crowd.world.pass(90_000)
    const [largest = []] = components(crowd.present)
    expect(largest.length).toBeGreaterThanOrEqual(66)
    const said = crowd.converse(10_000, 1_000, largest)
    crowd.world.pass(5_000)
    expect(shortfall(said, () => largest).late).toBe(0)
  })

  it('agrees on one log after it was torn in two', () => {
    const crowd = room(100)
    crowd.tear()
    crowd.converse(60_000, 2_000)
    expect(components(crowd.present).length).toBeGreaterThan(1)
    crowd.heal()
    const { messages } = crowd.broadcasts
    expect(crowd.world.passUntil(() => messages.every(({ holders }) => holders === 100), 400_000)).toBe(true)
    expect(isConnected(crowd.present)).toBe(true)
  })

  it('reaches those who are there while as many come and go each minute', () => {
    const crowd = room(100, 1, 400)
    const { world } = crowd
    for (let nth = 0; nth < 100; nth++)
      world.later(60_000 * world.random(), () => {
        crowd.killOne()
        crowd.join()
      })
    const said = crowd.converse(60_000, 1_000).filter(({ holders }) => holders > 1)
    world.pass(30_000)
    const { pairs, late } = shortfall(said, ({ sentAt }) =>
      crowd.members.filter(
        ({ joinedAt, leftAt }) => joinedAt + 10_000 <= sentAt && leftAt >= sentAt + 30_000,
      ),
    )
    expect(late / pairs).toBeLessThan(0.001)
  })

  it('hears itself among four times as many of few networks that pass nothing on', () => {
    const rooms = [1, 2].map((seed) => {
      const crowd = new Crowd(seed, 500)
      crowd.beginPresence()
      for (let nth = 0; nth < 400; nth++)
        crowd.world.later(
          20_000 * crowd.world.random(),
          () => void crowd.joinAdversary(`crowd ${nth % 5}`, 'mute'),
        )
      crowd.gather(100, 20_000)
      crowd.converse(40_000, 1_000)
      const said = crowd.converse(20_000, 1_000)
      crowd.world.pass(60_000)
      expect(missed(crowd, said)).toBe(0)
      const { pairs, late } = shortfall(said, () => crowd.honest, 10_000)
      return late / pairs
    })
    expect(rooms.reduce((sum, share) => sum + share) / rooms.length).toBeLessThan(0.01)
  })

  it('in cells is heard in all of them over members that are in two', () => {
    const crowd = new Crowd(1, 110)
    const other = new RoomObject(crowd.world)
    crowd.gather(50, 5_000)
    crowd.gather(50, 5_000, () => void crowd.join(other))
    for (const member of crowd.members.slice(0, 3)) crowd.bridge(member, other)
    crowd.world.pass(30_000)
    expect(components(crowd.present)).toHaveLength(2)
    const said = crowd.converse(10_000, 1_000)
    crowd.world.pass(10_000)
    expect(missed(crowd, said)).toBe(0)
  })
})
