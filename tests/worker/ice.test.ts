import { evictDurableObject } from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import { afterEach, describe, expect, inject, it, vi } from 'vitest'
import { iceResponseSchema } from '../../protocol/api'
import { utf8 } from '../../protocol/bytes'
import type { Env } from '../../worker/env'
import { cloudflareTurn } from '../../worker/ice/cloudflare-turn'
import { DAY_MS, DEVICE_PACES, RELAY_LIFETIME_MS, RELAY_RETRY_MS } from '../../worker/limits'
import { atTime } from './support/clock'
import { CLOUDFLARE_TOKEN } from './support/cloudflare'
import { authed, signIn, type Viewer } from './support/viewer'
import { call, codeOf, newAddress, problemOf } from './support/worker'

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const ask = (viewer: Viewer, vars: Partial<Env> = {}) => authed(viewer, 'GET', '/ice', { env: vars })
async function answered(viewer: Viewer, vars: Partial<Env> = {}) {
  const response = await ask(viewer, vars)
  expect(response.status).toBe(200)
  return iceResponseSchema.parse(await response.json())
}
const coturn = {
  TURN_URLS: 'turn:t.test:3478?transport=udp turns:t.test:443?transport=tcp',
  TURN_SECRET: 'north',
}
const cloudflare = (TURN_KEY_ID: string) => ({
  TURN_API: inject('cloudflare'),
  TURN_KEY_ID,
  TURN_KEY_TOKEN: CLOUDFLARE_TOKEN,
})
/** The lines logged from now on. */
const watchLog = () => vi.spyOn(console, 'warn').mockImplementation(() => undefined)

describe('GET /ice', () => {
  it('names no server unless one is configured, and then STUN only', async () => {
    const viewer = await signIn()
    const now = Date.now()
    atTime(now)
    const { expiresAt, iceServers } = await answered(viewer)
    expect(iceServers).toEqual([])
    expect(expiresAt).toBeGreaterThan(now)
    expect(expiresAt).toBeLessThanOrEqual(now + RELAY_LIFETIME_MS)
    const urls = ['stun:a.test:3478', 'stun:b.test']
    expect((await answered(viewer, { STUN_URLS: urls.join(' ') })).iceServers).toEqual([{ urls }])
    expect(RELAY_LIFETIME_MS).toBeLessThanOrEqual(60 * 60_000)
  })

  it('is for members only, and kept by no cache', async () => {
    expect(await codeOf(await call('GET', '/ice', { env: coturn }))).toBe('token_invalid')
    const response = await ask(await signIn(), coturn)
    expect(response.headers.get('Cache-Control')).toBe('no-store')
  })

  it('is rationed for each device, whatever its object forgets', async () => {
    const { burst, everyMs } = DEVICE_PACES.ice
    const email = newAddress()
    const [viewer, other] = [await signIn(email), await signIn(email)]
    const now = Date.now()
    atTime(now)
    for (let count = 0; count < burst; count++) expect((await ask(viewer)).status).toBe(200)
    const refused = await ask(viewer)
    expect(refused.headers.get('Retry-After')).toBe(String(everyMs / 1000))
    expect(await problemOf(refused)).toMatchObject({ code: 'rate_limited', retryAfter: everyMs / 1000 })
    await evictDurableObject(env.ACCOUNTS.getByName(viewer.account))
    expect((await ask(viewer)).status).toBe(429)
    // Other devices of the account have their own, and other routes ask nothing.
    expect((await ask(other)).status).toBe(200)
    expect((await authed(viewer, 'POST', '/passport')).status).toBe(200)
    atTime(now + everyMs)
    expect((await ask(viewer)).status).toBe(200)
    expect((await ask(viewer)).status).toBe(429)
  })
})

