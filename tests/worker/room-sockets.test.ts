import { afterEach, describe, expect, it, vi } from 'vitest'
import { MAX_SOCKETS_PER_ACCOUNT, SIGNALS_TO_ONE, SOCKET_MESSAGES } from '../../worker/limits'
import { atTime } from './support/clock'
import { introduce, join, newRoom, openSocket, signalTo } from './support/socket'
import { signIn, ticketFor, type Viewer } from './support/viewer'
import { codeOf, newAddress } from './support/worker'

afterEach(() => vi.useRealTimers())

describe('a socket', () => {
  it('replaces the older one of its device', async () => {
    const room = newRoom()
    const [ann, bob] = [await signIn(), await signIn()]
    const bobs = await join(bob, room)
    const older = await join(ann, room)
    const newer = await join(ann, room)
    expect(await older.closed).toEqual({ code: 4001, reason: 'replaced' })
    expect(await newer.next()).toMatchObject({ members: [{ device: bob.device.id }], sockets: 2 })
    await older.next()
    const data = new Uint8Array([7])
    bobs.socket.send(signalTo(ann, data))
    expect(await newer.next()).toEqual({ t: 'signal', from: bob.device.id, bucket: expect.any(String), data })
    expect(older.inbox).toEqual([])
  })

  const malformed: [string, string | Uint8Array<ArrayBuffer>][] = [
    ['text', 'hello'],
    ['no CBOR', new Uint8Array([0xff, 1, 2])],
    ['nothing', new Uint8Array()],
    ['an unknown kind', new Uint8Array([0xa1, 0x61, 0x74, 0x61, 0x78])],
    ['too much', new Uint8Array(10_000)],
  ]
  it.each(malformed)('is closed with 4002 for %s', async (_, bytes) => {
    const anns = await join(await signIn(), newRoom())
    anns.socket.send(bytes)
    expect(await anns.closed).toMatchObject({ code: 4002 })
  })

  it('is heard no more once it was closed', async () => {
    const room = newRoom()
    const [ann, bob] = [await signIn(), await signIn()]
    const [anns, bobs] = [await join(ann, room), await join(bob, room)]
    await bobs.next()
    anns.socket.send('hello')
    for (let count = 0; count < 5; count++) anns.socket.send(signalTo(bob, new Uint8Array(10)))
    expect(await anns.closed).toMatchObject({ code: 4002 })
    bobs.socket.send(introduce)
    expect(await bobs.next()).toEqual({ t: 'introduced', members: [] })
  })

  it('is closed with 4003 when it sends too much', async () => {
    const room = newRoom()
    const [ann, bob] = [await signIn(), await signIn()]
    const [anns, bobs] = [await join(ann, room), await join(bob, room)]
    atTime(Date.now())
    for (let count = 0; count <= SOCKET_MESSAGES.burst; count++)
      anns.socket.send(signalTo(bob, new Uint8Array(10)))
    expect(await anns.closed).toMatchObject({ code: 4003 })
    expect(bobs.inbox.filter(({ t }) => t === 'signal')).toHaveLength(SIGNALS_TO_ONE.burst)
    bobs.socket.send(introduce)
    await vi.waitFor(() => expect(bobs.inbox.at(-1)).toEqual({ t: 'introduced', members: [] }))
  })

  it('is one of at most eight per account', async () => {
    const room = newRoom()
    const email = newAddress()
    const devices: Viewer[] = []
    for (let count = 0; count <= MAX_SOCKETS_PER_ACCOUNT; count++) devices.push(await signIn(email))
    for (const device of devices.slice(1)) await join(device, room)
    const [last] = devices
    if (!last) throw new Error('nobody')
    expect(await codeOf(await openSocket(room, await ticketFor(last, room)))).toBe('rate_limited')
    expect((await openSocket(newRoom(), await ticketFor(last, 'twitch:elsewhere'))).status).toBe(401)
    await join(await signIn(), room)
  })
})
