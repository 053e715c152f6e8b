import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { z } from '../../protocol/schema'
import { newDevice } from './support/device'
import { askCode, authed, signIn, ticketFor, tryCode } from './support/viewer'
import { call, mailedCode, newAddress, problemOf } from './support/worker'

const lineSchema = z.strictObject({
  event: z.literal('request'),
  method: z.string(),
  route: z.string(),
  status: z.int(),
  ms: z.number().min(0),
  requestId: z.uuid(),
  problem: z.string().optional(),
})

let logged: string[]

beforeEach(() => {
  logged = []
  for (const level of ['log', 'warn', 'error', 'info', 'debug'] as const) {
    vi.spyOn(console, level).mockImplementation((...words: unknown[]) => void logged.push(words.join(' ')))
  }
})
afterEach(() => vi.restoreAllMocks())

const lines = () => logged.map((line) => lineSchema.parse(JSON.parse(line)))

describe('a request', () => {
  it('has one id: in the answer, in the problem and in the log', async () => {
    const answer = await call('GET', '/user/display-name')
    const id = answer.headers.get('X-Request-Id')
    const { requestId } = await problemOf(answer)
    expect(requestId).toBe(id)
    expect(lines()).toEqual([
      {
        event: 'request',
        method: 'GET',
        route: '/user/display-name',
        status: 401,
        ms: expect.any(Number),
        requestId: id,
        problem: 'token_invalid',
      },
    ])
  })

  it('has an id of ours, whatever the client calls it', async () => {
    const claimed = '00000000-0000-4000-8000-000000000000'
    const headers = { 'X-Request-Id': claimed }
    const ids = [
      (await call('GET', '/health', { headers })).headers.get('X-Request-Id'),
      (await call('GET', '/health', { headers })).headers.get('X-Request-Id'),
    ]
    expect(new Set([...ids, claimed]).size).toBe(3)
    expect(lines().map(({ requestId }) => requestId)).toEqual(ids)
  })

  it.each([
    ['GET', '/nowhere/at@all', 'none', 404],
    ['PUT', '/passport', 'none', 405],
    ['OPTIONS', '/passport', 'none', 405],
    ['GET', '/rooms/twitch:secretcats/socket', '/rooms/:room/socket', 426],
    ['GET', '/rooms/%ff/socket', '/rooms/:room/socket', 400],
  ])('is logged by its route alone: %s %s', async (method, path, route, status) => {
    const answer = await call(method, path)
    expect(answer.status).toBe(status)
    expect(lines()).toMatchObject([{ method, route, status, problem: (await problemOf(answer)).code }])
  })

  it('that another origin made is logged, too', async () => {
    await call('GET', '/health', { headers: { Origin: 'https://evil.test' } })
    expect(lines()).toMatchObject([{ status: 403, problem: 'origin_not_allowed' }])
    expect(logged.join()).not.toContain('evil')
  })

  it('that breaks shares its id with the line that says where', async () => {
    const answer = await call('GET', '/.well-known/jwks.json', { env: { SIGNING_KEYS: 'very-secret' } })
    const [failure, request] = logged.map((line) => z.looseObject({}).parse(JSON.parse(line)))
    const { requestId } = await problemOf(answer)
    expect(failure).toMatchObject({ event: 'internal_error', route: '/.well-known/jwks.json', requestId })
    expect(request).toMatchObject({ event: 'request', status: 500, problem: 'internal', requestId })
  })

  it('leaves nothing about a person in the log, from sign-in to ticket', async () => {
    const email = newAddress()
    const device = await newDevice()
    const headers = { 'CF-Connecting-IP': '203.0.113.77', 'User-Agent': 'secret-agent' }
    await askCode(email, device, headers)
    const code = mailedCode(email)
    await tryCode(email, code === '000000' ? '000001' : '000000', device)
    const viewer = await signIn(email, device)
    await authed(viewer, 'POST', '/passport', { headers })
    const ticket = await ticketFor(viewer, 'twitch:secretcats')
    expect(lines().length).toBeGreaterThan(6)
    const log = logged.join('\n')
    const told = [
      email,
      email.split('@')[0],
      code,
      device.id,
      device.seal,
      viewer.account,
      viewer.displayName,
    ]
    for (const secret of [...told, viewer.accessToken, ticket, '203.0.113', 'secret']) {
      expect(log).not.toContain(secret)
    }
  })
})
