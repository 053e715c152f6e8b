import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { decodeFrame, encodeFrame } from '../../../protocol/frames'
import { SAY_PACE } from '../../../protocol/limits'
import { decodePresence, encodePresence } from '../../../protocol/presence'
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

/** A word of Mallory's about being here, later than the one before. */
async function presence(n: number, passport: string): Promise<Uint8Array<ArrayBuffer>> {
  const ms = world.clock.now() + n + 1
  const state = n % 2 ? 'here' : 'away'
  const { device, signer } = mallory.person
  const bytes = encodePresence({ v: 1, room: ROOM, device, ms, since: ms, state, direct: false, passport })
  return encodeFrame({ t: 'presence', bytes, sig: await signAs(signer, 'presence', bytes) })
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
    for (let n = 0; n < MANY; n++) wire.send(await presence(n, passport))
    await pass(world.clock, 1_000)
    expect(passedOn('presence', since)).toBeLessThan(30)
  })

  it('has few of its words about being here checked, and is shunned for going on', async () => {
    const verify = vi.spyOn(crypto.subtle, 'verify')
    for (let n = 0; n < 2 * MANY; n++) wire.send(await presence(n, mallory.world.credentials().passport))
    await until(world.clock, () => !wire.isOpen, 'link ended')
    // Twenty that are told on, and are checked by the third, too; and those that are checked in vain.
    expect(verify.mock.calls.length).toBeLessThan(2 * 20 + 150)
    verify.mockRestore()
  })

  it('has no signature checked by passports of a key that nobody has', async () => {
    const [, ...rest] = mallory.world.credentials().passport.split('.')
    const head = Buffer.from('{"alg":"EdDSA","typ":"sidestream-passport+jwt","kid":"nobody"}')
    const unknown = [head.toString('base64url'), ...rest].join('.')
    const verify = vi.spyOn(crypto.subtle, 'verify')
    for (let n = 0; n < MANY; n++) wire.send(await presence(n, unknown))
    await until(world.clock, () => victim.session.faults.get('unknown-key') === MANY)
    expect(verify).not.toHaveBeenCalled()
    expect(wire.isOpen).toBe(true)
    for (let n = MANY; n < 2 * MANY; n++) wire.send(await presence(n, unknown))
    await until(world.clock, () => !wire.isOpen, 'link ended')
    expect(verify).not.toHaveBeenCalled()
    verify.mockRestore()
  })

  it('has what is known of others not checked again', async () => {
    const third = world.viewers[2]?.session.me ?? victim.session.me
    const known = victim.session.people.member(third)
    if (!known) throw new Error('nobody')
    const verify = vi.spyOn(crypto.subtle, 'verify')
    const before = verify.mock.calls.length
    for (let n = 0; n < MANY; n++) {
      const sig = crypto.getRandomValues(new Uint8Array(64))
      const bytes = encodePresence({ ...decodePresence(known.signed.bytes), ms: known.ms - n - 1 })
      wire.send(encodeFrame({ t: 'presence', bytes, sig }))
    }
    await pass(world.clock, 500)
    expect(verify.mock.calls.length).toBe(before)
    expect([...victim.session.faults]).toEqual([])
    expect(wire.isOpen).toBe(true)
    verify.mockRestore()
  })

  it('that was cut off gets no link for a minute, whoever offers one, and then one again', async () => {
    for (let n = 0; n < 3; n++) wire.send(new Uint8Array(3))
    await until(world.clock, () => !wire.isOpen, 'link ended')
    const isLinked = () => world.network.linkBetween(mallory.links, victim.links) !== undefined
    for (let second = 0; second < 58; second += 2) {
      mallory.session.probe()
      victim.session.probe()
      await pass(world.clock, 2_000, 100)
      expect(isLinked()).toBe(false)
    }
    // What it signals is not even looked at. Everybody else is none the worse for it, and what is said goes round.
    world.room.deliver(victim.session.me, mallory.session.me, new Uint8Array(3))
    await pass(world.clock, 100)
    expect([...victim.session.faults]).toEqual([['malformed', 3]])
    expect(onwards.isOpen).toBe(true)
    await mallory.say('past the wall')
    await until(world.clock, () => victim.texts().includes('past the wall'))
    await pass(world.clock, 4_000, 100)
    mallory.session.probe()
    await until(world.clock, isLinked, 'linked again', 100)
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
