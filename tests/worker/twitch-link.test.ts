import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { TWITCH_ATTEMPT_LIFETIME_MS } from '../../protocol/limits'
import { keyedHash } from '../../worker/auth/keyed-hash'
import { NAME_LEASE_MS, TWITCH_HOLD_MS, TWITCH_RESULT_LIFETIME_MS } from '../../worker/limits'
import { Account } from '../../worker/objects/account'
import { TwitchRegistry } from '../../worker/objects/twitch-registry'
import { atTime } from './support/clock'
import {
  accountOf,
  atTwitch,
  Browsing,
  beginTwitch,
  comeBack,
  later,
  linkTwitch,
  newLogin,
  REDIRECT,
  redeem,
  resultFor,
  twitchIdOf,
  twitchOf,
} from './support/twitch'
import { authed, signIn, type Viewer } from './support/viewer'
import { call, codeOf, newAddress, ORIGIN, problemOf } from './support/worker'

let warned: ReturnType<typeof vi.spyOn>
beforeEach(() => {
  warned = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const isOver = async (response: Response) => {
  expect(response.status).toBe(410)
  expect(response.headers.get('Location')).toBeNull()
  expect(await response.text()).toContain('begin again in Sidestream')
}
const open = (url: string) => call('GET', url.slice(ORIGIN.length))

describe('linking a Twitch account', () => {
  it('ends with the login that Twitch vouches for, hidden', async () => {
    const viewer = await signIn()
    expect(await twitchOf(viewer)).toBeNull()
    const login = newLogin()
    const link = { login, shown: false, state: 'linked', broadcaster: false }
    expect(await linkTwitch(viewer, login)).toEqual(link)
    expect(await twitchOf(viewer)).toEqual(link)
    expect(await atTwitch('live', login, 'AccessToken')).toBe(1)
  })

  it('knows who streams', async () => {
    const login = newLogin()
    await atTwitch('streams', login, 'affiliate')
    expect(await linkTwitch(await signIn(), login)).toMatchObject({ broadcaster: true })
  })

  it('asks Twitch with state, nonce and PKCE, and tells it nothing of the account', async () => {
    const viewer = await signIn()
    const location = (await open((await beginTwitch(viewer)).href)).headers.get('Location') ?? ''
    const { origin, pathname, searchParams } = new URL(location)
    expect(`${origin}${pathname}`).toBe(`${env.TWITCH_ISSUER}/authorize`)
    expect(Object.fromEntries(searchParams)).toEqual({
      client_id: env.TWITCH_CLIENT_ID,
      redirect_uri: `${ORIGIN}/twitch/callback`,
      response_type: 'code',
      scope: 'openid user:read:moderated_channels',
      state: expect.stringMatching(/^test\.[\w-]{100,}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
      force_verify: 'true',
    })
    expect(location).not.toContain(viewer.account)
  })

  it('may be begun and opened again until Twitch has answered', async () => {
    const viewer = await signIn()
    const start = await beginTwitch(viewer)
    // Firefox looks first without a window; somebody may also reload the page.
    const looked = await open(start.href)
    expect(looked.status).toBe(302)
    const login = newLogin()
    const callback = await new Browsing().answer(start.href, login)
    expect((await open(start.href)).status).toBe(302)
    const { redirect, result } = await comeBack(callback)
    expect(redirect.origin + redirect.pathname).toBe(REDIRECT)
    await isOver(await open(start.href))
    expect((await redeem(viewer, result)).status).toBe(200)
  })

  it('is over after ten minutes, before Twitch is asked and after', async () => {
    const viewer = await signIn()
    const start = await beginTwitch(viewer)
    const callback = await new Browsing().answer(start.href, newLogin())
    atTime(Date.now() + TWITCH_ATTEMPT_LIFETIME_MS + 1)
    await isOver(await open(start.href))
    await isOver(await open(callback))
  })

  it('needs a signed-in device, and a Worker that is set up for it', async () => {
    const body = { redirect: REDIRECT }
    expect(await codeOf(await call('POST', '/twitch/attempt', { body }))).toBe('token_invalid')
    const unset = { TWITCH_CLIENT_ID: '' }
    const viewer = await signIn()
    const refused = await authed(viewer, 'POST', '/twitch/attempt', { body, env: unset })
    expect(await codeOf(refused)).toBe('twitch_unavailable')
    const read = await authed(viewer, 'GET', '/twitch', { env: unset })
    expect(await read.json()).toEqual({ available: false, link: null })
  })

  it('is rationed', async () => {
    const viewer = await signIn()
    atTime(Date.now())
    const begin = () => authed(viewer, 'POST', '/twitch/attempt', { body: { redirect: REDIRECT } })
    for (let count = 0; count < 6; count++) expect((await begin()).status).toBe(200)
    expect(await codeOf(await begin())).toBe('rate_limited')
  })
})

describe('where a flow ends', () => {
  // printf %s sidestream@sidestream.chat | sha1sum
  const HASH = 'f427a27aaa1771b3f8a438a8e9276f94dcd4bb55'
  it.each([
    REDIRECT,
    'https://jjcmgcjjkfaoelolhidopeebdigcohpg.chromiumapp.org/',
    `https://${HASH}.extensions.allizom.org/`,
    `https://${HASH}.extensions.allizom.org/twitch`,
    `http://127.0.0.1/mozoauth2/${HASH}`,
    `http://127.0.0.1/mozoauth2/${HASH}/twitch`,
  ])('may be %s', async (redirect) => {
    const viewer = await signIn()
    const callback = await new Browsing().answer((await beginTwitch(viewer, redirect)).href, newLogin())
    const { redirect: end, result } = await comeBack(callback)
    expect(end.href).toBe(`${redirect}?result=${result}`)
  })

  it.each([
    'https://evil.test/',
    'https://jjcmgcjjkfaoelolhidopeebdigcohpg.chromiumapp.org.evil.test/',
    'https://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.chromiumapp.org/',
    'http://jjcmgcjjkfaoelolhidopeebdigcohpg.chromiumapp.org/',
    'https://jjcmgcjjkfaoelolhidopeebdigcohpg.chromiumapp.org:8443/',
    'https://jjcmgcjjkfaoelolhidopeebdigcohpg.chromiumapp.org@evil.test/',
    'https://evil@jjcmgcjjkfaoelolhidopeebdigcohpg.chromiumapp.org/',
    'https://jjcmgcjjkfaoelolhidopeebdigcohpg.chromiumapp.org/?result=mine',
    'https://jjcmgcjjkfaoelolhidopeebdigcohpg.chromiumapp.org/#here',
    `https://${'0'.repeat(40)}.extensions.allizom.org/`,
    `https://${HASH}.extensions.allizom.org.evil.test/`,
    `http://127.0.0.1/mozoauth2/${'0'.repeat(40)}`,
    `http://127.0.0.1/mozoauth2/${HASH}f`,
    `http://127.0.0.1/mozoauth2/${HASH}/../../elsewhere`,
    `http://127.0.0.1:8080/mozoauth2/${HASH}`,
    `http://127.0.0.2/mozoauth2/${HASH}`,
    'chrome-extension://jjcmgcjjkfaoelolhidopeebdigcohpg/',
    'javascript:alert(1)',
    'not a url',
    '',
  ])('may not be %s', async (redirect) => {
    const response = await authed(await signIn(), 'POST', '/twitch/attempt', { body: { redirect } })
    expect(await codeOf(response)).toBe('origin_not_allowed')
  })
})

describe('what comes back from Twitch', () => {
  it.each(['', 'state=', 'state=guess&code=guess', 'code=guess', 'error=access_denied'])(
    'leads nowhere without a state of ours: ?%s',
    async (query) => isOver(await call('GET', `/twitch/callback?${query}`)),
  )

  it('leads nowhere under a start’s token, a changed state, or another account’s sealing', async () => {
    const viewer = await signIn()
    const start = await beginTwitch(viewer)
    const callback = new URL(await new Browsing().answer(start.href, newLogin()))
    const state = callback.searchParams.get('state') ?? ''
    const token = start.searchParams.get('t') ?? ''
    const middle = state.length - 20
    const changed = `${state.slice(0, middle)}${state[middle] === 'A' ? 'B' : 'A'}${state.slice(middle + 1)}`
    for (const wrong of [token, changed, state.replace('test.', 'tset.'), `${state}A`]) {
      callback.searchParams.set('state', wrong)
      await isOver(await open(callback.href))
    }
    await isOver(await call('GET', `/twitch/start?t=${state}`))
    // None of it has used the attempt up.
    callback.searchParams.set('state', state)
    expect((await comeBack(callback.href)).result).toHaveLength(43)
  })

  it('is taken once', async () => {
    const viewer = await signIn()
    const callback = await new Browsing().answer((await beginTwitch(viewer)).href, newLogin())
    const both = await Promise.all([open(callback), open(callback)])
    expect(both.map(({ status }) => status).sort()).toEqual([302, 410])
    await isOver(await open(callback))
  })

  it('is refused with the code of another’s attempt: nobody is linked to a stranger’s Twitch', async () => {
    const [victim, attacker] = [await signIn(), await signIn()]
    const login = newLogin()
    const theirs = new URL(await new Browsing().answer((await beginTwitch(attacker)).href, login))
    const mine = new URL(await new Browsing().answer((await beginTwitch(victim)).href, newLogin()))
    mine.searchParams.set('code', theirs.searchParams.get('code') ?? '')
    const { result } = await comeBack(mine.href)
    expect(await codeOf(await redeem(victim, result))).toBe('twitch_unavailable')
    expect(await twitchOf(victim)).toBeNull()
  })

  it.each([
    ['token no-nonce', 'OAUTH_INVALID_RESPONSE'],
    ['token other-nonce', 'OAUTH_JWT_CLAIM_COMPARISON_FAILED'],
    ['token other-audience', 'OAUTH_JWT_CLAIM_COMPARISON_FAILED'],
    ['token other-issuer', 'OAUTH_JWT_CLAIM_COMPARISON_FAILED'],
    ['token expired-id', 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED'],
    ['token strange-key', 'OAUTH_INVALID_RESPONSE'],
    ['token strange-subject', 'unexpected'],
    ['token no-id-token', 'OAUTH_INVALID_RESPONSE'],
    ['token no-refresh-token', 'no refresh token'],
    ['users broken', 'status 500'],
    ['users limited', 'status 429'],
    ['users nonsense', 'not understood'],
    ['users elsewhere', 'status 307'],
    ['users endless', 'answer too long'],
    ['users refused', 'new token refused'],
    ['users no-scope', 'nobody’s token'],
  ])('links nobody if it is wrong (%s); the log says why, and no more', async (fault, reason) => {
    const viewer = await signIn()
    const login = newLogin()
    await atTwitch('fault', login, fault)
    expect(await codeOf(await redeem(viewer, await resultFor(viewer, login)))).toBe('twitch_unavailable')
    expect(await twitchOf(viewer)).toBeNull()
    expect(warned.mock.calls).toEqual([[JSON.stringify({ event: 'twitch_unavailable', reason })]])
  })

  it('says that the viewer said no', async () => {
    const viewer = await signIn()
    const result = await resultFor(viewer, newLogin(), 'no')
    expect(await codeOf(await redeem(viewer, result))).toBe('twitch_cancelled')
    expect(warned).not.toHaveBeenCalled()
  })

  it.each([
    'error=server_error',
    'error=temporarily_unavailable',
    'code=wrong',
    'nothing=1',
    'code=a&code=b',
  ])('says that Twitch failed: ?%s', async (query) => {
    const viewer = await signIn()
    const location = (await open((await beginTwitch(viewer)).href)).headers.get('Location') ?? ''
    const state = new URL(location).searchParams.get('state') ?? ''
    const iss = encodeURIComponent(env.TWITCH_ISSUER)
    const { result } = await comeBack(`${ORIGIN}/twitch/callback?${query}&state=${state}&iss=${iss}`)
    expect(await codeOf(await redeem(viewer, result))).toBe('twitch_unavailable')
  })
})

describe('a result', () => {
  const waiting = async () => {
    const email = newAddress()
    const viewer = await signIn(email)
    const login = newLogin()
    return { email, viewer, login, result: await resultFor(viewer, login) }
  }
  const refused = async (viewer: Viewer, result: string) =>
    expect(await codeOf(await redeem(viewer, result))).toBe('twitch_attempt_refused')

  it('is for the device that began, not for another one of the account, nor another account', async () => {
    const { email, viewer, result } = await waiting()
    await refused(await signIn(email), result)
    await refused(await signIn(), result)
    expect((await redeem(viewer, result)).status).toBe(200)
  })

  it('works once, also for two at a time', async () => {
    const { viewer, result } = await waiting()
    const both = await Promise.all([redeem(viewer, result), redeem(viewer, result)])
    expect(both.map(({ status }) => status).sort()).toEqual([200, 403])
    await refused(viewer, result)
  })

  it('cannot be guessed from nothing', async () => {
    const viewer = await signIn()
    await refused(viewer, 'A'.repeat(43))
    await beginTwitch(viewer)
    await refused(viewer, 'A'.repeat(43))
  })

  it('that nobody comes for is worth nothing after two minutes, and its consent is taken back', async () => {
    const { viewer, login, result } = await waiting()
    atTime(Date.now() + TWITCH_RESULT_LIFETIME_MS + 1)
    await refused(viewer, result)
    expect(await atTwitch('live', login, 'RefreshToken')).toBe(1)
    await runDurableObjectAlarm(accountOf(viewer))
    expect(await atTwitch('live', login, 'RefreshToken')).toBe(0)
  })
})

describe('one Twitch account', () => {
  it('is linked to one account of ours, until that lets it go', async () => {
    const [first, second] = [await signIn(), await signIn()]
    const login = newLogin()
    await linkTwitch(first, login)
    expect(await codeOf(await redeem(second, await resultFor(second, login)))).toBe('twitch_taken')
    expect(await twitchOf(second)).toBeNull()
    // What the second was given at Twitch is taken back; the first keeps what it has.
    expect(await atTwitch('live', login, 'AccessToken')).toBe(1)
    expect((await authed(first, 'DELETE', '/twitch')).status).toBe(204)
    // The first has passports that say so: for their day, nobody else gets any.
    const held = await problemOf(await redeem(second, await resultFor(second, login)))
    expect(held.code).toBe('twitch_on_hold')
    expect(held.retryAfter).toBeGreaterThan(TWITCH_HOLD_MS / 1000 - 60)
    expect(held.retryAfter).toBeLessThanOrEqual(TWITCH_HOLD_MS / 1000)
    expect(await atTwitch('live', login, 'AccessToken')).toBe(0)
    expect(await linkTwitch(first, login)).toMatchObject({ login, state: 'linked' })
    expect(await codeOf(await redeem(second, await resultFor(second, login)))).toBe('twitch_taken')
  })

  it.each(['unlinked', 'deleted'])('is free for others a day after the account is %s', async (how) => {
    const [first, second] = [await signIn(), await signIn()]
    const login = newLogin()
    await linkTwitch(first, login)
    // Twitch’s clock cannot be moved on, so that ours goes back.
    await later(first, 60_000 - TWITCH_HOLD_MS)
    await authed(first, 'DELETE', how === 'deleted' ? '/account' : '/twitch')
    vi.useRealTimers()
    const held = await problemOf(await redeem(second, await resultFor(second, login)))
    expect(held).toMatchObject({ code: 'twitch_on_hold' })
    expect(held.retryAfter).toBeLessThanOrEqual(60)
    const result = await resultFor(second, login)
    await later(second, 61_000)
    expect((await redeem(second, result)).status).toBe(200)
  })

  it('is on hold although the registry has not heard that it was let go', async () => {
    const [first, second] = [await signIn(), await signIn()]
    const login = newLogin()
    await linkTwitch(first, login)
    const release = vi.spyOn(TwitchRegistry.prototype, 'release').mockRejectedValue(new Error('away'))
    await authed(first, 'DELETE', '/twitch')
    expect(release).toHaveBeenCalled()
    expect(await codeOf(await redeem(second, await resultFor(second, login)))).toBe('twitch_on_hold')
    // Nor does it matter that the first begins again and comes to nothing.
    const claim = vi.spyOn(TwitchRegistry.prototype, 'claim').mockRejectedValue(new Error('away'))
    const nothing = await redeem(first, await resultFor(first, login))
    expect(await codeOf(nothing)).toBe('twitch_unavailable')
    claim.mockRestore()
    expect(await codeOf(await redeem(second, await resultFor(second, login)))).toBe('twitch_on_hold')
    release.mockRestore()
    await later(first, NAME_LEASE_MS + 1)
    await runDurableObjectAlarm(accountOf(first))
    vi.useRealTimers()
    expect(await codeOf(await redeem(second, await resultFor(second, login)))).toBe('twitch_on_hold')
  })

  it('is on hold although it is let go while the registry asks', async () => {
    const [first, second] = [await signIn(), await signIn()]
    const pseudonym = 'let go meanwhile'
    const registry = env.TWITCH_IDS.getByName(pseudonym)
    await registry.claim(pseudonym, first.account)
    vi.spyOn(Account.prototype, 'holdsTwitch').mockImplementation(async () => {
      await env.TWITCH_IDS.getByName(pseudonym).release(first.account)
      return 'none'
    })
    expect(await registry.claim(pseudonym, second.account)).toMatchObject({ outcome: 'on-hold' })
    expect(await registry.claim(pseudonym, first.account)).toEqual({ outcome: 'yours' })
  })

  it('goes to exactly one of two who come at once', async () => {
    const viewers = [await signIn(), await signIn(), await signIn()]
    const login = newLogin()
    const results: [Viewer, string][] = []
    for (const viewer of viewers) results.push([viewer, await resultFor(viewer, login)])
    const answers = await Promise.all(results.map(([viewer, result]) => redeem(viewer, result)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409])
    const links = await Promise.all(viewers.map(twitchOf))
    expect(links.filter((link) => link !== null)).toHaveLength(1)
  })

  it('may take the place of another one', async () => {
    const [viewer, other] = [await signIn(), await signIn()]
    const [before, after] = [newLogin(), newLogin()]
    await linkTwitch(viewer, before)
    expect(await linkTwitch(viewer, after)).toMatchObject({ login: after })
    expect(await atTwitch('live', before, 'AccessToken')).toBe(0)
    expect(await codeOf(await redeem(other, await resultFor(other, before)))).toBe('twitch_on_hold')
  })

  it('is not kept by an account whose claim came to nothing', async () => {
    const [gone, viewer] = [await signIn(), await signIn()]
    const login = newLogin()
    const pseudonym = await keyedHash(env.PEPPER, 'twitch', await twitchIdOf(login))
    // A kill between the registry's yes and the account's own commit.
    expect(await env.TWITCH_IDS.getByName(pseudonym).claim(pseudonym, gone.account)).toEqual({
      outcome: 'yours',
    })
    expect(await linkTwitch(viewer, login)).toMatchObject({ login })
    expect(await twitchOf(gone)).toBeNull()
  })

  it('has one owner although the last one claims again while it is asked whether it still does', async () => {
    const [first, second] = [await signIn(), await signIn()]
    for (let round = 0; round < 20; round++) {
      const pseudonym = `round ${round}`
      const registry = env.TWITCH_IDS.getByName(pseudonym)
      expect(await registry.claim(pseudonym, first.account)).toEqual({ outcome: 'yours' })
      const [taken, kept] = await Promise.all([
        registry.claim(pseudonym, second.account),
        registry.claim(pseudonym, first.account),
      ])
      expect([taken, kept].filter(({ outcome }) => outcome === 'yours')).toHaveLength(1)
    }
  })

  it('is known to the registry by a pseudonym, and leaves nothing there when the hold is over', async () => {
    const viewer = await signIn()
    const login = newLogin()
    await linkTwitch(viewer, login)
    const pseudonym = await keyedHash(env.PEPPER, 'twitch', await twitchIdOf(login))
    const rows = () =>
      runInDurableObject(env.TWITCH_IDS.getByName(pseudonym), (_, { storage }) =>
        storage.sql
          .exec("SELECT name FROM sqlite_master WHERE name = 'owner'")
          .toArray()
          .flatMap(() => storage.sql.exec('SELECT account FROM owner').toArray()),
      )
    expect(await rows()).toEqual([{ account: viewer.account }])
    await authed(viewer, 'DELETE', '/twitch')
    expect(await rows()).toEqual([{ account: viewer.account }])
    const registry = env.TWITCH_IDS.getByName(pseudonym)
    atTime(Date.now() + TWITCH_HOLD_MS - 1_000)
    await runDurableObjectAlarm(registry)
    expect(await rows()).toEqual([{ account: viewer.account }])
    atTime(Date.now() + 2_000)
    expect(await runDurableObjectAlarm(registry)).toBe(true)
    expect(await rows()).toEqual([])
  })
})
