import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encodeFrame, type FrameFault } from '../../../protocol/frames'
import { MAX_FRAME_BYTES } from '../../../protocol/limits'
import { encodeMessage, type UnsignedMessage } from '../../../protocol/message'
import { encodePresence } from '../../../protocol/presence'
import { channelRoom } from '../../../protocol/room-id'
import { type Signer, signAs } from '../../../protocol/signed'
import type { MemoryLink } from '../world/memory-links'
import { Registrar } from '../world/registrar'
import { ROOM, RoomWorld, type Viewer } from '../world/room-world'
import { until } from '../world/virtual-clock'

let world: RoomWorld
let victim: Viewer
let mallory: Viewer
let wire: MemoryLink

beforeEach(async () => {
  world = await RoomWorld.create()
  victim = await world.join('VictimVole11')
  mallory = await world.join('MalloryMink22')
  await until(world.clock, () => world.isWhole())
  await mallory.say('an honest line')
  await until(world.clock, () => victim.texts().length === 1)
  const encoded = world.network.links.find((link) => link.sent.length > 1 && isFrom(link))
  if (!encoded) throw new Error('no link from Mallory')
  wire = encoded
})
afterEach(() => world.close())

/** The end on which Mallory's message went out. */
const isFrom = (link: MemoryLink) => link.sent.some((frame) => Buffer.from(frame).includes('an honest line'))

async function message(change: Partial<UnsignedMessage> = {}, signer: Signer = mallory.person.signer) {
  const bytes = encodeMessage({
    v: 1,
    room: ROOM,
    device: mallory.person.device,
    seq: 1,
    time: { ms: world.clock.now(), count: 0 },
    kind: 'say',
    body: `crafted ${Math.random()}`,
    ...change,
  })
  return { bytes, sig: await signAs(signer, 'message', bytes) }
}

async function presence(passport: string, signer: Signer) {
  const now = world.clock.now()
  const bytes = encodePresence({
    v: 1,
    room: ROOM,
    device: signer.device,
    ms: now,
    since: now,
    state: 'here',
    direct: false,
    passport,
  })
  return { bytes, sig: await signAs(signer, 'presence', bytes) }
}

type Make = () => Promise<Uint8Array<ArrayBuffer>>

const attacks: [name: string, fault: FrameFault, make: Make][] = [
  ['noise', 'malformed', async () => crypto.getRandomValues(new Uint8Array(64))],
  ['nothing', 'malformed', async () => new Uint8Array(0)],
  ['a frame of an unknown kind', 'malformed', async () => new Uint8Array([0xa1, 0x61, 0x74, 0x61, 0x78])],
  ['a frame beyond the size limit', 'oversized', async () => new Uint8Array(MAX_FRAME_BYTES + 1)],
  ['a text beyond the limit', 'malformed', async () => frame(await message({ body: 'x'.repeat(501) }))],
  ['an empty text', 'malformed', async () => frame(await message({ body: ' ' }))],
  ['a negative sequence number', 'malformed', async () => frame(await message({ seq: -1 }))],
  [
    'a message for another room',
    'wrong-room',
    async () => frame(await message({ room: channelRoom('elsewhere') })),
  ],
  [
    'a message under the victim’s own name',
    'bad-signature',
    async () => frame(await message({ device: victim.person.device })),
  ],
  [
    'a changed text under an old signature',
    'bad-signature',
    async () => frame({ ...(await message()), bytes: (await message()).bytes }),
  ],
  [
    'a presence signature as a message signature',
    'bad-signature',
    async () => {
      const { bytes } = await message()
      return frame({ bytes, sig: await signAs(mallory.person.signer, 'presence', bytes) })
    },
  ],
  [
    'a passport of another issuer',
    'bad-passport',
    async () => {
      const forger = await Registrar.open()
      const ghost = await forger.person('GhostGnu33')
      return frame(await presence(await forger.passport(ghost, world.clock.now()), ghost.signer), 'presence')
    },
  ],
  [
    'somebody else’s passport',
    'bad-passport',
    async () => {
      const ghost = await world.registrar.person('GhostGnu33')
      const stolen = await world.registrar.passport(victim.person, world.clock.now())
      return frame(await presence(stolen, ghost.signer), 'presence')
    },
  ],
  [
    'a goodbye in the victim’s name',
    'bad-signature',
    async () => {
      const now = world.clock.now() + 1
      const bytes = encodePresence({
        v: 1,
        room: ROOM,
        device: victim.person.device,
        ms: now,
        since: now,
        state: 'left',
        direct: false,
        passport: await world.registrar.passport(victim.person, now),
      })
      return frame({ bytes, sig: await signAs(mallory.person.signer, 'presence', bytes) }, 'presence')
    },
  ],
  [
    'an expired passport',
    'bad-passport',
    async () => {
      const ghost = await world.registrar.person('GhostGnu33')
      const old = await world.registrar.passport(ghost, world.clock.now() - 48 * 3_600_000)
      return frame(await presence(old, ghost.signer), 'presence')
    },
  ],
]

