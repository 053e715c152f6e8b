import { createExecutionContext } from 'cloudflare:test'
import { exports } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { healthSchema } from '../../protocol/api'
import { MAX_BODY_BYTES } from '../../protocol/limits'
import { app } from '../../worker/app'
import { newDevice } from './support/device'
import { signIn } from './support/viewer'
import { call, codeOf, EXTENSION, newAddress, ORIGIN, problemOf, workerEnv } from './support/worker'

afterEach(() => vi.restoreAllMocks())

const FIREFOX = 'moz-extension://0a1b2c3d-0000-4000-8000-123456789abc'

const preflight = (Origin: string, path = '/passport') =>
  call('OPTIONS', path, {
    headers: {
      Origin,
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'dpop,authorization',
    },
  })

describe('CORS', () => {
  it.each([EXTENSION, FIREFOX])('lets %s in', async (Origin) => {
    const response = await preflight(Origin)
    expect(response.status).toBe(204)
    expect(response.headers.get('Access-Control-Allow-Origin')).toBe(Origin)
    expect(response.headers.get('Access-Control-Allow-Methods')).toContain('DELETE')
    expect(response.headers.get('Access-Control-Allow-Headers')).toBe(
      'Authorization, Content-Type, DPoP, If-None-Match, Range',
    )
    expect(response.headers.has('Access-Control-Allow-Credentials')).toBe(false)
    const refused = await call('POST', '/passport', { headers: { Origin } })
    expect(refused.headers.get('Access-Control-Allow-Origin')).toBe(Origin)
    const exposed = refused.headers.get('Access-Control-Expose-Headers')?.split(', ')
    expect(exposed).toEqual(
      expect.arrayContaining(['DPoP-Nonce', 'ETag', 'Content-Range', 'Retry-After', 'X-Request-Id']),
    )
    expect(refused.headers.get('Vary')).toContain('Origin')
    expect(await codeOf(refused)).toBe('token_invalid')
  })

  it.each([
    'https://www.twitch.tv',
    'https://sidestream.test',
    'null',
    `chrome-extension://${'a'.repeat(32)}`,
    `${EXTENSION}.evil.test`,
    'moz-extension://evil',
    'http://localhost:5173',
  ])('keeps %s out, preflight and request', async (Origin) => {
    for (const response of [await preflight(Origin), await call('GET', '/health', { headers: { Origin } })]) {
      expect(response.status).toBe(403)
      expect(response.headers.has('Access-Control-Allow-Origin')).toBe(false)
      expect(await codeOf(response)).toBe('origin_not_allowed')
    }
  })

  it('lists more than one Chrome extension', async () => {
    const other = 'b'.repeat(32)
    const env = { EXTENSION_IDS: `${'a'.repeat(32)} ${other}` }
    const headers = { Origin: `chrome-extension://${other}` }
    expect((await call('GET', '/health', { headers, env })).status).toBe(200)
    expect((await call('GET', '/health', { headers: { Origin: EXTENSION }, env })).status).toBe(403)
  })
})

describe('every answer', () => {
  it('is strict with browsers and is not cached', async () => {
    const viewer = await signIn()
    const answers = [
      await call('GET', '/health'),
      await call('GET', '/nowhere'),
      await call('POST', '/auth/code', { body: {} }),
      await call('GET', '/rooms/twitch:cats/socket'),
      await call('POST', '/passport', { headers: { Authorization: `DPoP ${viewer.accessToken}` } }),
    ]
    for (const { headers } of answers) {
      expect(headers.get('X-Content-Type-Options')).toBe('nosniff')
      expect(headers.get('Content-Security-Policy')).toContain("default-src 'none'")
      expect(headers.get('Referrer-Policy')).toBe('no-referrer')
      expect(headers.get('Cross-Origin-Resource-Policy')).toBe('same-origin')
      expect(headers.get('X-Frame-Options')).toBe('DENY')
      expect(headers.get('Strict-Transport-Security')).toMatch(/^max-age=\d{8}/)
      expect(headers.get('Vary')).toContain('Origin')
      expect(headers.get('X-Request-Id')).toMatch(/^[\da-f-]{36}$/)
      expect(headers.get('Cache-Control')).toBe('no-store')
      expect(headers.get('DPoP-Nonce')).toBeTruthy()
      expect(headers.has('Set-Cookie')).toBe(false)
    }
  })

  it('names where to tell of abuse where that is configured, and is an address', async () => {
    const told = async (contact: string) =>
      healthSchema.parse(await (await call('GET', '/health', { env: { ABUSE_CONTACT: contact } })).json())
        .abuse
    expect(await told('mailto:abuse@example.org')).toBe('mailto:abuse@example.org')
    for (const none of ['', 'abuse@example.org', 'javascript:alert(1)'])
      expect(await told(none)).toBeUndefined()
  })

  it('comes from the Worker as it is deployed, too', async () => {
    const response = await exports.default.fetch(`${ORIGIN}/health`)
    expect(healthSchema.parse(await response.json()).ok).toBe(true)
  })
})

