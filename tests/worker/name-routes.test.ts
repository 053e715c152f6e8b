import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { accountSchema, nameAvailabilitySchema, nameSuggestionsSchema } from '../../protocol/api'
import { nameFault } from '../../protocol/display-name-check'
import { DEVICE_PACES, NAME_HOLD_MS, SUGGESTED_NAMES } from '../../worker/limits'
import { nameFolds } from '../../worker/names/fold'
import { isReservedName } from '../../worker/names/reserved'
import { suggestedNames } from '../../worker/names/suggestions'
import { atTime } from './support/clock'
import { newDevice } from './support/device'
import { claimsOf, newAccount, newName, rowsOf, shardOf } from './support/names'
import { askCode, authed, refreshed, rename, signIn, tryCode, type Viewer } from './support/viewer'
import { call, codeOf, mailedCode, newAddress, problemOf } from './support/worker'

afterEach(() => vi.useRealTimers())

const ask = (viewer: Viewer, name: string) =>
  authed(viewer, 'GET', `/names/${encodeURIComponent(name)}/availability`)
const availability = async (viewer: Viewer, name: string) =>
  nameAvailabilitySchema.strict().parse(await (await ask(viewer, name)).json())
const suggestions = async (viewer: Viewer, like?: string) => {
  const query = like === undefined ? '' : `?like=${encodeURIComponent(like)}`
  const response = await authed(viewer, 'GET', `/names/suggest${query}`)
  return nameSuggestionsSchema.strict().parse(await response.json()).names
}

describe('GET /names/:name/availability', () => {
  it('tells free from taken, by looks as well, and says nothing else of anybody', async () => {
    const [ann, bob] = [await signIn(), await signIn()]
    const name = newName('Rohrsänger')
    expect(await availability(ann, name)).toEqual({ available: true })
    await rename(bob, name)
    for (const spelling of [name, name.toUpperCase(), name.replace('o', 'о'), name.replace('o', '0')])
      expect(await availability(ann, spelling)).toEqual({ available: false, reason: 'taken' })
    await rename(bob, newName())
    expect(await availability(ann, name)).toEqual({ available: false, reason: 'taken' })
  })

  it('looks at every key of a name', async () => {
    const [ann, bob] = [await signIn(), await signIn()]
    // The Greek capitals look like Latin ones, the small letters like other Latin ones.
    for (const [greek, held] of [
      ['ΝΗΒΥ', 'NHBY'],
      ['ΝΗΑΥ', 'νηαυ'],
    ] as const) {
      expect(nameFolds(greek)).toHaveLength(2)
      expect(await availability(ann, greek)).toEqual({ available: true })
      await rename(bob, held)
      expect(await availability(ann, greek)).toEqual({ available: false, reason: 'taken' })
    }
  })

  it('says what a rename would: a name that is free can be had', async () => {
    const [ann, bob] = [await signIn(), await signIn()]
    const held = newName('Taken')
    await rename(bob, held)
    for (const name of [newName(), held, 'Admin', 'ab', 'ann@example.com', 'Ann_left', '名無しさん三号']) {
      const { available } = await availability(ann, name)
      expect((await rename(ann, name)).status === 200, name).toBe(available)
    }
  })

  it('knows one’s own: the name, its spellings, and what one gave up', async () => {
    const ann = await refreshed(await signIn())
    expect(await availability(ann, ann.displayName)).toEqual({ available: false, reason: 'yours' })
    expect(await availability(ann, ann.displayName.toUpperCase())).toEqual({
      available: true,
      reason: 'yours',
    })
    await rename(ann, newName())
    expect(await availability(ann, ann.displayName)).toEqual({ available: true, reason: 'yours' })
  })

  it.each([
    ['Admin', 'reserved'],
    ['tw1tch', 'reserved'],
    ['Ann_joined', 'reserved'],
    ['ab', 'not_allowed'],
    ['x'.repeat(26), 'not_allowed'],
    ['two words', 'not_allowed'],
    ['ann@example.com', 'not_allowed'],
    ['a\u200bbc', 'not_allowed'],
    ['e\u0301te\u0301', 'not_allowed'],
    ['...', 'not_allowed'],
    ['x'.repeat(300), 'not_allowed'],
  ])('calls %j %s', async (name, reason) => {
    const ann = await signIn()
    const answer = name === '...' ? authed(ann, 'GET', '/names/.../availability') : ask(ann, name)
    expect(await (await answer).json()).toEqual({ available: false, reason })
  })

  it('reserves nothing and leaves nothing behind', async () => {
    const ann = await signIn()
    const name = newName()
    await availability(ann, name)
    expect(await rowsOf(name)).toEqual([])
    expect((await claimsOf(ann.account)).map(({ state }) => state)).toEqual(['held'])
  })

  it('is for members alone, who ask it only so often', async () => {
    expect(await codeOf(await call('GET', '/names/Grebe/availability'))).toBe('token_invalid')
    expect(await codeOf(await call('GET', '/names/suggest'))).toBe('token_invalid')
    const ann = await signIn()
    atTime(Date.now())
    for (let count = 0; count < DEVICE_PACES.names.burst; count++)
      expect((await ask(ann, `Grebe${count}`)).status).toBe(200)
    const refused = await problemOf(await ask(ann, 'Grebe'))
    expect(refused).toMatchObject({ code: 'rate_limited', retryAfter: DEVICE_PACES.names.everyMs / 1000 })
    // Another device of the same account is not to blame.
    expect((await rename(ann, newName())).status).toBe(200)
    atTime(Date.now() + DEVICE_PACES.names.everyMs)
    expect((await ask(ann, 'Grebe')).status).toBe(200)
  })
})

