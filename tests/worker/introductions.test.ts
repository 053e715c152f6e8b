import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { MAX_INTRODUCTIONS } from '../../protocol/limits'
import type { Introduction } from '../../protocol/room-socket'
import { INTRODUCTION_LOOKS, LIVE_SOCKET_MS, MAX_SOCKETS_PER_NETWORK } from '../../worker/limits'
import { Networks } from '../../worker/objects/networks'
import { RoomSockets } from '../../worker/objects/room-sockets'
import { atTime } from './support/clock'
import { askedAgain, crowdFrom, joinFrom, leave, type Newcomer } from './support/crowd'
import { newRoom } from './support/socket'

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** Addresses of so many networks. */
const networks = (count: number, first = 1) =>
  Array.from({ length: count }, (_, at) => `100.64.${first + at}.7`)
const devicesOf = (members: readonly (Introduction | Newcomer)[]) => members.map(({ device }) => device)
const bucketsOf = (members: readonly Introduction[]) => members.map(({ bucket }) => bucket)
const times = async <T>(count: number, task: () => Promise<T>) => {
  const done: T[] = []
  while (done.length < count) done.push(await task())
  return done
}

async function oneOfEach(addresses: readonly string[], room: string): Promise<Newcomer[]> {
  const members: Newcomer[] = []
  for (const address of addresses) members.push(await joinFrom(address, room))
  return members
}

