import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { devicesResponseSchema } from '../../protocol/api'
import { SocketClose } from '../../protocol/room-socket'
import { LAST_SEEN_STEP_MS, MAX_DEVICES } from '../../worker/limits'
import { atTime } from './support/clock'
import { newDevice } from './support/device'
import { join, newRoom, openSocket } from './support/socket'
import { askCode, askToken, authed, signIn, ticketFor, tryCode, type Viewer } from './support/viewer'
import { call, codeOf, mailedCode, newAddress } from './support/worker'

afterEach(() => vi.useRealTimers())

const listOf = async (viewer: Viewer) =>
  devicesResponseSchema.parse(await (await authed(viewer, 'GET', '/devices')).json()).devices
const end = (viewer: Viewer, other: Viewer) => authed(viewer, 'DELETE', `/devices/${other.device.id}`)

/** Two devices of one account. */
async function two(): Promise<[Viewer, Viewer]> {
  const email = newAddress()
  return [await signIn(email), await signIn(email)]
}

describe('GET /devices', () => {
  it('lists the account’s devices, this one first and marked', async () => {
    const [first, second] = await two()
    const began = Date.now()
    for (const [mine, other] of [
      [first, second],
      [second, first],
    ] as const) {
      const list = await listOf(mine)
      expect(list.map(({ device, current }) => [device, current])).toEqual([
        [mine.device.id, true],
        [other.device.id, false],
      ])
      for (const { createdAt, seenAt } of list) {
        expect(Math.abs(createdAt - began)).toBeLessThan(60_000)
        expect(seenAt).toBeGreaterThanOrEqual(createdAt)
      }
    }
    expect(await listOf(await signIn())).toHaveLength(1)
  })

  it('says what each runs on, as it said at its last sign-in, and nothing else', async () => {
    const email = newAddress()
    const viewer = await signIn(email)
    expect(await listOf(viewer)).toEqual([
      { device: viewer.device.id, createdAt: expect.any(Number), seenAt: expect.any(Number), current: true },
    ])
    const platform = { browser: 'Firefox', system: 'Linux' }
    await askCode(email, viewer.device)
    expect((await tryCode(email, mailedCode(email), viewer.device, {}, { platform })).status).toBe(200)
    expect((await listOf(viewer))[0]?.platform).toEqual(platform)
  })

  it.each([
    { browser: 'Firefox' },
    { browser: '<script>', system: 'Linux' },
    { browser: 'Firefox'.repeat(5), system: 'Linux' },
    { browser: '', system: 'Linux' },
    { browser: 'Fire\u202efox', system: 'Linux' },
    'Firefox on Linux',
  ])('takes no %j for that', async (platform) => {
    const email = newAddress()
    const device = await newDevice()
    await askCode(email, device)
    const code = mailedCode(email)
    expect(await codeOf(await tryCode(email, code, device, {}, { platform }))).toBe('invalid_request')
    expect((await tryCode(email, code, device)).status).toBe(200)
  })

  it('knows to the hour when a device was there last', async () => {
    const [first, second] = await two()
    const seen = async () => (await listOf(first))[1]?.seenAt ?? 0
    const before = await seen()
    const later = Date.now() + LAST_SEEN_STEP_MS + 1_000
    atTime(later)
    await askToken(second.device, second.account)
    const { accessToken } = { accessToken: await fresh(first) }
    const list = await listOf({ ...first, accessToken })
    expect(list.find(({ device }) => device === second.device.id)?.seenAt).toBe(later)
    expect(later).toBeGreaterThan(before + LAST_SEEN_STEP_MS)
  })

  it('works for accounts from before devices said what they run on', async () => {
    const viewer = await signIn()
    await runInDurableObject(env.ACCOUNTS.getByName(viewer.account), (_, { storage }) => {
      storage.sql.exec('DROP TABLE platforms')
    })
    expect(await listOf(viewer)).toHaveLength(1)
  })

  it('is for members', async () => {
    expect(await codeOf(await call('GET', '/devices'))).toBe('token_invalid')
    expect(await codeOf(await call('DELETE', `/devices/${(await newDevice()).id}`))).toBe('token_invalid')
  })
})

