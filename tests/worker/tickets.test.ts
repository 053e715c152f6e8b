import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { TICKET_LIFETIME_MS } from '../../protocol/limits'
import { SOCKET_PROTOCOL, TICKET_PROTOCOL_PREFIX } from '../../protocol/socket-protocol'
import { DEVICE_PACES, MAX_SOCKETS_PER_ACCOUNT } from '../../worker/limits'
import { randomId } from '../../worker/random'
import { atTime } from './support/clock'
import { join, newRoom, openSocket } from './support/socket'
import { authed, signIn, ticketFor, type Viewer } from './support/viewer'
import { call, codeOf, EXTENSION, newAddress, problemOf } from './support/worker'

afterEach(() => vi.useRealTimers())

describe('a ticket', () => {
  it('works once', async () => {
    const room = newRoom()
    const ticket = await ticketFor(await signIn(), room)
    const first = await openSocket(room, ticket)
    expect(first.status).toBe(101)
    first.webSocket?.accept()
    const again = await openSocket(room, ticket)
    expect(again.status).toBe(401)
    expect(await codeOf(again)).toBe('ticket_refused')
    await evictDurableObject(env.ROOMS.getByName(room))
    expect(await codeOf(await openSocket(room, ticket))).toBe('ticket_refused')
  })

  it('is rationed for each device, over all rooms', async () => {
    const { burst, everyMs } = DEVICE_PACES.ticket
    const email = newAddress()
    const [viewer, other] = [await signIn(email), await signIn(email)]
    const now = Date.now()
    atTime(now)
    const ask = (asker: Viewer) => authed(asker, 'POST', `/rooms/${newRoom()}/ticket`)
    for (let count = 0; count < burst; count++) expect((await ask(viewer)).status).toBe(200)
    const refused = await ask(viewer)
    expect(await problemOf(refused)).toMatchObject({ code: 'rate_limited', retryAfter: everyMs / 1000 })
    await evictDurableObject(env.ACCOUNTS.getByName(viewer.account))
    expect((await ask(viewer)).status).toBe(429)
    // Other devices of the account have their own; relays are rationed by themselves.
    expect((await ask(other)).status).toBe(200)
    expect((await authed(viewer, 'GET', '/ice')).status).toBe(200)
    atTime(now + everyMs)
    expect((await ask(viewer)).status).toBe(200)
    expect((await ask(viewer)).status).toBe(429)
  })

  it('leaves a member who comes back as fast as it may all it needs', () => {
    const { burst, everyMs } = DEVICE_PACES.ticket
    // Full-jitter back-off comes to one try every 15 s, and before that to some few.
    expect(everyMs).toBeLessThan(15_000)
    expect(burst).toBeGreaterThanOrEqual(6 * MAX_SOCKETS_PER_ACCOUNT)
  })

  it('is for one room', async () => {
    const ticket = await ticketFor(await signIn(), newRoom())
    expect(await codeOf(await openSocket(newRoom(), ticket))).toBe('ticket_refused')
  })

  it('lives for 30 seconds, and is forgotten later', async () => {
    const room = newRoom()
    const viewer = await signIn()
    await join(viewer, room)
    const ticket = await ticketFor(viewer, room)
    const stub = env.ROOMS.getByName(room)
    const remembered = () =>
      runInDurableObject(stub, (_, { storage }) => storage.sql.exec('SELECT * FROM spent').toArray().length)
    expect(await remembered()).toBe(1)
    atTime(Date.now() + TICKET_LIFETIME_MS + 1_000)
    expect(await codeOf(await openSocket(room, ticket))).toBe('ticket_refused')
    expect(await runDurableObjectAlarm(stub)).toBe(true)
    expect(await remembered()).toBe(0)
  })

  it('cannot be made up, nor be another kind of token', async () => {
    const room = newRoom()
    const viewer = await signIn()
    const [head, , mac] = (await ticketFor(viewer, room)).split('.')
    for (const ticket of ['', 'x.y.z', viewer.accessToken, `${head}.${randomId(40)}.${mac}`]) {
      expect(await codeOf(await openSocket(room, ticket))).toBe('ticket_refused')
    }
    const without = await call('GET', `/rooms/${room}/socket`, {
      headers: { Upgrade: 'websocket', 'Sec-WebSocket-Protocol': SOCKET_PROTOCOL },
    })
    expect(await codeOf(without)).toBe('ticket_refused')
    const protocol = `${TICKET_PROTOCOL_PREFIX}${await ticketFor(viewer, room)}`
    const headers = { Upgrade: 'websocket', 'Sec-WebSocket-Protocol': protocol }
    expect(await codeOf(await call('GET', `/rooms/${room}/socket`, { headers }))).toBe('ticket_refused')
  })

  it('is of no use to a web page', async () => {
    const room = newRoom()
    const viewer = await signIn()
    const Origin = 'https://www.twitch.tv'
    expect(await codeOf(await openSocket(room, await ticketFor(viewer, room), { Origin }))).toBe(
      'origin_not_allowed',
    )
    expect((await openSocket(room, await ticketFor(viewer, room), { Origin: EXTENSION })).status).toBe(101)
  })

  it('is refused for what is no room', async () => {
    const path = '/rooms/cats/socket'
    expect(await codeOf(await call('GET', path, { headers: { Upgrade: 'websocket' } }))).toBe(
      'invalid_request',
    )
    const plain = await call('GET', `/rooms/${newRoom()}/socket`)
    expect(plain.status).toBe(426)
  })
})