describe('credentials for coturn', () => {
  it('are what coturn computes, for an hour', async () => {
    const viewer = await signIn()
    const now = Date.now()
    atTime(now)
    const { expiresAt, iceServers } = await answered(viewer, { ...coturn, STUN_URLS: 'stun:s.test' })
    const [stun, turn] = iceServers
    expect(stun).toEqual({ urls: ['stun:s.test'] })
    expect(turn?.urls).toEqual(coturn.TURN_URLS.split(' '))
    const expires = Math.floor((now + RELAY_LIFETIME_MS) / 1000)
    expect(expiresAt).toBe(expires * 1000)
    expect(turn?.username).toMatch(new RegExp(`^${expires}:[\\w-]{16}$`))
    const key = await crypto.subtle.importKey('raw', utf8('north'), { name: 'HMAC', hash: 'SHA-1' }, false, [
      'verify',
    ])
    const mac = Uint8Array.from(atob(turn?.credential ?? ''), (char) => char.charCodeAt(0))
    expect(await crypto.subtle.verify('HMAC', key, mac, utf8(turn?.username ?? ''))).toBe(true)
  })

  it('name an account by a pseudonym of the day', async () => {
    const noon = Math.floor(Date.now() / DAY_MS) * DAY_MS + DAY_MS / 2
    const nameOf = async (viewer: Viewer) =>
      (await answered(viewer, coturn)).iceServers[0]?.username?.split(':')[1] ?? ''
    atTime(noon)
    const email = newAddress()
    const [ann, bob] = [await signIn(email), await signIn()]
    const today = await nameOf(ann)
    expect(await nameOf(ann)).toBe(today)
    expect(await nameOf(bob)).not.toBe(today)
    expect(today).not.toContain(ann.account.slice(0, 8))
    atTime(noon + DAY_MS)
    const again = await signIn(email)
    expect(again.account).toBe(ann.account)
    expect(await nameOf(again)).not.toBe(today)
  })

  it('are left out, and the log says so, while the secret is missing', async () => {
    const logged = watchLog()
    const { expiresAt, iceServers } = await answered(await signIn(), { ...coturn, TURN_SECRET: '' })
    expect(iceServers).toEqual([])
    expect(expiresAt).toBeLessThanOrEqual(Date.now() + RELAY_RETRY_MS)
    expect(logged.mock.calls).toEqual([
      [JSON.stringify({ event: 'relay_unavailable', reason: 'TURN_URLS without TURN_SECRET' })],
    ])
  })

  it('come before Cloudflare’s', async () => {
    const { iceServers } = await answered(await signIn(), { ...cloudflare('good'), ...coturn })
    expect(iceServers.flatMap(({ urls }) => urls)).toEqual(coturn.TURN_URLS.split(' '))
  })
})

const turn = inject('turn')
describe.skipIf(turn === null)('a real coturn', () => {
  const vars = { TURN_URLS: turn?.urls.join(' ') ?? '', TURN_SECRET: turn?.secret ?? '' }
  async function isAllocated(credentials: { username?: string; credential?: string } | undefined) {
    const body = JSON.stringify({ url: turn?.urls[0], ...credentials })
    return (await (await fetch(turn?.trial ?? '', { method: 'POST', body })).json()) as {
      isAllocated: boolean
    }
  }
  const granted = async () => (await answered(await signIn(), vars)).iceServers[0]

  it('relays for the credentials, and for none that were changed', { timeout: 40_000 }, async () => {
    const good = await granted()
    const [expires = '', name = ''] = good?.username?.split(':') ?? []
    const later = `${Number(expires) + 3_600}:${name}`
    expect(await isAllocated({ ...good, username: later })).toEqual({ isAllocated: false })
    expect(await isAllocated({ ...good, username: `${expires}:${name.toUpperCase()}x` })).toEqual({
      isAllocated: false,
    })
    // One time in 64 it begins with an A already.
    const changed = good?.credential?.replace(/^./, (first) => (first === 'A' ? 'B' : 'A')) ?? ''
    expect(changed).not.toBe(good?.credential)
    expect(await isAllocated({ ...good, credential: changed })).toEqual({ isAllocated: false })
    expect(await isAllocated(good)).toEqual({ isAllocated: true })
  })

  it('refuses those that expired', { timeout: 40_000 }, async () => {
    atTime(Date.now() - RELAY_LIFETIME_MS - 60_000)
    const old = await granted()
    vi.useRealTimers()
    expect(await isAllocated(old)).toEqual({ isAllocated: false })
  })
})

