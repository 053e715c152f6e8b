import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LOG_LENGTH } from '../../../../protocol/limits'
import { hashAtOnce } from './simulated-room'
import { fill, heard, roomOf, talk } from './talk'

beforeEach(hashAtOnce)
afterEach(() => vi.restoreAllMocks())

describe('a newcomer', () => {
  it('gets everything once, from two peers, in frames that fit, each passport once per answer', async () => {
    const room = roomOf(5)
    const [newcomer, ...others] = room.members
    if (!newcomer) throw new Error('nobody came')
    for (const member of others) fill(member)
    for (const other of others) room.connect(newcomer, other)
    await room.clock.run(4_000, () => newcomer.log.isFull)
    expect(newcomer.log.all).toEqual(talk)
    const past = heard(newcomer, 'past')
    expect(past.flatMap(({ messages }) => messages)).toHaveLength(LOG_LENGTH)
    const answering = others.filter((member) => heard(member, 'want').length > 0)
    expect(answering).toHaveLength(2)
    for (const member of answering) {
      const wanted = heard(member, 'want').reduce((sum, { ids }) => sum + ids.length / 16, 0)
      expect(wanted).toBeGreaterThan(200)
    }
    const passports = past.flatMap(({ passports }) => passports)
    expect(passports).toHaveLength(2 * new Set(passports).size)
    await room.clock.run(4_000)
    for (const member of room.members) expect(member.faults).toEqual([])
    const named = heard(newcomer, 'have').reduce((sum, { ids }) => sum + ids.length / 16, 0)
    expect(named).toBeLessThan(2.5 * LOG_LENGTH)
    room.close()
  })

  it('gets everything though messages go on being said', async () => {
    const room = roomOf(3)
    const [newcomer, ...others] = room.members
    if (!newcomer) throw new Error('nobody came')
    for (const member of others) fill(member)
    room.arrange(() => true)
    for (let turn = 0; turn < 20; turn++) {
      room.say(room.member(1 + (turn % 2)), 0b111)
      await room.clock.run(800)
    }
    await room.clock.run(100)
    expect(newcomer.log.all).toEqual([...talk, ...room.said].slice(-LOG_LENGTH))
    const live = new Set(room.said.map(({ signed }) => Buffer.from(signed.bytes).toString('hex')))
    const twice = heard(newcomer, 'past')
      .flatMap(({ messages }) => messages)
      .filter(({ bytes }) => live.has(Buffer.from(bytes).toString('hex')))
    expect(twice).toEqual([])
    room.close()
  })

  it('asks another peer when the first does not answer, or stops in the middle', async () => {
    for (const silent of ['digest', 'want'] as const) {
      const room = roomOf(4)
      const [newcomer, ...others] = room.members
      if (!newcomer) throw new Error('nobody came')
      for (const member of others) fill(member)
      for (const mute of others.slice(0, 2)) {
        const receive = mute.receive.bind(mute)
        mute.receive = async (peer, bytes) => {
          if (!Buffer.from(bytes).includes(silent)) await receive(peer, bytes)
        }
      }
      for (const other of others) room.connect(newcomer, other)
      await room.clock.run(10_000)
      expect(newcomer.log.all).toEqual(talk.slice(0, newcomer.log.all.length))
      expect(newcomer.log.isFull).toBe(false)
      await room.clock.run(15_000, () => newcomer.log.isFull)
      expect(newcomer.log.all).toEqual(talk)
      room.close()
    }
  })

  it('asks another peer at once when one goes away in the middle', async () => {
    const room = roomOf(3)
    const [newcomer, first, second] = [room.member(0), room.member(1), room.member(2)]
    fill(first)
    room.connect(newcomer, first)
    await room.clock.run(250)
    const brought = newcomer.log.all.length
    expect(brought).toBeGreaterThan(0)
    room.connect(newcomer, second)
    await room.clock.run(10)
    fill(second)
    room.disconnect(newcomer, first)
    await room.clock.run(6_500)
    expect(newcomer.log.all).toEqual(talk)
    room.close()
  })
})
