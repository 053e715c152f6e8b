import { env } from 'cloudflare:workers'
import { importJWK, SignJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { passportResponseSchema, roleResponseSchema } from '../../protocol/api'
import { ROLE_GRANT_LIFETIME_MS } from '../../protocol/limits'
import { keySetOf } from '../../protocol/passport'
import { ROLE_GRANT_TYPE, verifyRoleGrant } from '../../protocol/role'
import { DEVICE_PACES, ROLE_CACHE_MS } from '../../worker/limits'
import { atTime } from './support/clock'
import { atTwitch, later, linkTwitch, newLogin, twitchIdOf, twitchOf } from './support/twitch'
import { authed, signIn, type Viewer } from './support/viewer'
import { call, codeOf, problemOf } from './support/worker'

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const ask = (viewer: Viewer, login: string) => authed(viewer, 'GET', `/rooms/${login}/role`)
async function roleOf(viewer: Viewer, login: string) {
  const response = await ask(viewer, login)
  expect(response.status).toBe(200)
  return roleResponseSchema.parse(await response.json())
}
const keySet = async () => keySetOf(await (await call('GET', '/.well-known/jwks.json')).json())
const verified = async (grant: string | null, now = Date.now()) =>
  verifyRoleGrant(grant ?? '', await keySet(), now)

async function linked() {
  const viewer = await signIn()
  const login = newLogin()
  await linkTwitch(viewer, login)
  return { viewer, login }
}

describe('GET /rooms/:login/role', () => {
  it('grants the broadcaster their own channel, for 24 hours', async () => {
    const { viewer, login } = await linked()
    const before = Date.now()
    const { role, grant, askAgainAt } = await roleOf(viewer, login)
    expect(role).toBe('broadcaster')
    expect(askAgainAt).toBeGreaterThanOrEqual(before + ROLE_CACHE_MS)
    const claims = await verified(grant)
    expect(claims).toMatchObject({
      sub: viewer.account,
      room: `twitch:${login}`,
      channel: await twitchIdOf(login),
      role: 'broadcaster',
    })
    expect(claims.exp - claims.iat).toBe(ROLE_GRANT_LIFETIME_MS / 1000)
    await expect(verified(grant, Date.now() + ROLE_GRANT_LIFETIME_MS + 60_000)).rejects.toThrow()
  })

  it('makes a broadcaster known as one from then on, to their own devices', async () => {
    const { viewer, login } = await linked()
    await roleOf(viewer, newLogin())
    expect(await twitchOf(viewer)).toMatchObject({ broadcaster: false })
    await roleOf(viewer, login)
    expect(await twitchOf(viewer)).toMatchObject({ broadcaster: true })
    const passport = await authed(viewer, 'POST', '/passport')
    const { twitch } = passportResponseSchema.parse(await passport.json())
    expect(twitch).toMatchObject({ broadcaster: true })
  })

  it.each([0, 99, 100, 250])('grants moderators, however many channels come before: %i', async (others) => {
    const { viewer, login } = await linked()
    const [channel, stranger] = [newLogin(), newLogin()]
    await atTwitch('user', stranger)
    await atTwitch('moderates', login, String(others))
    await atTwitch('moderates', login, channel)
    const { role, grant } = await roleOf(viewer, channel)
    expect(role).toBe('moderator')
    expect(await verified(grant)).toMatchObject({
      role: 'moderator',
      room: `twitch:${channel}`,
      channel: await twitchIdOf(channel),
    })
    expect(await roleOf(viewer, stranger)).toMatchObject({ role: null, grant: null })
    expect(await twitchOf(viewer)).toMatchObject({ broadcaster: false })
  })

  it('grants nothing to viewers, in rooms of nobody, and to accounts that are not linked', async () => {
    const { viewer, login } = await linked()
    expect(await roleOf(viewer, newLogin())).toMatchObject({ role: null, grant: null })
    expect(await roleOf(await signIn(), login)).toMatchObject({ role: null, grant: null })
    expect(await codeOf(await call('GET', `/rooms/${login}/role`))).toBe('token_invalid')
    expect(await codeOf(await ask(viewer, 'No.Login'))).toBe('invalid_request')
  })

  it('goes by the channel’s id: a login that somebody else took over is nothing to its former owner', async () => {
    const { viewer, login } = await linked()
    const moderator = await linked()
    await atTwitch('moderates', moderator.login, login)
    const renamed = newLogin()
    await atTwitch('rename', login, renamed)
    const taker = await signIn()
    await linkTwitch(taker, login)
    expect(await roleOf(viewer, login)).toMatchObject({ role: null })
    expect(await roleOf(moderator.viewer, login)).toMatchObject({ role: null })
    expect(await roleOf(taker, login)).toMatchObject({ role: 'broadcaster' })
    expect(await roleOf(viewer, renamed)).toMatchObject({ role: 'broadcaster' })
    expect(await roleOf(moderator.viewer, renamed)).toMatchObject({ role: 'moderator' })
  })

  it('asks Twitch again after a quarter of an hour, and not before', async () => {
    const { viewer, login } = await linked()
    const channel = newLogin()
    await atTwitch('moderates', login, channel)
    atTime(Date.now())
    expect(await roleOf(viewer, channel)).toMatchObject({ role: 'moderator' })
    await atTwitch('moderates-none', login)
    await later(viewer, ROLE_CACHE_MS - 60_000)
    expect(await roleOf(viewer, channel)).toMatchObject({ role: 'moderator' })
    await later(viewer, 61_000)
    expect(await roleOf(viewer, channel)).toMatchObject({ role: null })
  })

  it('forgets what it knew with the link', async () => {
    const { viewer, login } = await linked()
    const channel = newLogin()
    await atTwitch('moderates', login, channel)
    expect(await roleOf(viewer, channel)).toMatchObject({ role: 'moderator' })
    await linkTwitch(viewer, newLogin())
    expect(await roleOf(viewer, channel)).toMatchObject({ role: null })
    await authed(viewer, 'DELETE', '/twitch')
    expect(await roleOf(viewer, channel)).toMatchObject({ role: null })
  })

  it('is rationed', async () => {
    const viewer = await signIn()
    atTime(Date.now())
    for (let count = 0; count < DEVICE_PACES.role.burst; count++)
      expect((await ask(viewer, 'lumenfox')).status).toBe(200)
    expect(await codeOf(await ask(viewer, 'lumenfox'))).toBe('rate_limited')
  })
})

describe('the token behind a role', () => {
  it('is renewed when it has ended, for several questions at once', async () => {
    const { viewer, login } = await linked()
    await atTwitch('end-access', login)
    const asked = await Promise.all([
      roleOf(viewer, login),
      roleOf(viewer, newLogin()),
      roleOf(viewer, login),
    ])
    expect(asked.map(({ role }) => role)).toEqual(['broadcaster', null, 'broadcaster'])
    expect(await atTwitch('live', login, 'AccessToken')).toBe(1)
  })

  it('ends with the consent, and so does every role', async () => {
    const { viewer, login } = await linked()
    expect(await roleOf(viewer, login)).toMatchObject({ role: 'broadcaster' })
    await atTwitch('disconnect', login)
    expect(await roleOf(viewer, newLogin())).toMatchObject({ role: null })
    expect(await twitchOf(viewer)).toMatchObject({ state: 'gone' })
    expect(await roleOf(viewer, login)).toMatchObject({ role: null })
  })

  it.each(['users broken', 'users limited', 'users nonsense', 'channels broken', 'users refused'])(
    'is not judged while Twitch fails: %s',
    async (fault) => {
      const { viewer, login } = await linked()
      const channel = newLogin()
      await atTwitch('moderates', login, channel)
      await atTwitch('fault', login, fault)
      expect(await problemOf(await ask(viewer, channel))).toMatchObject({
        code: 'twitch_unavailable',
        status: 503,
        retryAfter: 60,
      })
      expect(await twitchOf(viewer)).toMatchObject({ state: 'linked' })
      await atTwitch('heal', login)
      expect(await roleOf(viewer, channel)).toMatchObject({ role: 'moderator' })
    },
  )

  it('that may not read channels makes nobody a moderator, and is no reason to unlink', async () => {
    const { viewer, login } = await linked()
    const channel = newLogin()
    await atTwitch('moderates', login, channel)
    await atTwitch('fault', login, 'channels no-scope')
    expect(await roleOf(viewer, channel)).toMatchObject({ role: null })
    expect(await twitchOf(viewer)).toMatchObject({ state: 'linked' })
  })
})

describe('a grant', () => {
  it('is nothing else than a grant, and nothing else is one', async () => {
    const { viewer, login } = await linked()
    const { grant } = await roleOf(viewer, login)
    const { passport } = passportResponseSchema.parse(
      await (await authed(viewer, 'POST', '/passport')).json(),
    )
    await expect(verified(passport)).rejects.toThrow()
    await expect(verified(viewer.accessToken)).rejects.toThrow()
    const [header = '', , signature = ''] = grant?.split('.') ?? []
    const forged = btoa(JSON.stringify({ ...(await verified(grant)), role: 'moderator' })).replace(/=+$/, '')
    await expect(verified(`${header}.${forged}.${signature}`)).rejects.toThrow()
    await expect(verified(`${grant}${'A'.repeat(800)}`)).rejects.toThrow('too large')
  })

  it.each([
    ['another type', { typ: 'sidestream-passport+jwt' }, {}],
    ['no such role', {}, { role: 'admin' }],
    ['no room', {}, { room: 'lumenfox' }],
    ['a login for an id', {}, { channel: 'lumenfox' }],
    ['no end', {}, { exp: undefined }],
    ['too late an end', {}, { exp: 4_000_000_000 }],
  ])('does not hold with %s, though signed by the Worker', async (_, header, claims) => {
    const { viewer, login } = await linked()
    const good = await verified((await roleOf(viewer, login)).grant)
    const [jwk] = (JSON.parse(env.SIGNING_KEYS) as { keys: Record<string, string>[] }).keys
    const sign = (payload: object, extra: object) =>
      importJWK({ ...jwk }, 'EdDSA').then((key) =>
        new SignJWT({ ...payload })
          .setProtectedHeader({ alg: 'EdDSA', typ: ROLE_GRANT_TYPE, kid: 'test', ...extra })
          .sign(key),
      )
    expect(await verified(await sign(good, {}))).toEqual(good)
    await expect(verified(await sign({ ...good, ...claims }, header))).rejects.toThrow()
  })
})