describe('problems', () => {
  it('say which fields are wrong, but not what was in them', async () => {
    const problem = await problemOf(
      await call('POST', '/auth/code', { body: { email: 'secret', device: 7 } }),
    )
    expect(problem).toMatchObject({
      code: 'invalid_request',
      status: 400,
      type: expect.stringContaining('urn:'),
    })
    expect(problem.detail).toContain('email, device')
    expect(JSON.stringify(problem)).not.toContain('secret')
  })

  it.each(['{', 'null', '[]', '"x"', '', '{"email":'])('call %j malformed', async (body) => {
    expect(await codeOf(await call('POST', '/auth/code', { body }))).toBe('invalid_request')
  })

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', ''])(
    'do not take a body of another type (%j)',
    async (type) => {
      const { id } = await newDevice()
      const body = JSON.stringify({ email: newAddress(), device: id })
      const refused = await call('POST', '/auth/code', { body, headers: { 'Content-Type': type } })
      expect(refused.status).toBe(415)
      expect(await codeOf(refused)).toBe('unsupported_media_type')
      const taken = await call('POST', '/auth/code', { body })
      expect(taken.status).toBe(202)
    },
  )

  it('tell unknown paths from unknown methods', async () => {
    expect(await codeOf(await call('GET', '/nowhere'))).toBe('not_found')
    expect(await codeOf(await call('GET', '/rooms/twitch:cats'))).toBe('not_found')
    const wrong = await call('PUT', '/rooms/twitch:cats/ticket')
    expect(wrong.headers.get('Allow')).toBe('POST')
    expect(await codeOf(wrong)).toBe('method_not_allowed')
    const both = await call('DELETE', '/user/display-name')
    expect(both.headers.get('Allow')).toBe('GET, PUT')
    expect((await call('HEAD', '/health')).status).toBe(200)
  })

  it('tell nothing about what broke inside', async () => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    // What `JSON.parse` says about it quotes it.
    const SIGNING_KEYS = 'very-secret'
    const problem = await problemOf(await call('GET', '/.well-known/jwks.json', { env: { SIGNING_KEYS } }))
    expect(Object.keys(problem).sort()).toEqual(['code', 'requestId', 'status', 'title', 'type'])
    expect(problem).toMatchObject({ code: 'internal', status: 500 })
    expect(logged).toHaveBeenCalledOnce()
    expect(JSON.stringify(logged.mock.calls)).not.toContain('very-secret')
  })
})

describe('a body that is too large', () => {
  it('is refused by its announced length without being read', async () => {
    let read = false
    const body = new ReadableStream(
      {
        pull(controller) {
          read = true
          controller.enqueue(new Uint8Array(MAX_BODY_BYTES + 1))
          controller.close()
        },
      },
      { highWaterMark: 0 },
    )
    const headers = { 'Content-Type': 'application/json', 'Content-Length': String(MAX_BODY_BYTES + 1) }
    const request = new Request(`${ORIGIN}/auth/code`, { method: 'POST', headers, body })
    const response = await app.fetch(request, workerEnv, createExecutionContext())
    expect(response.status).toBe(413)
    expect(await codeOf(response)).toBe('body_too_large')
    expect(read).toBe(false)
  })

  it('is refused as soon as it grew too large', async () => {
    let sent = 0
    const body = new ReadableStream({
      pull(controller) {
        sent += 1_000
        controller.enqueue(new Uint8Array(1_000).fill(0x20))
        if (sent >= 1_000_000) controller.close()
      },
    })
    const headers = { 'Content-Type': 'application/json' }
    const request = new Request(`${ORIGIN}/auth/code`, { method: 'POST', headers, body })
    const response = await app.fetch(request, workerEnv, createExecutionContext())
    expect(await codeOf(response)).toBe('body_too_large')
    expect(sent).toBeLessThan(50_000)
  })

  it('and one of the largest size allowed is read', async () => {
    const body = JSON.stringify({ email: 1, fill: 'x'.repeat(MAX_BODY_BYTES - 21) })
    expect(new TextEncoder().encode(body)).toHaveLength(MAX_BODY_BYTES)
    expect(await codeOf(await call('POST', '/auth/code', { body }))).toBe('invalid_request')
    expect(await codeOf(await call('POST', '/auth/code', { body: `${body} ` }))).toBe('body_too_large')
  })
})