describe('GET /names/suggest', () => {
  it('gives names that are free and different', async () => {
    const ann = await signIn()
    const names = [...(await suggestions(ann)), ...(await suggestions(ann))]
    expect(new Set(names).size).toBe(2 * SUGGESTED_NAMES)
    for (const name of names) expect(name).toMatch(/^[A-Z][a-z]+[A-Z][a-z]+\d{2,3}$/)
    for (const name of names) expect(await availability(ann, name)).toEqual({ available: true })
  })

  it.each([
    ['Zoë', 'Zoë'],
    ['  Zoë the Great! ', 'ZoëtheGreat'],
    ['Rohrdommelchen_von_der_Au', 'Rohrdommelchen'],
    ['<b>Zoë</b>', 'bZoëb'],
    ['Zoe\u0308', 'Zoë'],
    ['a\u200bnn', 'ann'],
  ])('makes variants of %j', async (like, stem) => {
    const names = await suggestions(await signIn(), like)
    expect(names).toHaveLength(SUGGESTED_NAMES)
    const alike = names.filter((name) => name.includes(stem))
    expect(alike.length).toBeGreaterThanOrEqual(1)
    expect(alike.length).toBeLessThanOrEqual(3)
    for (const name of names) expect(nameFault(name)).toBeNull()
  })

  it.each(['ann.smith@example.com', 'ann＠example.com', 'Twitch', '🦦🦦🦦', '123', '', '...', 'Sidestream'])(
    'makes none of %j',
    async (like) => {
      const names = await suggestions(await signIn(), like)
      expect(names).toHaveLength(SUGGESTED_NAMES)
      for (const name of names) {
        expect(name).toMatch(/^[A-Z][a-z]+[A-Z][a-z]+\d{2,3}$/)
        expect(isReservedName(name)).toBe(false)
      }
    },
  )

  it('gives none that somebody has', async () => {
    const bob = newAccount()
    let draws = 0
    // The first name drawn, and every name alike, is Bob's.
    const random = (below: number) => (draws++ < 3 ? 0 : (draws * 7) % below)
    const [first = ''] = await suggestedNames(env.NAMES, { account: newAccount(), like: '', random })
    for (const fold of nameFolds(first)) await (await shardOf(fold)).shard.reserve(fold, bob)
    draws = 0
    const names = await suggestedNames(env.NAMES, { account: newAccount(), like: '', random })
    expect(names).not.toContain(first)
    expect(names).toHaveLength(SUGGESTED_NAMES)
  })

  it('takes no wish that is too long, and only so many wishes', async () => {
    const ann = await signIn()
    const long = await authed(ann, 'GET', `/names/suggest?like=${'x'.repeat(101)}`)
    expect(await codeOf(long)).toBe('invalid_request')
    atTime(Date.now())
    for (let count = 1; count < DEVICE_PACES.suggestions.burst; count++) await suggestions(ann)
    expect(await codeOf(await authed(ann, 'GET', '/names/suggest'))).toBe('rate_limited')
    expect((await ask(ann, 'Grebe')).status).toBe(200)
  })
})