async function fresh({ device, account }: Viewer): Promise<string> {
  const answer: { accessToken: string } = await (await askToken(device, account)).json()
  return answer.accessToken
}

describe('DELETE /devices/:device', () => {
  it('gives an ended device nothing any more, though its token lives on, and leaves the others alone', async () => {
    const [mine, lost] = await two()
    const room = newRoom()
    expect((await end(mine, lost)).status).toBe(204)
    expect(await codeOf(await askToken(lost.device, lost.account))).toBe('device_refused')
    for (const [method, path] of [
      ['POST', '/passport'],
      ['POST', `/rooms/${room}/ticket`],
      ['GET', '/devices'],
      ['GET', '/ice'],
      ['DELETE', `/devices/${mine.device.id}`],
      ['PUT', '/user/display-name'],
    ] as const) {
      const body = method === 'PUT' ? { body: { displayName: 'LostAndFound' } } : {}
      expect(await codeOf(await authed(lost, method, path, body)), path).toBe('device_refused')
    }
    expect((await listOf(mine)).map(({ device }) => device)).toEqual([mine.device.id])
    expect((await authed(mine, 'POST', '/passport')).status).toBe(200)
  })

  it('closes its sockets wherever it is, and nobody else’s', async () => {
    const [mine, lost] = await two()
    const rooms = [newRoom(), newRoom()]
    const theirs = await Promise.all(rooms.map((room) => join(lost, room)))
    const ours = await Promise.all(rooms.map((room) => join(mine, room)))
    await end(mine, lost)
    for (const { closed } of theirs) expect((await closed).code).toBe(SocketClose.revoked)
    for (const { socket } of ours) expect(socket.readyState).toBe(WebSocket.OPEN)
  })

  it('makes a ticket that it had in hand worthless', async () => {
    const [mine, lost] = await two()
    const room = newRoom()
    const ticket = await ticketFor(lost, room)
    await end(mine, lost)
    expect(await codeOf(await openSocket(room, ticket))).toBe('ticket_refused')
  })

  it('ends no other account’s device, and says so', async () => {
    const [mine, stranger] = [await signIn(), await signIn()]
    const refused = await end(mine, stranger)
    expect(refused.status).toBe(404)
    expect(await codeOf(refused)).toBe('not_found')
    expect((await authed(stranger, 'POST', '/passport')).status).toBe(200)
    expect(await codeOf(await authed(mine, 'DELETE', '/devices/nobody'))).toBe('invalid_request')
  })

  it('says so, too, when it was ended before', async () => {
    const [mine, lost] = await two()
    await end(mine, lost)
    expect((await end(mine, lost)).status).toBe(404)
  })

  it('may be the device’s own, like signing out', async () => {
    const [mine] = await two()
    expect((await end(mine, mine)).status).toBe(204)
    expect(await codeOf(await askToken(mine.device, mine.account))).toBe('device_refused')
  })

  it('lets the device sign in again', async () => {
    const email = newAddress()
    const [mine, lost] = [await signIn(email), await signIn(email)]
    const room = newRoom()
    await join(lost, room)
    await end(mine, lost)
    const back = await signIn(email, lost.device)
    expect(back.account).toBe(mine.account)
    expect((await authed(back, 'POST', '/passport')).status).toBe(200)
    await join(back, room)
  })
})

describe('the twenty-first device', () => {
  it('ends the one that was silent longest, at once and in its rooms', async () => {
    const email = newAddress()
    const begin = Date.now()
    const oldest = await signIn(email)
    const { closed } = await join(oldest, newRoom())
    let newest = oldest
    for (let each = 1; each <= MAX_DEVICES; each++) {
      atTime(begin + each * 1_000)
      newest = await signIn(email)
    }
    expect(await listOf(newest)).toHaveLength(MAX_DEVICES)
    expect(await codeOf(await askToken(oldest.device, oldest.account))).toBe('device_refused')
    expect((await closed).code).toBe(SocketClose.revoked)
  })
})
