import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { decodeJwt } from 'jose'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { passportResponseSchema } from '../../protocol/api'
import { keySetOf, verifyPassport } from '../../protocol/passport'
import { SocketClose } from '../../protocol/room-socket'
import { z } from '../../protocol/schema'
import { DAY_MS, MAX_REVOKE_TRIES, TWITCH_CHECK_MS, TWITCH_RETRY_MS } from '../../worker/limits'
import { AccountRow } from '../../worker/objects/account-row'
import { AccountTwitch } from '../../worker/objects/account-twitch'
import { seal, unseal } from '../../worker/twitch/sealing'
import { atTime } from './support/clock'
import { join, newRoom, until } from './support/socket'
import {
  accountOf,
  atTwitch,
  later,
  linkTwitch,
  newLogin,
  REDIRECT,
  redeem,
  resultFor,
  twitchOf,
} from './support/twitch'
import { authed, signIn, type Viewer } from './support/viewer'
import { call, codeOf } from './support/worker'

let warned: ReturnType<typeof vi.spyOn>
beforeEach(() => {
  warned = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

async function passportOf(viewer: Viewer) {
  const response = await authed(viewer, 'POST', '/passport')
  const { passport, twitch } = passportResponseSchema.parse(await response.json())
  const keys = keySetOf(await (await call('GET', '/.well-known/jwks.json')).json())
  return { claims: await verifyPassport(passport, keys, Date.now()), twitch }
}

const show = (viewer: Viewer, shown: boolean) =>
  authed(viewer, 'PUT', '/twitch/visibility', { body: { shown } })
const unlink = (viewer: Viewer) => authed(viewer, 'DELETE', '/twitch')

async function linked() {
  const viewer = await signIn()
  const login = newLogin()
  await linkTwitch(viewer, login)
  return { viewer, login }
}

/** All that the account has stored. */
const stored = (viewer: Viewer) =>
  runInDurableObject(accountOf(viewer), (_, { storage }) => {
    const tables = storage.sql.exec(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'twitch%'",
    )
    return Object.fromEntries(
      tables.toArray().map(({ name }) => [String(name), storage.sql.exec(`SELECT * FROM ${name}`).toArray()]),
    )
  })

/** Asks as the hourly alarm does, `ms` from now. */
async function checkIn(viewer: Viewer, ms = TWITCH_CHECK_MS + 1_000) {
  await later(viewer, ms)
  await runDurableObjectAlarm(accountOf(viewer))
}

describe('a passport', () => {
  it('says that an account is linked, and to which only if the viewer shows it', async () => {
    const viewer = await signIn()
    const login = newLogin()
    const before = await passportOf(viewer)
    expect(before.claims).not.toHaveProperty('linked')
    expect(before.twitch).toBeNull()

    await linkTwitch(viewer, login)
    const hidden = await passportOf(viewer)
    expect(hidden.claims).toMatchObject({ linked: true, ver: before.claims.ver + 1 })
    expect(JSON.stringify(hidden.claims)).not.toContain(login)
    expect(hidden.twitch).toMatchObject({ login, shown: false })

    expect(await (await show(viewer, true)).json()).toMatchObject({ link: { login, shown: true } })
    const shown = await passportOf(viewer)
    expect(shown.claims).toMatchObject({ linked: true, twitch: login, ver: hidden.claims.ver + 1 })
    await show(viewer, true)
    expect((await passportOf(viewer)).claims.ver).toBe(shown.claims.ver)

    await show(viewer, false)
    const again = await passportOf(viewer)
    expect(again.claims).not.toHaveProperty('twitch')
    expect(again.claims.ver).toBe(shown.claims.ver + 1)
  })

  it('never tells that somebody streams', async () => {
    const viewer = await signIn()
    const login = newLogin()
    await atTwitch('streams', login, 'partner')
    await linkTwitch(viewer, login)
    const { claims, twitch } = await passportOf(viewer)
    expect(Object.keys(claims).sort()).toEqual([
      'device',
      'exp',
      'iat',
      'linked',
      'name',
      'seal',
      'sub',
      'ver',
    ])
    expect(twitch).toMatchObject({ broadcaster: true })
  })

  it('cannot show what is not linked', async () => {
    expect(await codeOf(await show(await signIn(), true))).toBe('twitch_not_linked')
  })
})

describe('unlinking', () => {
  it('takes the consent back at Twitch and leaves nothing', async () => {
    const { viewer, login } = await linked()
    await show(viewer, true)
    const { ver } = (await passportOf(viewer)).claims
    expect((await unlink(viewer)).status).toBe(204)
    expect(await twitchOf(viewer)).toBeNull()
    expect(await atTwitch('live', login, 'AccessToken')).toBe(0)
    expect(await atTwitch('live', login, 'RefreshToken')).toBe(0)
    const { claims } = await passportOf(viewer)
    expect(claims.ver).toBe(ver + 1)
    expect(claims).not.toHaveProperty('linked')
    expect(claims).not.toHaveProperty('twitch')
    const rows = await stored(viewer)
    expect(Object.values(rows).flat()).toEqual([])
    expect((await unlink(viewer)).status).toBe(204)
    expect((await unlink(await signIn())).status).toBe(204)
  })

  it.each(['unlinked', 'another one'])('ends the passports that say so in every room: %s', async (how) => {
    const { viewer } = await linked()
    const room = newRoom()
    const ann = await join(await signIn(), room)
    const sockets = await join(viewer, room)
    const { ver } = (await passportOf(viewer)).claims
    if (how === 'unlinked') await unlink(viewer)
    else await linkTwitch(viewer, newLogin())
    expect(await sockets.closed).toMatchObject({ code: SocketClose.revoked })
    await until(() => ann.inbox.some(({ t }) => t === 'revoked'))
    const told = ann.inbox.flatMap((message) => (message.t === 'revoked' ? message.revocations : []))
    const claims = told.map((jwt) => decodeJwt(jwt))
    expect(claims).toEqual([expect.objectContaining({ sub: viewer.account, ver })])
    // What they get now holds.
    expect((await passportOf(viewer)).claims.ver).toBe(ver + 1)
    await join(viewer, room)
  })

  it('takes it back although the access token has ended', async () => {
    const { viewer, login } = await linked()
    await atTwitch('end-access', login)
    await unlink(viewer)
    expect(await atTwitch('live', login, 'RefreshToken')).toBe(0)
    expect((await stored(viewer)).twitch_leftovers).toEqual([])
  })

  it('ends the link at once while Twitch is away, and tells Twitch later', async () => {
    const { viewer, login } = await linked()
    await atTwitch('fault', login, 'revoke broken')
    await unlink(viewer)
    expect(await twitchOf(viewer)).toBeNull()
    expect(await atTwitch('live', login, 'AccessToken')).toBe(1)
    await atTwitch('heal', login)
    await runDurableObjectAlarm(accountOf(viewer))
    expect(await atTwitch('live', login, 'AccessToken')).toBe(1)
    await checkIn(viewer, TWITCH_RETRY_MS + 1_000)
    expect(await atTwitch('live', login, 'AccessToken')).toBe(0)
    expect((await stored(viewer)).twitch_leftovers).toEqual([])
  })

  it('gives up at last to tell a Twitch that does not listen', async () => {
    const { viewer, login } = await linked()
    await atTwitch('fault', login, 'revoke broken')
    await unlink(viewer)
    for (let tries = 0; tries < MAX_REVOKE_TRIES; tries++) {
      expect((await stored(viewer)).twitch_leftovers).toHaveLength(1)
      await checkIn(viewer, TWITCH_RETRY_MS * 2 ** tries + 1_000)
    }
    expect((await stored(viewer)).twitch_leftovers).toEqual([])
  })
})

describe('a consent that was withdrawn at Twitch', () => {
  it('ends the link within an hour: no claims, words for the viewer, on hold for others', async () => {
    const { viewer, login } = await linked()
    await show(viewer, true)
    const { ver } = (await passportOf(viewer)).claims
    await atTwitch('disconnect', login)
    await checkIn(viewer)
    expect(await twitchOf(viewer)).toEqual({ login, shown: false, state: 'gone', broadcaster: false })
    const { claims } = await passportOf(viewer)
    expect(claims.ver).toBe(ver + 1)
    expect(claims).not.toHaveProperty('linked')
    expect(claims).not.toHaveProperty('twitch')
    expect(await codeOf(await show(viewer, true))).toBe('twitch_not_linked')
    vi.useRealTimers()
    const other = await signIn()
    expect(await codeOf(await redeem(other, await resultFor(other, login)))).toBe('twitch_on_hold')
  })

  it('ends the passports that say so in every room', async () => {
    const { viewer, login } = await linked()
    const room = newRoom()
    const ann = await join(await signIn(), room)
    const sockets = await join(viewer, room)
    await atTwitch('disconnect', login)
    await checkIn(viewer)
    expect(await sockets.closed).toMatchObject({ code: SocketClose.revoked })
    await until(() => ann.inbox.some(({ t }) => t === 'revoked'))
  })

  it('can be given again, and the words can be dismissed', async () => {
    const { viewer, login } = await linked()
    await atTwitch('disconnect', login)
    await checkIn(viewer)
    vi.useRealTimers()
    expect(await linkTwitch(viewer, login)).toMatchObject({ state: 'linked' })
    await atTwitch('disconnect', login)
    await checkIn(viewer)
    vi.useRealTimers()
    await unlink(viewer)
    expect(await twitchOf(viewer)).toBeNull()
  })

  it('is not what an ended access token means: that is renewed', async () => {
    const { viewer, login } = await linked()
    await atTwitch('end-access', login)
    await checkIn(viewer)
    expect(await atTwitch('live', login, 'AccessToken')).toBe(1)
    expect(await twitchOf(viewer)).toMatchObject({ state: 'linked' })
  })

  it.each(['broken', 'limited', 'nonsense', 'elsewhere', 'endless'])(
    'is not what a failing Twitch means (%s): it is asked again soon',
    async (fault) => {
      const { viewer, login } = await linked()
      await atTwitch('fault', login, `validate ${fault}`)
      await checkIn(viewer)
      expect(await twitchOf(viewer)).toMatchObject({ state: 'linked' })
      expect(warned).toHaveBeenCalledTimes(1)
      await atTwitch('heal', login)
      await atTwitch('disconnect', login)
      await checkIn(viewer, TWITCH_RETRY_MS + 1_000)
      expect(await twitchOf(viewer)).toMatchObject({ state: 'gone' })
    },
  )

  it('follows a new login', async () => {
    const { viewer, login } = await linked()
    await show(viewer, true)
    const renamed = newLogin()
    await atTwitch('rename', login, renamed)
    await checkIn(viewer)
    expect((await passportOf(viewer)).claims).toMatchObject({ twitch: renamed })
  })

  it('is looked for each hour while the account is about, and not for ever', async () => {
    const { viewer } = await linked()
    const alarm = () => runInDurableObject(accountOf(viewer), (_, { storage }) => storage.getAlarm())
    const checks = new Set<unknown>()
    for (let due = await alarm(), rung = 0; due !== null && rung < 80; due = await alarm(), rung++) {
      atTime(Math.max(due, Date.now()) + 1)
      await runDurableObjectAlarm(accountOf(viewer))
      checks.add((await stored(viewer)).twitch_link?.[0]?.check_at)
    }
    expect(await alarm()).toBeNull()
    const hours = DAY_MS / TWITCH_CHECK_MS
    expect(checks.size).toBeGreaterThanOrEqual(hours)
    expect(checks.size).toBeLessThanOrEqual(hours + 2)
    await later(viewer, 10 * DAY_MS)
    expect(await alarm()).toBeLessThanOrEqual(Date.now() + TWITCH_CHECK_MS)
    await runDurableObjectAlarm(accountOf(viewer))
    expect(await twitchOf(viewer)).toMatchObject({ state: 'linked' })
  })
})

describe('what is kept', () => {
  it('holds tokens under a seal that opens for this account and purpose alone', async () => {
    const { viewer } = await linked()
    const text = JSON.stringify(await stored(viewer))
    const { tokens = '' } = z
      .object({ twitch_link: z.tuple([z.object({ tokens: z.string() })]) })
      .transform(({ twitch_link: [link] }) => link)
      .parse(await stored(viewer))
    const opened = (purpose: 'twitch-tokens' | 'twitch-state', owner: string) =>
      unseal(env.SEALING_KEYS ?? '', purpose, owner, tokens, z.record(z.string(), z.string()))
    const { accessToken = '', refreshToken = '' } = (await opened('twitch-tokens', viewer.account)) ?? {}
    expect(accessToken).not.toBe('')
    expect(text).not.toContain(accessToken)
    expect(text).not.toContain(refreshToken)
    expect(await opened('twitch-tokens', (await signIn()).account)).toBeUndefined()
    expect(await opened('twitch-state', viewer.account)).toBeUndefined()
  })

  it('opens after the keys were rotated, as long as the old one is there', async () => {
    const key = (kid: string) => ({ kty: 'oct', kid, k: kid.padEnd(43, 'A') })
    const keys = (...kids: string[]) => JSON.stringify({ keys: kids.map(key) })
    const sealed = await seal(keys('old'), 'twitch-tokens', 'me', 'secret')
    const open = (secret: string, text = sealed) => unseal(secret, 'twitch-tokens', 'me', text, z.string())
    expect(await open(keys('new', 'old'))).toBe('secret')
    expect(await open(keys('new'))).toBeUndefined()
    const anew = await seal(keys('new', 'old'), 'twitch-tokens', 'me', 'secret')
    expect(anew).toMatch(/^new\./)
    expect(await open(keys('new'), anew)).toBe('secret')
    expect(await open(keys('old'), anew.replace('new.', 'old.'))).toBeUndefined()
    expect(anew).not.toBe(await seal(keys('new'), 'twitch-tokens', 'me', 'secret'))
    await expect(seal('{"keys":[]}', 'twitch-tokens', 'me', 1)).rejects.toThrow()
  })

  it('can be exported without secrets, and erased with what Twitch and the registry know', async () => {
    const { viewer, login } = await linked()
    const waiting = newLogin()
    const result = await resultFor(viewer, waiting)
    const inside = <T>(work: (twitch: AccountTwitch) => Promise<T> | T) =>
      runInDurableObject(accountOf(viewer), (_, { storage }) => {
        const row = new AccountRow(storage.sql)
        return work(
          new AccountTwitch({
            storage,
            row,
            env,
            arm: async () => undefined,
            revoke: () => row.raiseVersion(),
          }),
        )
      })
    expect(await inside((twitch) => twitch.export())).toEqual({
      link: {
        login,
        shown: false,
        state: 'linked',
        broadcaster: false,
        userId: expect.stringMatching(/^\d+$/),
        linkedAt: expect.any(Number),
        checkAt: expect.any(Number),
        seenAt: expect.any(Number),
      },
      claims: [{ pseudonym: expect.any(String), state: 'held', since: expect.any(Number) }],
      attempts: [{ device: viewer.device.id, redirect: REDIRECT, expiresAt: expect.any(Number) }],
      channels: [],
      moderated: [],
      leftovers: 0,
    })
    await inside((twitch) => twitch.erase())
    await inside((twitch) => twitch.erase())
    expect(Object.values(await stored(viewer)).flat()).toEqual([])
    expect(await atTwitch('live', login, 'AccessToken')).toBe(0)
    expect(await atTwitch('live', waiting, 'AccessToken')).toBe(0)
    expect(await codeOf(await redeem(viewer, result))).toBe('twitch_attempt_refused')
    expect(await inside((twitch) => twitch.export())).toMatchObject({ link: null, claims: [], attempts: [] })
    expect(await linkTwitch(viewer, login)).toMatchObject({ login })
  })
})