describe('Cloudflare’s credentials', () => {
  it('are given as documented, but for STUN and for port 53, on which browsers wait in vain', async () => {
    const viewer = await signIn()
    const now = Date.now()
    const { expiresAt, iceServers } = await answered(viewer, {
      ...cloudflare('good'),
      STUN_URLS: 'stun:s.test',
    })
    expect(iceServers).toEqual([
      { urls: ['stun:s.test'] },
      {
        urls: [
          'turn:turn.cloudflare.com:3478?transport=udp',
          'turn:turn.cloudflare.com:3478?transport=tcp',
          'turn:turn.cloudflare.com:80?transport=tcp',
          'turns:turn.cloudflare.com:5349?transport=tcp',
          'turns:turn.cloudflare.com:443?transport=tcp',
        ],
        username: 'bc91b63e',
        credential: 'ebd71f1d',
      },
    ])
    expect(expiresAt).toBeGreaterThan(now + RELAY_LIFETIME_MS - 2_000)
  })

  it('are asked for an hour', async () => {
    const { iceServers } = await answered(await signIn(), cloudflare('ttl'))
    expect(iceServers).toEqual([{ urls: ['turn:a.test'], username: 'ttl-3600', credential: 'c' }])
  })

  it.each([
    ['broken', 'status 500'],
    ['limited', 'status 429'],
    ['elsewhere', 'status 307'],
    ['nonsense', 'no relay in the answer'],
    ['empty', 'no relay in the answer'],
    ['no-relay', 'no relay in the answer'],
    ['port-53', 'no relay in the answer'],
    ['no-secrets', 'no relay in the answer'],
    ['wrong-types', 'no relay in the answer'],
    ['endless', 'no relay in the answer'],
    ['cut', 'unreachable'],
    ['silent', 'too slow'],
    ['stuck', 'too slow'],
  ])(
    'are left out when the answer is %s; the log says why, and no more',
    { timeout: 20_000 },
    async (key, reason) => {
      const logged = watchLog()
      const now = Date.now()
      const { expiresAt, iceServers } = await answered(await signIn(), {
        ...cloudflare(key),
        STUN_URLS: 'stun:s.test',
      })
      expect(iceServers).toEqual([{ urls: ['stun:s.test'] }])
      expect(expiresAt).toBeGreaterThan(now)
      expect(expiresAt).toBeLessThan(now + RELAY_LIFETIME_MS)
      expect(logged.mock.calls).toEqual([[JSON.stringify({ event: 'relay_unavailable', reason })]])
    },
  )

  it.each([
    [{ TURN_KEY_TOKEN: 'wrong' }, 'status 401'],
    [{ TURN_KEY_TOKEN: '' }, 'TURN_KEY_ID without TURN_KEY_TOKEN'],
    [{ TURN_API: 'http://127.0.0.1:9' }, 'unreachable'],
    [{ TURN_API: 'nonsense' }, 'unreachable'],
  ])('are left out with %j', async (vars, reason) => {
    const logged = watchLog()
    expect((await answered(await signIn(), { ...cloudflare('good'), ...vars })).iceServers).toEqual([])
    expect(logged.mock.calls).toEqual([[JSON.stringify({ event: 'relay_unavailable', reason })]])
  })

  it('are given up after the deadline', async () => {
    const key = { api: inject('cloudflare'), id: 'silent', token: CLOUDFLARE_TOKEN }
    await expect(cloudflareTurn(key, 3_600, 50)).rejects.toThrow('too slow')
  })
})

it('the Worker as it is deployed asks nobody for a relay unless told', async () => {
  expect([env.TURN_URLS, env.TURN_KEY_ID, env.STUN_URLS]).toEqual(['', '', ''])
  expect(env.TURN_API).toBe('https://rtc.live.cloudflare.com')
  expect((await exports.default.fetch('https://sidestream.test/ice')).status).toBe(401)
})