describe('introductions', () => {
  it('name one member of each network before a second one of any, however many one network has', async () => {
    const room = newRoom()
    await crowdFrom('203.0.113.5', room, 100)
    const others = await oneOfEach(networks(MAX_INTRODUCTIONS), room)
    await crowdFrom('203.0.113.250', room, 100)
    for (let count = 0; count < 10; count++) {
      const newcomer = await joinFrom('198.51.100.1', room)
      const { welcomed } = newcomer
      const named = devicesOf(welcomed)
      const known = devicesOf(others).filter((device) => named.includes(device))
      // The crowd has one turn at most.
      expect(known.length).toBeGreaterThanOrEqual(MAX_INTRODUCTIONS - 1)
      expect(new Set(bucketsOf(welcomed)).size).toBe(MAX_INTRODUCTIONS)
      await leave(newcomer)
    }
  })

  it('draw every network alike: a crowd of five is a fifth beside twenty who are alone in theirs', async () => {
    const room = newRoom()
    for (const address of networks(5, 100)) await crowdFrom(address, room, 40)
    const honest = devicesOf(await oneOfEach(networks(20), room))
    const askers = await times(6, () => joinFrom('100.64.1.8', room))
    const named: Introduction[] = []
    for (const asker of askers)
      for (let count = 0; count < 10; count++) named.push(...(await askedAgain(asker)))
    expect(named).toHaveLength(60 * MAX_INTRODUCTIONS)
    const timesOf = (device: string) => named.filter((one) => one.device === device).length
    // 60 draws of 8 of 25 networks; the askers are of the first one, which is left out. So 0.76 of all, give or take 0.02.
    const alone = honest.slice(1)
    const share = alone.reduce((sum, device) => sum + timesOf(device), 0) / named.length
    expect(share).toBeGreaterThan(0.68)
    expect(share).toBeLessThan(0.84)
    for (const device of alone) expect(timesOf(device)).toBeGreaterThan(2)
  })

  it('draw a network’s members alike, those who came first and those who came last', async () => {
    const room = newRoom()
    const members = await crowdFrom('203.0.113.5', room, 24)
    const drawn = new Map(members.map(({ device }) => [device, 0]))
    for (let count = 0; count < 40; count++) {
      const newcomer = await joinFrom('198.51.100.1', room)
      for (const { device } of newcomer.welcomed) drawn.set(device, (drawn.get(device) ?? 0) + 1)
      await leave(newcomer)
    }
    // Each a third of the 40 times; never, or 30 times, is one chance in hundreds of thousands.
    for (const count of drawn.values()) {
      expect(count).toBeGreaterThan(0)
      expect(count).toBeLessThan(30)
    }
  })

  it('name others of a network before those whom the asker was told of, and these before nobody', async () => {
    const room = newRoom()
    const members = devicesOf(await crowdFrom('203.0.113.5', room, 2 * MAX_INTRODUCTIONS))
    const ann = await joinFrom('203.0.113.6', room)
    const again = await askedAgain(ann)
    expect(devicesOf([...ann.welcomed, ...again]).toSorted()).toEqual(members.toSorted())
    const third = devicesOf(await askedAgain(ann))
    expect(new Set(third).size).toBe(MAX_INTRODUCTIONS)
    expect(members).toEqual(expect.arrayContaining(third))
  })

  it('name everybody in a small room each time, never the asker and nobody twice', async () => {
    const room = newRoom()
    const members = [...(await oneOfEach(networks(3), room)), ...(await crowdFrom('100.64.1.9', room, 2))]
    const ann = await joinFrom('100.64.1.10', room)
    for (const named of [ann.welcomed, await askedAgain(ann), await askedAgain(ann)])
      expect(devicesOf(named).toSorted()).toEqual(devicesOf(members).toSorted())
  })

  it('look for the living behind those who are silent, in each network', async () => {
    const room = newRoom()
    const now = Date.now()
    atTime(now)
    await crowdFrom('203.0.113.5', room, 6 * INTRODUCTION_LOOKS.turn)
    for (const address of networks(12, 100)) await crowdFrom(address, room, 2)
    atTime(now + LIVE_SOCKET_MS)
    const living = [await joinFrom('203.0.113.5', room), ...(await oneOfEach(networks(5), room))]
    for (let count = 0; count < 3; count++) {
      const newcomer = await joinFrom('198.51.100.1', room)
      expect(devicesOf(newcomer.welcomed).toSorted()).toEqual(devicesOf(living).toSorted())
      await leave(newcomer)
    }
  })

  it('look at so many sockets only, and a silent crowd of one network uses up no more than its turns', async () => {
    const room = newRoom()
    const now = Date.now()
    atTime(now)
    await crowdFrom('203.0.113.5', room, INTRODUCTION_LOOKS.all + 40)
    atTime(now + LIVE_SOCKET_MS)
    const [ann, ...living] = await oneOfEach(networks(5), room)
    if (!ann) throw new Error('nobody')
    const looks = vi.spyOn(RoomSockets.prototype, 'seenAt')
    for (let count = 1; count <= 12; count++) {
      expect(devicesOf(await askedAgain(ann)).toSorted()).toEqual(devicesOf(living).toSorted())
      expect(looks.mock.calls.length).toBeGreaterThan(count * 8)
      expect(looks.mock.calls.length).toBeLessThanOrEqual(count * INTRODUCTION_LOOKS.all)
    }
  })

  it('name nobody who has left', async () => {
    const room = newRoom()
    const [ann, bob, cem, dan] = await oneOfEach(networks(4), room)
    if (!ann || !bob || !cem || !dan) throw new Error('nobody')
    await leave(bob)
    await evictDurableObject(env.ROOMS.getByName(room))
    expect(devicesOf(await askedAgain(ann)).toSorted()).toEqual(devicesOf([cem, dan]).toSorted())
    await leave(cem)
    expect(devicesOf(await askedAgain(ann))).toEqual([dan.device])
    const eve = await joinFrom('100.64.9.1', room)
    expect(devicesOf(await askedAgain(ann)).toSorted()).toEqual(devicesOf([dan, eve]).toSorted())
  })

  it('name a member who came again from elsewhere once, by the network it is of now', async () => {
    const room = newRoom()
    const ann = await joinFrom('100.64.1.1', room)
    const bob = await joinFrom('100.64.2.1', room)
    const [before] = await askedAgain(ann)
    await joinFrom('100.64.3.1', room, bob.device)
    // The old socket ends when the new one has begun.
    await bob.socket.closed
    const [now, ...others] = await askedAgain(ann)
    expect(others).toEqual([])
    expect(now?.device).toBe(bob.device)
    expect(now?.bucket).not.toBe(before?.bucket)
    await evictDurableObject(env.ROOMS.getByName(room))
    expect(await askedAgain(ann)).toEqual([now])
  })

  it('survive hibernation: networks are drawn, and named, as before', async () => {
    const room = newRoom()
    await crowdFrom('203.0.113.5', room, 40)
    await oneOfEach(networks(MAX_INTRODUCTIONS), room)
    const ann = await joinFrom('100.64.200.1', room)
    const before = new Map(ann.welcomed.map(({ device, bucket }) => [device, bucket]))
    await evictDurableObject(env.ROOMS.getByName(room))
    const after = await times(6, () => askedAgain(ann))
    for (const named of after) expect(new Set(bucketsOf(named)).size).toBe(MAX_INTRODUCTIONS)
    const known = after.flat().filter(({ device }) => before.has(device))
    expect(known.length).toBeGreaterThan(0)
    for (const { device, bucket } of known) expect(bucket).toBe(before.get(device))
  })

  it('leave no address in a socket’s attachment or tags, nor in storage', async () => {
    const room = newRoom()
    const [ann] = [await joinFrom('203.0.113.5', room), await joinFrom('2001:db8:77::5', room)]
    await askedAgain(ann)
    const kept = await runInDurableObject(env.ROOMS.getByName(room), (_, state) => {
      const sql = state.storage.sql
      const tables = sql.exec(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'",
      )
      const rows = tables.toArray().map(({ name }) => sql.exec(`SELECT * FROM "${name}"`).toArray())
      const sockets = state.getWebSockets()
      return {
        attachments: sockets.map((socket) => socket.deserializeAttachment()),
        all: JSON.stringify([
          rows,
          sockets.map((each) => [each.deserializeAttachment(), state.getTags(each)]),
        ]),
      }
    })
    expect(kept.attachments).toHaveLength(2)
    for (const attachment of kept.attachments) {
      expect(Object.keys(attachment).toSorted()).toEqual([
        'account',
        'bucket',
        'device',
        'direct',
        'joinedAt',
        'linked',
        'room',
        'ver',
      ])
      expect(JSON.stringify(attachment).length).toBeLessThan(300)
    }
    expect(kept.all).not.toMatch(/203\.0|2001|db8/)
  })
})

describe('a network', () => {
  it('fills no more than its share of a room, and leaves the others theirs', async () => {
    const room = newRoom()
    const many = MAX_SOCKETS_PER_NETWORK / 4
    const { sizeOf } = Networks.prototype
    // Each counts for many: four are a network's share.
    vi.spyOn(Networks.prototype, 'sizeOf').mockImplementation(function (this: Networks, bucket) {
      return many * sizeOf.call(this, bucket)
    })
    const [first] = await crowdFrom('203.0.113.5', room, 4)
    await expect(joinFrom('203.0.113.77', room)).rejects.toThrow('rate_limited')
    await joinFrom('203.0.114.5', room)
    await evictDurableObject(env.ROOMS.getByName(room))
    await expect(joinFrom('203.0.113.78', room)).rejects.toThrow('rate_limited')
    if (first) await leave(first)
    await joinFrom('203.0.113.79', room)
  })
})
