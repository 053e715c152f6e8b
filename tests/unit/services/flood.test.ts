import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { decodeFrame, encodeFrame } from '../../../protocol/frames'
import { SAY_PACE } from '../../../protocol/limits'
import { encodePresence } from '../../../protocol/presence'
import { signAs } from '../../../protocol/signed'
import { Author } from '../../../services/room/author'
import type { MemoryLink } from '../world/memory-links'
import { ROOM, RoomWorld, type Viewer } from '../world/room-world'
import { pass, until } from '../world/virtual-clock'

const MANY = 200

let world: RoomWorld
let mallory: Viewer
let victim: Viewer
/** From Mallory to the victim, and from the victim to a third. */
let wire: MemoryLink
let onwards: MemoryLink

beforeEach(async () => {
  world = await RoomWorld.create()
  mallory = await world.join('MalloryMink22')
  victim = await world.join('VictimVole11')
  const third = await world.join('ThirdThrush33')
  await until(world.clock, () => world.isWhole())
  wire = linkFrom(mallory, victim)
  onwards = linkFrom(victim, third)
})
afterEach(() => world.close())

function linkFrom(one: Viewer, other: Viewer): MemoryLink {
  const link = world.network.linkBetween(one.links, other.links)
  if (!link) throw new Error('not linked')
  return link
}

/** How many frames of one kind went on from the victim to the third. */
function passedOn(kind: 'message' | 'presence', since: number): number {
  return onwards.sent.slice(since).filter((bytes) => {
    const decoded = decodeFrame(bytes)
    return 'frame' in decoded && decoded.frame.t === kind
  }).length
}

describe('a member with a good passport', () => {
  it('has no more messages from ahead of time passed on than the pace allows', async () => {
    const author = new Author({ ...mallory.world, room: ROOM })
    const since = onwards.sent.length
    for (let seq = 0; seq < MANY; seq++) {
      const time = { ms: world.clock.now() + 25_000, count: seq }
      const { signed } = await author.message({ key: '', text: `flood ${seq}`, ms: 0 }, seq, time)
      wire.send(encodeFrame({ t: 'message', ...signed }))
    }
    await pass(world.clock, 1_000)
    expect(passedOn('message', since)).toBe(SAY_PACE.messages)
  })

  it('has few of its words about being here passed on', async () => {
    const since = onwards.sent.length
    const { passport } = mallory.world.credentials()
    for (let n = 0; n < MANY; n++) {
      const ms = world.clock.now() + n + 1
      const state = n % 2 ? 'here' : 'away'
      const bytes = encodePresence({
        v: 1,
        room: ROOM,
        device: mallory.person.device,
        ms,
        since: ms,
        state,
        passport,
      })
      const sig = await signAs(mallory.person.signer, 'presence', bytes)
      wire.send(encodeFrame({ t: 'presence', bytes, sig }))
    }
    await pass(world.clock, 1_000)
    expect(passedOn('presence', since)).toBeLessThan(30)
  })

  it('does not have the same proof checked over and over', async () => {
    const author = new Author({ ...mallory.world, room: ROOM })
    const time = { ms: world.clock.now(), count: 0 }
    const [first, second] = await Promise.all(
      ['one', 'other'].map((text) => author.message({ key: '', text, ms: 0 }, 0, time)),
    )
    if (!first || !second) throw new Error('nothing said')
    const { passport } = mallory.world.credentials()
    const proof = encodeFrame({ t: 'proof', first: first.signed, second: second.signed, passport })
    wire.send(proof)
    await until(world.clock, () => world.viewers.every(({ session }) => session.log.isVoid(first.device)))
    const verify = vi.spyOn(crypto.subtle, 'verify')
    for (let n = 0; n < MANY; n++) wire.send(proof)
    await pass(world.clock, 500)
    expect(verify).not.toHaveBeenCalled()
    verify.mockRestore()
  })
})
