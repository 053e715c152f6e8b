import { env } from 'cloudflare:workers'
import { decodeJwt, importJWK, type JWK, SignJWT } from 'jose'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { tokenResponseSchema } from '../../protocol/api'
import { ACCESS_TOKEN_LIFETIME_MS, PROOF_MAX_AGE_MS } from '../../protocol/limits'
import { randomId } from '../../worker/random'
import { atTime } from './support/clock'
import { assertion, newDevice, proof, type Tampering } from './support/device'
import { askToken, authed, signIn, type Viewer } from './support/viewer'
import { call, codeOf, freshNonce, ORIGIN } from './support/worker'

afterEach(() => vi.useRealTimers())

const seconds = (offset = 0) => Math.floor(Date.now() / 1000) + offset

describe('POST /auth/token', () => {
  it('says what the client needs', async () => {
    const { device, account } = await signIn()
    const token = tokenResponseSchema.parse(await (await askToken(device, account)).json())
    expect(token).toMatchObject({ tokenType: 'DPoP', expiresIn: 900 })
    expect(Math.abs(token.serverTime - Date.now())).toBeLessThan(2_000)
  })

  it.each([-300, 300, -3_600, 31_536_000, -315_360_000])(
    'takes an assertion of a clock that is %i s off',
    async (off) => {
      const { device, account } = await signIn()
      const claims = { iat: seconds(off), exp: seconds(off + 60) }
      expect((await askToken(device, account, { claims })).status).toBe(200)
    },
  )

  it('takes the newer name of the algorithm', async () => {
    const { device, account } = await signIn()
    expect((await askToken(device, account, { header: { alg: 'Ed25519' } })).status).toBe(200)
  })

  const refusals: [string, () => Tampering | Promise<Tampering>, string][] = [
    ['for another audience', () => ({ claims: { aud: 'https://elsewhere.test' } }), 'device_refused'],
    ['by another key', async () => ({ key: (await newDevice()).key }), 'device_refused'],
    ['of another type', () => ({ header: { typ: 'JWT' } }), 'device_refused'],
    ['that expired before it was made', () => ({ claims: { exp: seconds(-1) } }), 'device_refused'],
    ['that lives for ever', () => ({ claims: { exp: seconds(3_600) } }), 'device_refused'],
    ['without an id', () => ({ claims: { jti: undefined } as never }), 'device_refused'],
    ['for the device instead of the account', () => ({ claims: { sub: randomId(32) } }), 'device_refused'],
    ['for an account nobody has', () => ({ claims: { sub: randomId(16) } }), 'device_refused'],
    ['without a nonce', () => ({ claims: { nonce: undefined } as never }), 'use_dpop_nonce'],
    ['with a made-up nonce', () => ({ claims: { nonce: `zmqdd.${randomId(32)}` } }), 'use_dpop_nonce'],
  ]
  it.each(refusals)('refuses an assertion %s', async (_, tampering, code) => {
    const { device, account } = await signIn()
    const response = await askToken(device, account, await tampering())
    expect(response.status).toBe(401)
    expect(response.headers.get('DPoP-Nonce')).toBeTruthy()
    expect(await codeOf(response)).toBe(code)
  })

  it('refuses an old nonce, and says which one to use', async () => {
    const { device, account } = await signIn()
    const old = await assertion(device, account)
    atTime(Date.now() + 2 * PROOF_MAX_AGE_MS)
    const response = await call('POST', '/auth/token', { body: { assertion: old } })
    expect(await codeOf(response)).toBe('use_dpop_nonce')
    const claims = { nonce: response.headers.get('DPoP-Nonce') ?? '' }
    expect((await askToken(device, account, { claims })).status).toBe(200)
  })

  it('refuses a nonce from the future', async () => {
    const { device, account } = await signIn()
    const now = Date.now()
    atTime(now + 10 * PROOF_MAX_AGE_MS)
    const claims = { nonce: await freshNonce() }
    atTime(now)
    expect(await codeOf(await askToken(device, account, { claims }))).toBe('use_dpop_nonce')
  })

  it('takes an assertion once', async () => {
    const { device, account } = await signIn()
    const body = { assertion: await assertion(device, account) }
    const responses = await Promise.all([1, 2, 3].map(() => call('POST', '/auth/token', { body })))
    expect(responses.map(({ status }) => status).sort()).toEqual([200, 401, 401])
  })

  it('refuses the device of another account', async () => {
    const [ann, bob] = [await signIn(), await signIn()]
    expect(await codeOf(await askToken(ann.device, bob.account))).toBe('device_refused')
  })
})

