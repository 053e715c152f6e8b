import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { MAX_FRAME_BYTES } from '../../../../protocol/limits'
import { hashAtOnce } from './simulated-room'
import { deviceOf, proofOf, START, said } from './spoken'
import { fill, heard, roomOf } from './talk'

beforeEach(hashAtOnce)
afterEach(() => vi.restoreAllMocks())

describe('a member', () => {
  it('asks again about every minute, and after a gap, but no link more often than every five seconds', async () => {
    const room = roomOf(2)
    const [a, b] = [room.member(0), room.member(1)]
    room.connect(a, b)
    await room.clock.run(30 * 60_000)
    const rounds = heard(b, 'digest').length
    expect(rounds).toBeGreaterThan(15)
    expect(rounds).toBeLessThan(60)
    for (let times = 0; times < 200; times++) {
      a.reconciler.gapAt(b.device)
      await room.clock.run(100)
    }
    const afterGaps = heard(b, 'digest').length - rounds
    expect(afterGaps).toBeGreaterThanOrEqual(3)
    expect(afterGaps).toBeLessThanOrEqual(6)
    room.close()
  })

  it('gets what a gap shows to be missing within seconds', async () => {
    const room = roomOf(2)
    const [a, b] = [room.member(0), room.member(1)]
    room.connect(a, b)
    room.say(a, 0b11)
    await room.clock.run(10_000)
    room.say(a, 0)
    await room.clock.run(2_000)
    expect(b.log.all).toHaveLength(1)
    room.say(a, 0b11)
    await room.clock.run(2_000)
    expect(b.log.all).toEqual(room.said)
    room.close()
  })

  it('learns which of its messages a peer took', async () => {
    const room = roomOf(2)
    const [a, b] = [room.member(0), room.member(1)]
    room.say(a, 0)
    room.connect(a, b)
    await room.clock.run(4_000)
    expect(a.given).toEqual(room.said)
    expect(b.given).toEqual([])
    room.close()
  })

  it('sends its proofs to whoever lacks some', async () => {
    const room = roomOf(2)
    const [a, b] = [room.member(0), room.member(1)]
    for (const liar of ['x', 'y'].map(deviceOf)) a.log.void(liar, proofOf(liar))
    room.connect(a, b)
    await room.clock.run(4_000)
    expect(heard(b, 'proof')).toHaveLength(2)
    room.close()
  })

  it('wants nothing from before it cleared the room', async () => {
    const room = roomOf(2)
    const [a, b] = [room.member(0), room.member(1)]
    for (const member of room.members) fill(member)
    a.log.clear(START)
    room.connect(a, b)
    room.say(b, 0)
    await room.clock.run(10 * 60_000)
    expect(a.log.all).toEqual(room.said.slice(0, 0))
    expect(heard(a, 'past')).toEqual([])
    await room.clock.run(1)
    room.say(b, 0)
    await room.clock.run(10 * 60_000)
    expect(a.log.all).toEqual(room.said.slice(1))
    room.close()
  })

  it('leaves no timer behind, even while it waits for an answer', async () => {
    const room = roomOf(3)
    fill(room.member(1))
    room.arrange(() => true)
    await room.clock.run(100)
    const { heard: frames } = room.member(1)
    room.member(0).reconciler.gapAt(room.member(1).device)
    room.close()
    await room.clock.run(200)
    expect(room.clock.pending).toBe(0)
    const count = frames.length
    await room.clock.run(10 * 60_000)
    expect(frames).toHaveLength(count)
  })

  it('sends no frame that is too large, whatever the messages and passports are like', async () => {
    const room = roomOf(2)
    const [a, b] = [room.member(0), room.member(1)]
    for (let who = 0; who < 300; who++) {
      const message = said(deviceOf(who), 0, START - who, 'é'.repeat(1 + ((who * 37) % 499)))
      a.log.add({ ...message, passport: message.device.padEnd(40 + ((who * 211) % 1_160), '.') })
    }
    const sizes: number[] = []
    const receive = b.receive.bind(b)
    b.receive = async (peer, bytes) => {
      sizes.push(bytes.length)
      await receive(peer, bytes)
    }
    room.connect(a, b)
    await room.clock.run(5_000)
    expect(b.log.all.map(({ id }) => id)).toEqual(a.log.all.map(({ id }) => id))
    expect(Math.max(...sizes)).toBeLessThanOrEqual(MAX_FRAME_BYTES)
    expect(Math.max(...sizes)).toBeGreaterThan(MAX_FRAME_BYTES * 0.8)
    room.close()
  })
})
