import { exportJWK, generateKeyPair } from 'jose'
import { describe, expect, it } from 'vitest'
import { passportResponseSchema } from '../../protocol/api'
import { PASSPORT_LIFETIME_MS } from '../../protocol/limits'
import { keySetOf, verifyPassport } from '../../protocol/passport'
import { assertion } from './support/device'
import { authed, rename, signIn, type Viewer } from './support/viewer'
import { call, codeOf } from './support/worker'

const publishedKeys = async (env = {}) => {
  const jwks: { keys: { kid: string; x: string }[] } = await (
    await call('GET', '/.well-known/jwks.json', { env })
  ).json()
  return jwks
}

const passportOf = async (viewer: Viewer, env = {}) => {
  const response = await authed(viewer, 'POST', '/passport', { env })
  return passportResponseSchema.parse(await response.json())
}

const newKey = async (kid: string) => {
  const { privateKey } = await generateKeyPair('EdDSA', { extractable: true })
  return { ...(await exportJWK(privateKey)), kid, alg: 'EdDSA', use: 'sig' }
}

describe('POST /passport', () => {
  it('says who the device belongs to, in words that peers can check', async () => {
    const viewer = await signIn()
    const { passport, expiresAt } = await passportOf(viewer)
    const keys = keySetOf(await publishedKeys())
    const claims = await verifyPassport(passport, keys, Date.now())
    const { account, displayName, device } = viewer
    expect(claims).toMatchObject({
      sub: account,
      name: displayName,
      device: device.id,
      seal: device.seal,
      ver: 1,
    })
    expect(claims.exp * 1000).toBe(expiresAt)
    expect(claims.exp - claims.iat).toBe(PASSPORT_LIFETIME_MS / 1000)
    await expect(verifyPassport(viewer.accessToken, keys, Date.now())).rejects.toThrow()
    await expect(verifyPassport(passport, keys, Date.now() + PASSPORT_LIFETIME_MS + 60_000)).rejects.toThrow()
  })

  it('has a higher version after every rename', async () => {
    const viewer = await signIn()
    await rename(viewer, `Grebe${Date.now()}`)
    const keys = keySetOf(await publishedKeys())
    const claims = await verifyPassport((await passportOf(viewer)).passport, keys, Date.now())
    expect(claims).toMatchObject({ ver: 2, name: expect.stringMatching(/^Grebe/) })
  })
})

describe('signing keys', () => {
  it('are published without their private part, for caches to keep', async () => {
    const response = await call('GET', '/.well-known/jwks.json')
    expect(response.headers.get('Cache-Control')).toContain('max-age=3600')
    const { keys } = (await response.json()) as { keys: object[] }
    for (const key of keys) expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x'])
  })

  it('are published before they sign, and verify after they have stopped', async () => {
    const old = await newKey('old')
    const SIGNING_KEYS = JSON.stringify({ keys: [old] })
    const viewer = await signInWith(SIGNING_KEYS)
    const announced = { ...(await newKey('new')), nbf: Math.floor(Date.now() / 1000) + 60 }
    const during = { SIGNING_KEYS: JSON.stringify({ keys: [announced, old] }) }
    expect((await publishedKeys(during)).keys.map(({ kid }) => kid)).toEqual(['new', 'old'])
    expect(kidOf((await passportOf(viewer, during)).passport)).toBe('old')
    const after = { SIGNING_KEYS: JSON.stringify({ keys: [{ ...announced, nbf: 1 }, old] }) }
    expect(kidOf((await passportOf(viewer, after)).passport)).toBe('new')
    const gone = { SIGNING_KEYS: JSON.stringify({ keys: [announced] }) }
    expect(await codeOf(await authed(viewer, 'POST', '/passport', { env: gone }))).toBe('token_invalid')
  })
})

const kidOf = (jwt: string) => (JSON.parse(atob(jwt.split('.')[0] ?? '')) as { kid: string }).kid

async function signInWith(SIGNING_KEYS: string): Promise<Viewer> {
  const viewer = await signIn()
  const body = { assertion: await assertion(viewer.device, viewer.account) }
  const response = await call('POST', '/auth/token', { body, env: { SIGNING_KEYS } })
  const { accessToken } = (await response.json()) as { accessToken: string }
  return { ...viewer, accessToken }
}