describe('a request with proof of possession', () => {
  const read = (viewer: Viewer, tampering?: Tampering) =>
    authed(viewer, 'GET', '/user/display-name', {}, tampering)

  it('is let in, and gets a fresh nonce', async () => {
    const viewer = await signIn()
    const response = await read(viewer)
    expect(response.status).toBe(200)
    expect(response.headers.get('DPoP-Nonce')).toBeTruthy()
    expect(await response.json()).toEqual({ displayName: viewer.displayName })
  })

  it('may be on any clock', async () => {
    const viewer = await signIn()
    for (const off of [-300, 300, -3_600, 31_536_000, -315_360_000])
      expect((await read(viewer, { claims: { iat: seconds(off) } })).status).toBe(200)
  })

  const refusals: [string, Tampering, string][] = [
    ['made for another method', { claims: { htm: 'PUT' } }, 'proof_invalid'],
    ['made for another path', { claims: { htu: `${ORIGIN}/passport` } }, 'proof_invalid'],
    [
      'made for another origin',
      { claims: { htu: 'https://elsewhere.test/user/display-name' } },
      'proof_invalid',
    ],
    ['made for another token', { claims: { ath: randomId(32) } }, 'proof_invalid'],
    ['of another type', { header: { typ: 'JWT' } }, 'proof_invalid'],
    ['without an id', { claims: { jti: undefined } as never }, 'proof_invalid'],
    ['without a nonce', { claims: { nonce: undefined } as never }, 'use_dpop_nonce'],
    ['with a made-up nonce', { claims: { nonce: `1.${randomId(32)}` } }, 'use_dpop_nonce'],
  ]
  it.each(refusals)('is refused if the proof is %s', async (_, tampering, code) => {
    const response = await read(await signIn(), tampering)
    expect(response.status).toBe(401)
    expect(response.headers.get('WWW-Authenticate')).toMatch(/^DPoP /)
    expect(await codeOf(response)).toBe(code)
  })

  it('ignores the query of the proof’s URL', async () => {
    const claims = { htu: `${ORIGIN}/user/display-name?x=1#y` }
    expect((await read(await signIn(), { claims })).status).toBe(200)
  })

  it('is refused with a foreign key, signed by it or pretending to be ours', async () => {
    const viewer = await signIn()
    const foreign = await newDevice()
    expect(await codeOf(await authed({ ...viewer, device: foreign }, 'GET', '/user/display-name'))).toBe(
      'proof_invalid',
    )
    expect(await codeOf(await read(viewer, { key: foreign.key }))).toBe('proof_invalid')
  })

  it('is refused the second time', async () => {
    const viewer = await signIn()
    const method = 'GET'
    const path = '/user/display-name'
    const DPoP = await proof(viewer.device, { method, path, accessToken: viewer.accessToken })
    const headers = { Authorization: `DPoP ${viewer.accessToken}`, DPoP }
    expect((await call(method, path, { headers })).status).toBe(200)
    expect(await codeOf(await call(method, path, { headers }))).toBe('proof_invalid')
  })

  it('is refused with the id of the assertion that its token was got with', async () => {
    const viewer = await signIn()
    const jti = randomId(16)
    expect((await askToken(viewer.device, viewer.account, { claims: { jti } })).status).toBe(200)
    expect(await codeOf(await read(viewer, { claims: { jti } }))).toBe('proof_invalid')
  })

  it('is let in once however many show one proof at a time', async () => {
    const viewer = await signIn()
    const claims = { jti: randomId(16) }
    const answers = await Promise.all(Array.from({ length: 20 }, () => read(viewer, { claims })))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  })

  it('is refused with a proof that is too old, whatever time it says it is of', async () => {
    const viewer = await signIn()
    const nonce = await freshNonce()
    atTime(Date.now() + 3 * PROOF_MAX_AGE_MS)
    expect(await codeOf(await read(viewer, { claims: { nonce, iat: seconds() } }))).toBe('use_dpop_nonce')
  })

  it('is refused when the token has expired', async () => {
    const viewer = await signIn()
    atTime(Date.now() + ACCESS_TOKEN_LIFETIME_MS + 1_000)
    expect(await codeOf(await read(viewer))).toBe('token_invalid')
  })

  it('is refused without a token, with a bearer token, and with a JWT of another kind', async () => {
    const viewer = await signIn()
    expect(await codeOf(await call('GET', '/user/display-name'))).toBe('token_invalid')
    const Authorization = `Bearer ${viewer.accessToken}`
    expect(
      await codeOf(await authed(viewer, 'GET', '/user/display-name', { headers: { Authorization } })),
    ).toBe('token_invalid')
    const { passport } = (await (await authed(viewer, 'POST', '/passport')).json()) as { passport: string }
    expect(await codeOf(await read({ ...viewer, accessToken: passport }))).toBe('token_invalid')
    const [head, body] = viewer.accessToken.split('.')
    expect(await codeOf(await read({ ...viewer, accessToken: `${head}.${body}.${randomId(64)}` }))).toBe(
      'token_invalid',
    )
  })

  it('is refused with a token that we signed for another purpose', async () => {
    const viewer = await signIn()
    const resigned = async (typ: string) => {
      const [jwk] = (JSON.parse(env.SIGNING_KEYS) as { keys: [JWK] }).keys
      const header = { alg: 'EdDSA', typ, kid: 'test' }
      return new SignJWT(decodeJwt(viewer.accessToken))
        .setProtectedHeader(header)
        .sign(await importJWK(jwk, 'EdDSA'))
    }
    expect((await read({ ...viewer, accessToken: await resigned('at+jwt') })).status).toBe(200)
    expect(await codeOf(await read({ ...viewer, accessToken: await resigned('JWT') }))).toBe('token_invalid')
  })

  it('is refused on another origin of the same Worker', async () => {
    const viewer = await signIn()
    const env = { PUBLIC_ORIGIN: 'https://public.test' }
    expect(await codeOf(await authed(viewer, 'GET', '/user/display-name', { env }))).toBe('token_invalid')
  })
})

describe('DELETE /auth/device', () => {
  it('ends the device at once, and no other', async () => {
    const email = `two-${randomId(8)}@example.com`
    const first = await signIn(email)
    const second = await signIn(email)
    expect((await authed(first, 'DELETE', '/auth/device')).status).toBe(204)
    expect(await codeOf(await askToken(first.device, first.account))).toBe('device_refused')
    expect(await codeOf(await authed(first, 'POST', '/passport'))).toBe('device_refused')
    expect(await codeOf(await authed(first, 'POST', '/rooms/twitch:cats/ticket'))).toBe('device_refused')
    expect((await authed(second, 'POST', '/passport')).status).toBe(200)
    expect((await signIn(email, first.device)).account).toBe(first.account)
  })
})
