import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { hashAtOnce } from './simulated-room'
import { shuffled } from './spoken'
import { fill, roomOf, talk } from './talk'

beforeEach(hashAtOnce)
afterEach(() => vi.restoreAllMocks())

/** Two logs that differ in `count` messages, half of them missing on either side; what it took to make them agree. */
async function bytesFor(count: number): Promise<number> {
  const room = roomOf(2)
  const [a, b] = [room.member(0), room.member(1)]
  const missing = shuffled(talk, 5).slice(0, count)
  const lost = new Set(missing.slice(0, Math.ceil(count / 2)))
  const lostByOther = new Set(missing.slice(Math.ceil(count / 2)))
  fill(
    a,
    talk.filter((message) => !lost.has(message)),
  )
  fill(
    b,
    talk.filter((message) => !lostByOther.has(message)),
  )
  room.connect(a, b)
  await room.clock.run(4_000)
  expect(room.isAgreed).toBe(true)
  expect(a.log.all).toEqual(talk)
  room.close()
  return room.sentBytes
}

describe('what reconciliation costs', () => {
  it('follows from how much differs, not from how much there is', async () => {
    const [none, one, ten, hundred] = [
      await bytesFor(0),
      await bytesFor(1),
      await bytesFor(10),
      await bytesFor(100),
    ]
    expect(none).toBeLessThan(3_000)
    expect(one - none).toBeGreaterThan(100)
    expect(one - none).toBeLessThan(2_500)
    expect(ten - none).toBeGreaterThan(2 * (one - none))
    expect(ten - none).toBeLessThan(10 * 2_500)
    expect(hundred - none).toBeGreaterThan(3 * (ten - none))
    expect(hundred - none).toBeLessThan(100_000)
  })

  it('is one digest and one empty answer each way where nothing differs', async () => {
    const room = roomOf(2)
    for (const member of room.members) fill(member)
    room.connect(room.member(0), room.member(1))
    await room.clock.run(4_000)
    for (const { heard } of room.members) expect(heard.map(({ t }) => t).sort()).toEqual(['digest', 'have'])
    room.close()
  })
})
