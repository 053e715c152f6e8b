import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { MAX_INTRODUCTIONS, MAX_SIGNAL_BYTES } from '../../protocol/limits'
import { encodeFromMember } from '../../protocol/room-socket'
import { LIVE_SOCKET_MS } from '../../worker/limits'
import { Room } from '../../worker/objects/room'
import { atTime } from './support/clock'
import { introduce, join, membersOf, newRoom, signalTo } from './support/socket'
import { signIn } from './support/viewer'

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

describe('a room', () => {
  it('introduces newcomers to those who are there, and those to newcomers on demand', async () => {
    const room = newRoom()
    const viewers = [await signIn(), await signIn(), await signIn()] as const
    const [ann, bob, cem] = viewers
    const anns = await join(ann, room)
    expect(await anns.next()).toMatchObject({
      t: 'welcome',
      members: [],
      sockets: 1,
      now: expect.any(Number),
    })
    const bobs = await join(bob, room)
    expect(await bobs.next()).toMatchObject({
      t: 'welcome',
      members: [{ device: ann.device.id, direct: false }],
      sockets: 2,
    })
    const cems = await join(cem, room)
    const welcome = await cems.next()
    expect(membersOf(welcome)?.toSorted()).toEqual([ann.device.id, bob.device.id].sort())
    expect(welcome).toMatchObject({ sockets: 3 })
    anns.socket.send(introduce)
    const introduced = await anns.next()
    expect(introduced.t).toBe('introduced')
    expect(membersOf(introduced)?.toSorted()).toEqual([bob.device.id, cem.device.id].sort())
  })

  it('passes a signal on unread, under the name of the socket it came from', async () => {
    const room = newRoom()
    const [ann, bob] = [await signIn(), await signIn()]
    const [anns, bobs] = [await join(ann, room), await join(bob, room)]
    await anns.next()
    await bobs.next()
    const data = crypto.getRandomValues(new Uint8Array(MAX_SIGNAL_BYTES))
    bobs.socket.send(signalTo(ann, data))
    expect(await anns.next()).toEqual({ t: 'signal', from: bob.device.id, bucket: expect.any(String), data })
    expect(bobs.inbox).toEqual([])
  })

  it('says who is absent: never there, or gone', async () => {
    const room = newRoom()
    const [ann, bob, cem] = [await signIn(), await signIn(), await signIn()]
    const [anns, bobs] = [await join(ann, room), await join(bob, room)]
    await anns.next()
    anns.socket.send(signalTo(cem, new Uint8Array(3)))
    expect(await anns.next()).toEqual({ t: 'absent', device: cem.device.id })
    bobs.socket.close(1000, 'bye')
    await bobs.closed
    anns.socket.send(signalTo(bob, new Uint8Array(3)))
    expect(await anns.next()).toEqual({ t: 'absent', device: bob.device.id })
  })

  it('does not reach into another room', async () => {
    const [ann, bob] = [await signIn(), await signIn()]
    const anns = await join(ann, newRoom())
    await join(bob, newRoom())
    expect(membersOf(await anns.next())).toEqual([])
    anns.socket.send(signalTo(bob, new Uint8Array(3)))
    expect(await anns.next()).toEqual({ t: 'absent', device: bob.device.id })
  })

  it('names at most eight, never the asker, and only the live', async () => {
    const room = newRoom()
    const viewers = await Promise.all(Array.from({ length: 12 }, () => signIn()))
    for (const viewer of viewers) await join(viewer, room)
    const ann = await signIn()
    const anns = await join(ann, room)
    const members = membersOf(await anns.next()) ?? []
    expect(members).toHaveLength(MAX_INTRODUCTIONS)
    expect(new Set(members).size).toBe(MAX_INTRODUCTIONS)
    expect(members).not.toContain(ann.device.id)

    atTime(Date.now() + LIVE_SOCKET_MS + 1_000)
    anns.socket.send(introduce)
    expect(membersOf(await anns.next())).toEqual([])
  })

  it('counts who answered a ping lately as live, without waking for it', async () => {
    const room = newRoom()
    const [ann, bob] = [await signIn(), await signIn()]
    const anns = await join(ann, room)
    await anns.next()
    const bobs = await join(bob, room)
    await bobs.next()
    const stub = env.ROOMS.getByName(room)
    // Both joined long ago …
    await runInDurableObject(stub, (_, state) => {
      for (const socket of state.getWebSockets()) {
        socket.serializeAttachment({ ...socket.deserializeAttachment(), joinedAt: 1 })
      }
    })
    await evictDurableObject(stub)
    bobs.socket.send(introduce)
    expect(membersOf(await bobs.next())).toEqual([])
    // … and one pings.
    const messages = vi.spyOn(Room.prototype, 'webSocketMessage')
    anns.socket.send('ping')
    await vi.waitFor(() => expect(anns.texts).toEqual(['pong']))
    expect(messages).not.toHaveBeenCalled()
    bobs.socket.send(introduce)
    expect(membersOf(await bobs.next())).toEqual([ann.device.id])
  })

  it('survives hibernation: members are still known, and signals still arrive', async () => {
    const room = newRoom()
    const [ann, bob] = [await signIn(), await signIn()]
    const [anns, bobs] = [await join(ann, room), await join(bob, room)]
    await anns.next()
    await bobs.next()
    await evictDurableObject(env.ROOMS.getByName(room))
    const data = new Uint8Array([1, 2, 3])
    bobs.socket.send(signalTo(ann, data))
    expect(await anns.next()).toEqual({ t: 'signal', from: bob.device.id, bucket: expect.any(String), data })
    await evictDurableObject(env.ROOMS.getByName(room))
    anns.socket.send(introduce)
    expect(membersOf(await anns.next())).toEqual([bob.device.id])
    await evictDurableObject(env.ROOMS.getByName(room))
    anns.socket.send('ping')
    await vi.waitFor(() => expect(anns.texts).toEqual(['pong']))
  })

  it.each(['signal', 'hub'] as const)('writes nothing for a %s', async (t) => {
    const room = newRoom()
    const [ann, bob] = [await signIn(), await signIn()]
    const [anns, bobs] = [await join(ann, room), await join(bob, room)]
    await anns.next()
    const stub = env.ROOMS.getByName(room)
    const written = () =>
      runInDurableObject(stub, (_, { storage }) => ({
        size: storage.sql.databaseSize,
        rows: storage.sql.exec('SELECT * FROM spent').toArray().length,
        tables: storage.sql
          .exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_%' ESCAPE '\\'")
          .toArray().length,
      }))
    const before = await written()
    const spied = await runInDurableObject(stub, (_, { storage }) => vi.spyOn(storage.sql, 'exec'))
    const message = encodeFromMember({ t, to: ann.device.id, data: new Uint8Array(1_000) })
    for (let count = 0; count < 10; count++) bobs.socket.send(message)
    for (let count = 0; count < 10; count++) await anns.next()
    expect(spied).not.toHaveBeenCalled()
    spied.mockRestore()
    expect(await written()).toEqual(before)
  })
})