describe('an account without a name', () => {
  const nameless = async (viewer: Viewer) => {
    await runInDurableObject(env.ACCOUNTS.getByName(viewer.account), (_, { storage }) =>
      storage.sql.exec('DELETE FROM claims'),
    )
    await runInDurableObject(env.ACCOUNTS.getByName(viewer.account), (_, ctx) => ctx.abort('anew')).catch(
      () => {},
    )
  }

  it('gets one at the next sign-in, whose answer carries it', async () => {
    const email = newAddress()
    const viewer = await signIn(email)
    await nameless(viewer)
    const device = await newDevice()
    await askCode(email, device)
    const answer: unknown = await (await tryCode(email, mailedCode(email), device)).json()
    const { accountId, displayName } = accountSchema.parse(answer)
    expect(accountId).toBe(viewer.account)
    expect(displayName).not.toBe(viewer.displayName)
    expect(JSON.stringify(answer)).not.toMatch(/@|example/)
    expect((await rowsOf(displayName))[0]).toMatchObject({ owner: viewer.account, until: null })
  })

  it('gets one at the next token', async () => {
    const viewer = await signIn()
    await nameless(viewer)
    const { displayName } = await refreshed(viewer)
    expect(nameFault(displayName)).toBeNull()
    expect((await rowsOf(displayName))[0]).toMatchObject({ owner: viewer.account, until: null })
  })
})

describe('an account with a name of former rules', () => {
  const withClaims = async (viewer: Viewer, name: string, fold: string) => {
    const account = env.ACCOUNTS.getByName(viewer.account)
    await runInDurableObject(account, (_, { storage }) => {
      storage.sql.exec('DELETE FROM claims')
      storage.sql.exec(
        "INSERT INTO claims (fold, name, state, told, since) VALUES (?, ?, 'held', 1, ?)",
        fold,
        name,
        Date.now(),
      )
    })
    await (await shardOf(fold)).shard.reserve(fold, viewer.account)
    await (await shardOf(fold)).shard.confirm(fold, viewer.account, 1)
    await runInDurableObject(account, (_, ctx) => ctx.abort('anew')).catch(() => {})
  }

  it('keeps it under the keys of today', async () => {
    const viewer = await signIn()
    const name = `Mimir${newName('x').slice(2)}`
    // As it was keyed before looks counted.
    await withClaims(viewer, name, name.toLowerCase())
    expect((await refreshed(viewer)).displayName).toBe(name)
    expect((await rowsOf(name)).map(({ owner, until }) => ({ owner, until }))).toEqual([
      { owner: viewer.account, until: null },
    ])
    const [former] = await runInDurableObject((await shardOf(name.toLowerCase())).shard, (_, { storage }) =>
      storage.sql
        .exec<{ until: number | null }>('SELECT until FROM names WHERE fold = ?', name.toLowerCase())
        .toArray(),
    )
    expect(former?.until).toBeLessThanOrEqual(Date.now() + NAME_HOLD_MS)
  })

  it('is given another one if peers take it for none any more', async () => {
    const viewer = await signIn()
    await withClaims(viewer, '\u3164\u3164\u3164', '\u3164\u3164\u3164')
    const { displayName } = await refreshed(viewer)
    expect(nameFault(displayName)).toBeNull()
  })

  it('is given another one if somebody has one that looks like it', async () => {
    const [ann, bob] = [await signIn(), await signIn()]
    const name = `Mimir${newName('x').slice(2)}`
    await rename(bob, name)
    await withClaims(ann, name, name.toLowerCase())
    const { displayName } = await refreshed(ann)
    expect(displayName).not.toBe(name)
    expect((await rowsOf(name))[0]?.owner).toBe(bob.account)
  })
})

describe('a registry that remembers from before versions', () => {
  it('goes on', async () => {
    const account = newAccount()
    const [fold = ''] = nameFolds(newName())
    const { shard } = await shardOf(fold)
    await runInDurableObject(shard, (_, { storage }) => {
      storage.sql.exec('ALTER TABLE names DROP COLUMN ver')
      storage.sql.exec('INSERT INTO names VALUES (?, ?, NULL)', fold, account)
    })
    await runInDurableObject(shard, (_, ctx) => ctx.abort('anew')).catch(() => {})
    const again = (await shardOf(fold)).shard
    expect(await again.reserve(fold, newAccount())).toBe(false)
    await again.retire(fold, account, 3)
    expect(await again.standing(fold, account)).toBe('yours')
    atTime(Date.now() + NAME_HOLD_MS + 1)
    await runDurableObjectAlarm(again)
    expect(await again.standing(fold, account)).toBe('free')
  })
})
