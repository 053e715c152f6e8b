import { evictDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { deviceIdOf } from '../../protocol/device'
import {
  HUB_BYTES,
  HUB_FRAMES,
  MAX_HUB_BYTES,
  MAX_SIGNAL_BYTES,
  MAX_SOCKET_MESSAGE_BYTES,
} from '../../protocol/limits'
import { encodeFromMember } from '../../protocol/room-socket'
import { HUB_BURST_SLACK, MAX_SIGNALLED, SIGNALS_TO_ONE } from '../../worker/limits'
import { atTime } from './support/clock'
import { hubTo, introduce, join, type MemberSocket, newRoom, signalTo, until } from './support/socket'
import { signIn, type Viewer } from './support/viewer'

afterEach(() => vi.useRealTimers())

const bytes = (length: number) => crypto.getRandomValues(new Uint8Array(length))
const stranger = () => deviceIdOf(bytes(32))

interface Side {
  viewer: Viewer
  socket: MemberSocket
}
/** Two members of a new room, their welcomes read. */
async function twoMembers(): Promise<{ room: string; ann: Side; bob: Side }> {
  const room = newRoom()
  const [ann, bob] = [await signIn(), await signIn()]
  const [anns, bobs] = [await join(ann, room), await join(bob, room)]
  await anns.next()
  await bobs.next()
  return { room, ann: { viewer: ann, socket: anns }, bob: { viewer: bob, socket: bobs } }
}

/** Waits until the object has handled all that this socket sent. */
async function settled({ socket }: Side) {
  const answers = () => socket.inbox.filter(({ t }) => t === 'introduced').length
  const before = answers()
  socket.socket.send(introduce)
  await until(() => answers() > before)
}

const heard = ({ socket }: Side, t: 'signal' | 'hub') =>
  socket.inbox.filter((message) => message.t === t).length

/** Until this side has heard `count` of them. What was sent to it before the sender's answer has arrived by then. */
const hearing = (side: Side, t: 'signal' | 'hub', count: number) => until(() => heard(side, t) >= count)

describe('frames through the room', () => {
  it('arrive unread, in order, under the name of the socket they came from', async () => {
    const { ann, bob } = await twoMembers()
    const frames = [0, 1, 23, 24, 255, 256, MAX_HUB_BYTES].map(bytes)
    for (const data of frames) bob.socket.socket.send(hubTo(ann.viewer, data))
    for (const data of frames) {
      expect(await ann.socket.next()).toEqual({ t: 'hub', from: bob.viewer.device.id, data })
    }
    expect(bob.socket.inbox).toEqual([])
  })

  it('reach one who is asleep, and the room after its own sleep', async () => {
    const { room, ann, bob } = await twoMembers()
    await evictDurableObject(env.ROOMS.getByName(room))
    bob.socket.socket.send(hubTo(ann.viewer, new Uint8Array([1])))
    expect(await ann.socket.next()).toMatchObject({ t: 'hub', from: bob.viewer.device.id })
  })

  it('come back as absent for whom is not there, or not any more', async () => {
    const { ann, bob } = await twoMembers()
    const cem = await signIn()
    ann.socket.socket.send(hubTo(cem, bytes(3)))
    expect(await ann.socket.next()).toEqual({ t: 'absent', device: cem.device.id })
    bob.socket.socket.close(1000, 'bye')
    await bob.socket.closed
    ann.socket.socket.send(hubTo(bob.viewer, bytes(3)))
    expect(await ann.socket.next()).toEqual({ t: 'absent', device: bob.viewer.device.id })
  })

  it('end the socket when there are too many of them, and nothing before that is lost', async () => {
    const { ann, bob } = await twoMembers()
    const most = HUB_FRAMES.burst * HUB_BURST_SLACK
    const now = Date.now()
    atTime(now)
    for (let count = 0; count < most; count++) bob.socket.socket.send(hubTo(ann.viewer, new Uint8Array(1)))
    await hearing(ann, 'hub', most)
    atTime(now + 1_000)
    for (let count = 0; count < HUB_FRAMES.perSecond; count++)
      bob.socket.socket.send(hubTo(ann.viewer, bytes(1)))
    await settled(bob)
    await hearing(ann, 'hub', most + HUB_FRAMES.perSecond)
    expect(heard(ann, 'hub')).toBe(most + HUB_FRAMES.perSecond)
    bob.socket.socket.send(hubTo(ann.viewer, bytes(1)))
    expect(await bob.socket.closed).toEqual({ code: 4003, reason: 'rate limited' })
    expect(heard(ann, 'hub')).toBe(most + HUB_FRAMES.perSecond)
  })

  it('end the socket when they are too large together', async () => {
    const { ann, bob } = await twoMembers()
    const most = Math.floor((HUB_BYTES.burst * HUB_BURST_SLACK) / MAX_HUB_BYTES)
    const frame = hubTo(ann.viewer, bytes(MAX_HUB_BYTES))
    const now = Date.now()
    atTime(now)
    for (let count = 0; count < most; count++) bob.socket.socket.send(frame)
    await settled(bob)
    await hearing(ann, 'hub', most)
    expect(heard(ann, 'hub')).toBe(most)
    atTime(now + 1_000)
    const granted = Math.floor(HUB_BYTES.perSecond / MAX_HUB_BYTES)
    for (let count = 0; count < granted; count++) bob.socket.socket.send(frame)
    await settled(bob)
    await hearing(ann, 'hub', most + granted)
    expect(heard(ann, 'hub')).toBe(most + granted)
    bob.socket.socket.send(frame)
    bob.socket.socket.send(frame)
    expect(await bob.socket.closed).toMatchObject({ code: 4003 })
  })

  it('cost no signal, and signals no frame', async () => {
    const { ann, bob } = await twoMembers()
    atTime(Date.now())
    for (let count = 0; count < 200; count++) bob.socket.socket.send(hubTo(ann.viewer, bytes(1)))
    bob.socket.socket.send(signalTo(ann.viewer, bytes(1)))
    await hearing(ann, 'signal', 1)
    expect([heard(ann, 'hub'), heard(ann, 'signal')]).toEqual([200, 1])
  })

  it('are not to be had anew by another socket', async () => {
    const { room, ann, bob } = await twoMembers()
    atTime(Date.now())
    const most = HUB_FRAMES.burst * HUB_BURST_SLACK
    for (let count = 0; count <= most; count++) bob.socket.socket.send(hubTo(ann.viewer, bytes(1)))
    expect(await bob.socket.closed).toMatchObject({ code: 4003 })
    const again = await join(bob.viewer, room)
    again.socket.send(hubTo(ann.viewer, bytes(1)))
    expect(await again.closed).toMatchObject({ code: 4003 })
    expect(heard(ann, 'hub')).toBe(most)
  })

  it.each([
    ['more than a message may hold', () => new Uint8Array(MAX_SOCKET_MESSAGE_BYTES + 1)],
    [
      'a frame that is too large',
      () => encodeFromMember({ t: 'hub', to: stranger(), data: bytes(MAX_HUB_BYTES + 1) }),
    ],
    [
      'a signal that is too large',
      () => encodeFromMember({ t: 'signal', to: stranger(), data: bytes(MAX_SIGNAL_BYTES + 1) }),
    ],
    [
      'a frame to nobody',
      () => encodeFromMember({ t: 'hub', to: stranger(), data: bytes(9) }).fill(0x2e, 14, 20),
    ],
    [
      'a frame that is cut off',
      () => encodeFromMember({ t: 'hub', to: stranger(), data: bytes(9) }).slice(0, -1),
    ],
    [
      'terms that are none',
      () =>
        Uint8Array.from([
          0xa2,
          0x61,
          0x74,
          0x65,
          ...new TextEncoder().encode('terms'),
          0x66,
          ...new TextEncoder().encode('direct'),
          1,
        ]),
    ],
  ])('and signals end the socket as malformed for %s', async (_, message) => {
    const { bob } = await twoMembers()
    bob.socket.socket.send(message())
    expect(await bob.socket.closed).toEqual({ code: 4002, reason: 'malformed' })
    expect(bob.socket.inbox).toEqual([])
  })
})

describe('signals', () => {
  it('to one addressee are dropped beyond ten, while others still get theirs', async () => {
    const room = newRoom()
    const [ann, bob, cem] = [await signIn(), await signIn(), await signIn()]
    const [anns, bobs, cems] = [await join(ann, room), await join(bob, room), await join(cem, room)]
    await bobs.next()
    const sides = { ann: { viewer: ann, socket: anns }, bob: { viewer: bob, socket: bobs } }
    const now = Date.now()
    atTime(now)
    for (let count = 0; count < SIGNALS_TO_ONE.burst + 5; count++) bobs.socket.send(signalTo(ann, bytes(1)))
    bobs.socket.send(signalTo(cem, bytes(1)))
    await settled(sides.bob)
    await hearing(sides.ann, 'signal', SIGNALS_TO_ONE.burst)
    expect(heard(sides.ann, 'signal')).toBe(SIGNALS_TO_ONE.burst)
    expect(cems.inbox.at(-1)).toMatchObject({ t: 'signal', from: bob.device.id })
    expect(bobs.inbox.map(({ t }) => t)).toEqual(['introduced'])
    // One each second comes back.
    atTime(now + 2_000)
    for (let count = 0; count < 4; count++) bobs.socket.send(signalTo(ann, bytes(1)))
    await settled(sides.bob)
    await hearing(sides.ann, 'signal', SIGNALS_TO_ONE.burst + 2)
    expect(heard(sides.ann, 'signal')).toBe(SIGNALS_TO_ONE.burst + 2)
  })

  it('go to so many addressees at a time, and to others later', async () => {
    const { bob } = await twoMembers()
    const now = Date.now()
    atTime(now)
    const signal = () => encodeFromMember({ t: 'signal', to: stranger(), data: bytes(1) })
    for (let count = 0; count < MAX_SIGNALLED + 3; count++) bob.socket.socket.send(signal())
    await settled(bob)
    const absent = () => bob.socket.inbox.filter(({ t }) => t === 'absent').length
    expect(absent()).toBe(MAX_SIGNALLED)
    atTime(now + 1_000)
    bob.socket.socket.send(signal())
    await settled(bob)
    await until(() => absent() > MAX_SIGNALLED)
    expect(absent()).toBe(MAX_SIGNALLED + 1)
  })
})
