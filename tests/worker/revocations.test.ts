import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { passportResponseSchema, tokenResponseSchema } from '../../protocol/api'
import { MAX_REVOCATIONS, PASSPORT_LIFETIME_MS, REVOCATION_LIFETIME_MS } from '../../protocol/limits'
import { keySetOf, verifyPassport } from '../../protocol/passport'
import { type Revocation, revokes, verifyRevocation } from '../../protocol/revocation'
import { SocketClose } from '../../protocol/room-socket'
import { keysOf } from '../../worker/keys'
import {
  MAX_REVOCATIONS_PER_ACCOUNT,
  MAX_ROOMS_PER_DEVICE,
  MAX_SOCKET_AGE_MS,
  ROOM_VISIT_MS,
} from '../../worker/limits'
import { Room } from '../../worker/objects/room'
import { randomId } from '../../worker/random'
import { signRevocation } from '../../worker/revocations'
import { atTime } from './support/clock'
import { newDevice } from './support/device'
import { join, type MemberSocket, newRoom, openSocket, until } from './support/socket'
import { askToken, authed, signIn, ticketFor, type Viewer } from './support/viewer'
import { call, codeOf, newAddress } from './support/worker'

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const publishedKeys = async () => keySetOf(await (await call('GET', '/.well-known/jwks.json')).json())
const claimsOf = async (jwt: string) => verifyRevocation(jwt, await publishedKeys(), Date.now())
const passportOf = async (viewer: Viewer) => {
  const { passport } = passportResponseSchema.parse(await (await authed(viewer, 'POST', '/passport')).json())
  return verifyPassport(passport, await publishedKeys(), Date.now())
}
const endDevice = (viewer: Viewer, device = viewer.device) =>
  authed(viewer, 'DELETE', `/devices/${device.id}`)
const revocationIn = ({ inbox }: MemberSocket) =>
  until(() => {
    const at = inbox.findIndex(({ t }) => t === 'revoked')
    const [message] = at < 0 ? [] : inbox.splice(at, 1)
    return message?.t === 'revoked' && message.revocations
  })
const accountOf = ({ account }: Pick<Viewer, 'account'>) => env.ACCOUNTS.getByName(account)

/** With an access token of now. */
const tokenAnew = async (viewer: Viewer): Promise<Viewer> => {
  const answer = await askToken(viewer.device, viewer.account)
  return { ...viewer, accessToken: tokenResponseSchema.parse(await answer.json()).accessToken }
}

/** Two devices of one account. */
async function twoDevices() {
  const address = newAddress()
  return [await signIn(address), await signIn(address)] as const
}

describe('a device that is ended', () => {
  it('leaves its rooms at once, and everybody there is told by the Worker’s signature', async () => {
    const room = newRoom()
    const [phone, laptop] = await twoDevices()
    const ann = await signIn()
    const before = await passportOf(phone)
    const [phones, laptops, anns] = [await join(phone, room), await join(laptop, room), await join(ann, room)]
    expect((await endDevice(laptop, phone.device)).status).toBe(204)
    expect(await phones.closed).toEqual({ code: SocketClose.revoked, reason: 'revoked' })
    for (const socket of [anns, laptops]) {
      const [jwt = ''] = await revocationIn(socket)
      const claims = await claimsOf(jwt)
      expect(claims).toMatchObject({ sub: phone.account, device: phone.device.id })
      expect(revokes(claims, before)).toBe(true)
      expect(revokes(claims, await passportOf(laptop))).toBe(false)
      expect((claims.exp - claims.iat) * 1000).toBe(REVOCATION_LIFETIME_MS)
    }
    expect(laptops.socket.readyState).toBe(WebSocket.OPEN)
  })

  it('cannot come back with a ticket from before, nor get another', async () => {
    const room = newRoom()
    const viewer = await signIn()
    const ticket = await ticketFor(viewer, room)
    await endDevice(viewer)
    expect(await codeOf(await openSocket(room, ticket))).toBe('ticket_refused')
    expect(await codeOf(await authed(viewer, 'POST', `/rooms/${room}/ticket`))).toBe('device_refused')
  })

  it('may sign in again with the same key: the old revocation does not speak of it', async () => {
    const [room, address] = [newRoom(), newAddress()]
    const viewer = await signIn(address)
    const viewers = await join(viewer, room)
    const ann = await join(await signIn(), room)
    await endDevice(viewer)
    await viewers.closed
    const [jwt = ''] = await revocationIn(ann)
    const again = await signIn(address, viewer.device)
    const back = await join(again, room)
    expect(revokes(await claimsOf(jwt), await passportOf(again))).toBe(false)
    // The room is told once more, as after a crash.
    await env.ROOMS.getByName(room).revoke({ jwt, claims: await claimsOf(jwt) })
    await revocationIn(back)
    expect(back.socket.readyState).toBe(WebSocket.OPEN)
  })

  it('is told of to those who come later, also by a room that slept, until nothing is left to tell', async () => {
    const room = newRoom()
    const viewer = await signIn()
    await join(viewer, room)
    await endDevice(viewer)
    const stub = env.ROOMS.getByName(room)
    await evictDurableObject(stub)
    const ann = await signIn()
    const anns = await join(ann, room)
    expect(await anns.next()).toMatchObject({ t: 'welcome' })
    const [jwt = ''] = await revocationIn(anns)
    expect(await claimsOf(jwt)).toMatchObject({ device: viewer.device.id })
    atTime(Date.now() + REVOCATION_LIFETIME_MS + 1_000)
    await runDurableObjectAlarm(stub)
    const kept = await runInDurableObject(stub, (_, { storage }) =>
      storage.sql.exec('SELECT * FROM revoked').toArray(),
    )
    expect(kept).toEqual([])
  })

  it('is told of in rooms of the last day only, and only in its own', async () => {
    const [mine, others, old] = [newRoom(), newRoom(), newRoom()]
    const [phone, laptop] = await twoDevices()
    await ticketFor(phone, old)
    atTime(Date.now() + ROOM_VISIT_MS + 1_000)
    const [fresh, other] = [await tokenAnew(phone), await tokenAnew(laptop)]
    await ticketFor(fresh, mine)
    await ticketFor(other, others)
    const revoke = vi.spyOn(Room.prototype, 'revoke')
    await endDevice(other, phone.device)
    expect(revoke).toHaveBeenCalledTimes(1)
  })

  it('is told of although a room could not be reached, and although the account slept meanwhile', async () => {
    const room = newRoom()
    const viewer = await signIn()
    const ann = await join(await signIn(), room)
    const viewers = await join(viewer, room)
    const failing = vi.spyOn(Room.prototype, 'revoke').mockRejectedValueOnce(new Error('away'))
    expect((await endDevice(viewer)).status).toBe(204)
    expect(failing).toHaveBeenCalledTimes(1)
    expect(viewers.socket.readyState).toBe(WebSocket.OPEN)
    await evictDurableObject(accountOf(viewer))
    atTime(Date.now() + 10_000)
    expect(await runDurableObjectAlarm(accountOf(viewer))).toBe(true)
    await viewers.closed
    expect(await revocationIn(ann)).toHaveLength(1)
    const left = await runInDurableObject(accountOf(viewer), (_, { storage }) => [
      storage.sql.exec('SELECT * FROM tellings').toArray(),
      storage.sql.exec('SELECT * FROM revocations').toArray(),
    ])
    expect(left).toEqual([[], []])
  })

  it('is told of when signing in elsewhere pushed it out', async () => {
    const room = newRoom()
    const address = newAddress()
    const oldest = await signIn(address)
    const sockets = await join(oldest, room)
    const stub = accountOf(oldest)
    for (let added = 0; added < 20; added++) {
      const { id, seal } = await newDevice()
      await stub.register({ account: oldest.account, device: id, seal })
    }
    expect(await sockets.closed).toMatchObject({ code: SocketClose.revoked })
  })
})

