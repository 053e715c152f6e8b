import {
  decodeJwt,
  decodeProtectedHeader,
  importJWK,
  type JSONWebKeySet,
  type JWTPayload,
  SignJWT,
} from 'jose'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { passportResponseSchema, tokenResponseSchema } from '../../protocol/api'
import { ACCESS_TOKEN_LIFETIME_MS, PASSPORT_LIFETIME_MS } from '../../protocol/limits'
import { keySetOf, verifyPassport } from '../../protocol/passport'
import { firstKeys, type KeySet, revokeKey, rotateKeys, tidyKeys } from '../../scripts/signing-keys'
import { KEY_ARCHIVE_MS, KEY_DRAIN_MS, KEY_LEAD_MS } from '../../worker/limits'
import { atTime } from './support/clock'
import { assertion } from './support/device'
import { newRoom } from './support/socket'
import { authed, signIn, type Viewer } from './support/viewer'
import { call, codeOf } from './support/worker'

const BEGIN = Date.UTC(2031, 0, 5)
const DAY = 24 * 3_600_000

/** What the operator has put in place. */
let keys: KeySet
let viewer: Viewer

const secret = () => ({ SIGNING_KEYS: JSON.stringify(keys) })
const kidOf = (jwt: string) => decodeProtectedHeader(jwt).kid
const published = async (): Promise<JSONWebKeySet> =>
  (await call('GET', '/.well-known/jwks.json', { env: secret() })).json()

async function token(): Promise<string> {
  const body = { assertion: await assertion(viewer.device, viewer.account) }
  const answer = await call('POST', '/auth/token', { body, env: secret() })
  return tokenResponseSchema.parse(await answer.json()).accessToken
}

const askPassport = (accessToken: string) =>
  authed({ ...viewer, accessToken }, 'POST', '/passport', { env: secret() })

const passport = async () =>
  passportResponseSchema.parse(await (await askPassport(await token())).json()).passport

/** Something that a thief of `key` signs. */
async function forged(
  key: KeySet['keys'][number] | undefined,
  typ: string,
  claims: JWTPayload,
): Promise<string> {
  if (!key) throw new Error('no key')
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'EdDSA', typ, kid: key.kid })
    .sign(await importJWK({ ...key }, 'EdDSA'))
}

beforeEach(async () => {
  vi.useRealTimers()
  viewer = await signIn()
  atTime(BEGIN)
  keys = await firstKeys(BEGIN)
})
afterEach(() => vi.useRealTimers())