const frame = (
  signed: { bytes: Uint8Array<ArrayBuffer>; sig: Uint8Array<ArrayBuffer> },
  t: 'message' | 'presence' = 'message',
) => encodeFrame({ t, ...signed })

const counted = (fault: FrameFault) => victim.session.faults.get(fault) ?? 0

describe('a peer that sends', () => {
  it.each(attacks)('%s changes nothing, is counted, and after three is cut off', async (_, fault, make) => {
    const before = JSON.stringify([victim.texts(), victim.session.people.all])
    for (let sent = 1; sent <= 3; sent++) {
      expect(victim.session.linkCount).toBe(1)
      wire.send(await make())
      await until(world.clock, () => counted(fault) === sent, `${fault} × ${sent}`)
    }
    await until(world.clock, () => !wire.isOpen, 'link ended')
    expect(JSON.stringify([victim.texts(), victim.session.people.all])).toBe(before)
  })

  it('the same message again is not blamed at once, and is cut off for going on', async () => {
    const recorded = wire.sent.find((bytes) => Buffer.from(bytes).includes('an honest line'))
    if (!recorded) throw new Error('nothing was said')
    // It was excused no more than twice while a link brought each message once. Now it may be asked for while it is on its way.
    for (let sent = 1; sent <= 5; sent++) {
      wire.send(recorded)
      await until(world.clock, () => counted('replayed') === sent)
    }
    expect(wire.isOpen).toBe(true)
    for (let sent = 0; sent < 400; sent++) wire.send(recorded)
    await until(world.clock, () => !wire.isOpen, 'link ended')
    expect(victim.texts()).toEqual(['an honest line'])
  })

  it('the victim’s own words back to it changes nothing', async () => {
    await victim.say('mine')
    await until(world.clock, () => mallory.texts().includes('mine'))
    const own = world.network.links.find((link) => link !== wire && link.isOpen)?.sent ?? []
    for (const bytes of own) wire.send(bytes)
    wire.send(frame(await message({ body: 'the end' })))
    await until(world.clock, () => victim.texts().includes('the end'))
    expect(victim.session.people.all.members).toHaveLength(2)
    expect(victim.texts().filter((text) => text === 'mine')).toHaveLength(1)
  })

  it('two bad frames among good ones stays', async () => {
    wire.send(new Uint8Array(3))
    wire.send(new Uint8Array(3))
    wire.send(frame(await message({ body: 'a good one' })))
    await until(world.clock, () => victim.texts().includes('a good one'))
    expect(wire.isOpen).toBe(true)
  })

  it('more at once than anybody could look at is cut off before it is looked at', async () => {
    for (let sent = 0; sent < 5_000; sent++) wire.send(new Uint8Array(MAX_FRAME_BYTES + 1))
    await until(world.clock, () => !wire.isOpen)
    await until(world.clock, () => victim.session.linkCount === 0)
    expect(counted('oversized')).toBeLessThanOrEqual(3)
  })

  it('old messages is not blamed at once, for clocks differ, and is cut off for going on', async () => {
    const old = () => message({ time: { ms: world.clock.now() - 300_000, count: 0 } })
    for (let sent = 1; sent <= 5; sent++) {
      wire.send(frame(await old()))
      await until(world.clock, () => counted('stale') === sent)
    }
    expect(wire.isOpen).toBe(true)
    for (let sent = 0; sent < 400; sent++) wire.send(frame(await old()))
    await until(world.clock, () => !wire.isOpen, 'link ended')
    expect(victim.texts()).toEqual(['an honest line'])
  })

  it('a message of someone unknown is not shown and not held against it', async () => {
    const stranger = await world.registrar.person('StrangerStoat44')
    for (let sent = 1; sent <= 5; sent++) {
      wire.send(frame(await message({ device: stranger.device }, stranger.signer)))
      await until(world.clock, () => counted('unknown-author') === sent)
    }
    expect(wire.isOpen).toBe(true)
    expect(victim.texts()).toEqual(['an honest line'])
  })
})