describe('an account', () => {
  it('has tickets for a bounded number of rooms a day, none of which is forgotten for another', async () => {
    const viewer = await signIn()
    const stub = accountOf(viewer)
    const { id: device } = viewer.device
    for (let visited = 0; visited < MAX_ROOMS_PER_DEVICE; visited++)
      await stub.visit({ device, room: `twitch:visited_${visited}` })
    expect(await stub.visit({ device, room: 'twitch:visited_0' })).toEqual({ outcome: 'noted' })
    const refused = await authed(viewer, 'POST', '/rooms/twitch:one_more/ticket')
    expect(refused.status).toBe(429)
    expect(await codeOf(refused)).toBe('rate_limited')
    atTime(Date.now() + ROOM_VISIT_MS + 1_000)
    expect(await stub.visit({ device, room: 'twitch:one_more' })).toEqual({ outcome: 'noted' })
  })
})

describe('a room', () => {
  const revocation = async (claims: Partial<Revocation>) => {
    const iat = Math.floor(Date.now() / 1000)
    const whole: Revocation = {
      sub: randomId(16) as Viewer['account'],
      ver: 1,
      iat,
      exp: iat + REVOCATION_LIFETIME_MS / 1000,
      ...claims,
    }
    return { claims: whole, jwt: await signRevocation(keysOf(env.SIGNING_KEYS), whole, Date.now()) }
  }
  const remembered = (room: string) =>
    runInDurableObject(env.ROOMS.getByName(room), (_, { storage }) =>
      storage.sql.exec<{ account: string }>('SELECT account FROM revoked').toArray(),
    )

  it('remembers a bounded number, of one account before all', async () => {
    const room = newRoom()
    const stub = env.ROOMS.getByName(room)
    const first = await revocation({})
    await stub.revoke(first)
    const { sub } = (await revocation({})).claims
    for (let ver = 1; ver <= MAX_REVOCATIONS_PER_ACCOUNT + 5; ver++)
      await stub.revoke(await revocation({ sub, ver }))
    expect(await remembered(room)).toHaveLength(MAX_REVOCATIONS_PER_ACCOUNT + 1)
    for (let more = 0; more < MAX_REVOCATIONS; more++) await stub.revoke(await revocation({}))
    expect(await remembered(room)).toHaveLength(MAX_REVOCATIONS)
    // All of them reach a newcomer.
    const anns = await join(await signIn(), room)
    await until(
      () => anns.inbox.flatMap((m) => (m.t === 'revoked' ? m.revocations : [])).length === MAX_REVOCATIONS,
    )
  })

  it('ends sockets after a day, so that nobody sits there whom no ticket names any more', async () => {
    const room = newRoom()
    const viewer = await signIn()
    const sockets = await join(viewer, room)
    const stub = env.ROOMS.getByName(room)
    atTime(Date.now() + MAX_SOCKET_AGE_MS - 60_000)
    await runDurableObjectAlarm(stub)
    expect(sockets.socket.readyState).toBe(WebSocket.OPEN)
    atTime(Date.now() + 120_000)
    expect(await runDurableObjectAlarm(stub)).toBe(true)
    expect(await sockets.closed).toMatchObject({ code: SocketClose.aged })
    expect(ROOM_VISIT_MS).toBeGreaterThan(MAX_SOCKET_AGE_MS)
    expect(REVOCATION_LIFETIME_MS).toBeGreaterThan(PASSPORT_LIFETIME_MS)
  })
})