describe('a rotation of the signing keys', () => {
  it('signs nobody out, at no point, and what was signed before holds as long as it would have', async () => {
    const [old] = keys.keys
    const early = await passport()
    expect(kidOf(early)).toBe(old?.kid)

    // Announced: published, and not signing.
    keys = await rotateKeys(keys, BEGIN)
    const young = keys.keys[0]?.kid
    expect((await published()).keys.map(({ kid }) => kid)).toEqual([young, old?.kid])
    // A browser that fetches its keys now needs no others until after the change.
    const clientKeys = keySetOf(await published())
    atTime(BEGIN + KEY_LEAD_MS - 1_000)
    const lastToken = await token()
    const lastPassport = await passport()
    expect([kidOf(lastToken), kidOf(lastPassport)]).toEqual([old?.kid, old?.kid])

    // It begins by itself: nobody deploys anything at that moment.
    atTime(BEGIN + KEY_LEAD_MS)
    const first = await passport()
    expect(kidOf(first)).toBe(young)
    expect((await verifyPassport(first, clientKeys, Date.now())).sub).toBe(viewer.account)
    expect((await verifyPassport(lastPassport, clientKeys, Date.now())).sub).toBe(viewer.account)
    const before = await askPassport(lastToken)
    expect(before.status).toBe(200)
    expect(kidOf(passportResponseSchema.parse(await before.json()).passport)).toBe(young)

    // Retired: its private half is gone, and with it nothing that is still needed.
    atTime(BEGIN + KEY_LEAD_MS + KEY_DRAIN_MS)
    keys = tidyKeys(keys, Date.now())
    expect(JSON.stringify(keys)).not.toContain(old?.d)
    expect(KEY_DRAIN_MS).toBeGreaterThan(ACCESS_TOKEN_LIFETIME_MS)
    expect((await askPassport(await token())).status).toBe(200)
    const after = keySetOf(await published())
    expect((await verifyPassport(lastPassport, after, Date.now())).sub).toBe(viewer.account)
  })

  it('leaves what members said under older keys verifiable for two years', async () => {
    const ofThen = await passport()
    for (let month = 1; month <= 24; month++) {
      atTime(BEGIN + month * 30 * DAY)
      keys = await rotateKeys(keys, Date.now())
    }
    const years = keySetOf(await published())
    // Somebody who joins today checks what was said back then.
    expect((await verifyPassport(ofThen, years, BEGIN + 3_600_000)).sub).toBe(viewer.account)
    expect(kidOf(await passport())).toBe(keys.keys[1]?.kid)
    const gone = keySetOf({ keys: tidyKeys(keys, BEGIN + 60 * DAY + KEY_ARCHIVE_MS).keys })
    await expect(verifyPassport(ofThen, gone, BEGIN + 3_600_000)).rejects.toThrow()
  })

  it('leaves the thief of a retired key nothing to say', async () => {
    const [old] = keys.keys
    const genuine = await passport()
    const claims = decodeJwt(genuine)
    keys = await rotateKeys(keys, BEGIN)
    const ends = BEGIN + KEY_LEAD_MS
    atTime(ends + 30 * DAY)
    keys = tidyKeys(keys, Date.now())
    const now = Date.now() / 1000
    const set = keySetOf(await published())

    const access = decodeJwt(await token())
    const stolen = await forged(old, 'at+jwt', { ...access, iat: now, exp: now + 900 })
    expect(await codeOf(await askPassport(stolen))).toBe('token_invalid')
    const typ = 'sidestream-passport+jwt'
    const fresh = await forged(old, typ, { ...claims, iat: now, exp: now + 86_400 })
    await expect(verifyPassport(fresh, set, Date.now())).rejects.toThrow('retired')
    const backdated = await forged(old, typ, { ...claims, iat: ends / 1000 - 60, exp: now + 86_400 })
    await expect(verifyPassport(backdated, set, Date.now())).rejects.toThrow('too long')
    const { iat: _, ...timeless } = claims
    const undated = await forged(old, typ, { ...timeless, exp: now + 86_400 })
    await expect(verifyPassport(undated, set, Date.now())).rejects.toThrow()
    await expect(verifyPassport(genuine, set, BEGIN)).resolves.toMatchObject({ sub: viewer.account })
    expect(PASSPORT_LIFETIME_MS).toBe(DAY)
  })

  it('may be at once, when a key got out: everybody gets new tokens, and signs in nowhere', async () => {
    const [lost] = keys.keys
    const before = await token()
    const old = await passport()
    keys = await revokeKey(keys, lost?.kid ?? '', Date.now())
    // What the client meets, and what it does then (`Access.send`).
    expect(await codeOf(await askPassport(before))).toBe('token_invalid')
    const renewed = await askPassport(await token())
    expect(renewed.status).toBe(200)
    const set = keySetOf(await published())
    await expect(verifyPassport(old, set, Date.now())).rejects.toMatchObject({
      code: 'ERR_JWKS_NO_MATCHING_KEY',
    })
    const access = decodeJwt(before)
    expect(await codeOf(await askPassport(await forged(lost, 'at+jwt', access)))).toBe('token_invalid')
    const ticket = await authed(
      { ...viewer, accessToken: await token() },
      'POST',
      `/rooms/${newRoom()}/ticket`,
      {
        env: secret(),
      },
    )
    expect(ticket.status).toBe(200)
  })
})
