import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  DAY_MS,
  DEVICE_PACES,
  MAX_RENAMES_PER_DAY,
  NAME_HOLD_MS,
  NAME_LEASE_MS,
  NAME_SHARDS,
} from '../../worker/limits'
import { nameFolds } from '../../worker/names/fold'
import { atTime } from './support/clock'
import { newDevice } from './support/device'
import { claimsOf, newAccount, newName, rowsOf, shardOf } from './support/names'
import { authed, refreshed, rename, signIn } from './support/viewer'
import { codeOf, problemOf } from './support/worker'

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** The one key of a plain name, and its shard. */
const keyOf = async (name: string) => {
  const [fold = ''] = nameFolds(name)
  return { fold, ...(await shardOf(fold)) }
}
const rowOf = async (name: string) => (await rowsOf(name))[0]

describe('the name registry', () => {
  it('gives a name to exactly one of a hundred who claim it at once', async () => {
    const { fold, shard } = await keyOf(newName())
    const won = await Promise.all(Array.from({ length: 100 }, () => shard.reserve(fold, newAccount())))
    expect(won.filter(Boolean)).toHaveLength(1)
  })

  it('gives a name to exactly one of twenty accounts that rename at once', async () => {
    const viewers = await Promise.all(Array.from({ length: 20 }, () => signIn()))
    const name = newName()
    const responses = await Promise.all(
      viewers.map((viewer, index) => rename(viewer, index % 2 ? name : name.toUpperCase())),
    )
    expect(responses.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(409)])
    const names = await Promise.all(
      viewers.map(
        async (viewer) =>
          (await (await authed(viewer, 'GET', '/user/display-name')).json()) as { displayName: string },
      ),
    )
    expect(new Set(names.flatMap(({ displayName }) => nameFolds(displayName))).size).toBe(20)
  })

  it('has 256 shards', async () => {
    const shards = new Set<string>()
    for (let index = 0; index < 3_000; index++) shards.add((await shardOf(`name${index}`)).chosen)
    expect(shards.size).toBe(NAME_SHARDS)
  })

  it('forgets a reservation that nobody committed', async () => {
    const name = newName()
    const { fold, shard } = await keyOf(name)
    expect(await shard.reserve(fold, newAccount())).toBe(true)
    const other = newAccount()
    expect(await shard.reserve(fold, other)).toBe(false)
    atTime(Date.now() + NAME_LEASE_MS + 1)
    expect(await shard.reserve(fold, other)).toBe(false)
    expect(await runDurableObjectAlarm(shard)).toBe(true)
    expect(await shard.reserve(fold, other)).toBe(true)
  })
})

describe('PUT /user/display-name', () => {
  it('renames, and keeps the old name for its owner for 30 days', async () => {
    const [ann, bob] = [await signIn(), await signIn()]
    const [first, second] = [newName('Ännchen'), newName('Bachstelze')]
    expect(await (await rename(ann, first)).json()).toEqual({ displayName: first })
    expect((await rename(ann, second)).status).toBe(200)
    const retired = await rowOf(first)
    expect(retired?.owner).toBe(ann.account)
    expect(Math.abs(Number(retired?.until) - Date.now() - NAME_HOLD_MS)).toBeLessThan(5_000)
    expect(await rowOf(second)).toMatchObject({ owner: ann.account, until: null })
    expect(await codeOf(await rename(bob, first))).toBe('name_taken')
    atTime(Date.now() + NAME_HOLD_MS - DAY_MS)
    await runDurableObjectAlarm((await keyOf(first)).shard)
    expect(await codeOf(await rename(await refreshed(bob), first))).toBe('name_taken')
    vi.useRealTimers()
    expect((await rename(ann, first)).status).toBe(200)
    expect(await rowOf(first)).toMatchObject({ owner: ann.account, until: null })
    expect((await rename(ann, second)).status).toBe(200)

    atTime(Date.now() + NAME_HOLD_MS + 1_000)
    expect(await codeOf(await rename(await refreshed(bob), first))).toBe('name_taken')
    await runDurableObjectAlarm((await keyOf(first)).shard)
    expect((await rename(await refreshed(bob), first)).status).toBe(200)
  })

  it('takes another spelling of one’s own name, and no other’s', async () => {
    const [ann, bob] = [await signIn(), await signIn()]
    const name = newName()
    await rename(ann, name)
    expect(await (await rename(ann, name.toUpperCase())).json()).toEqual({ displayName: name.toUpperCase() })
    expect(await codeOf(await rename(bob, name.toLowerCase()))).toBe('name_taken')
    expect((await rename(ann, name.toUpperCase())).status).toBe(200)
  })

  it.each([
    'Admin',
    'admin_01',
    'TheTwitchTeam',
    'SideStream',
    'System',
    'ＡＤＭＩＮ',
    'Moderator7',
    '1234',
    'ab',
    'a b c',
    'a\u202eb',
    'a\u200bbc',
    'x'.repeat(26),
    'e\u0301te',
    'ann@example.com',
    'ann＠example.com',
    '\u3164\u3164\u3164',
    'аdmin',
    'tw1tch',
    'Ann_joined',
  ])('refuses %j', async (name) => {
    expect(await codeOf(await rename(await signIn(), name))).toBe('name_not_allowed')
  })

  it('is limited to ten a day', async () => {
    const viewer = await signIn()
    for (let count = 0; count < MAX_RENAMES_PER_DAY; count++)
      expect((await rename(viewer, newName())).status).toBe(200)
    const refused = await problemOf(await rename(viewer, newName()))
    expect(refused.code).toBe('renames_exhausted')
    expect(refused.retryAfter).toBeGreaterThan(DAY_MS / 1000 - 60)
    expect(refused.retryAfter).toBeLessThanOrEqual(DAY_MS / 1000)
    atTime(Date.now() + DAY_MS + 1_000)
    expect((await rename(await refreshed(viewer), newName())).status).toBe(200)
  })

  it('counts another spelling, but no name that was taken, and none that is the same', async () => {
    const [ann, bob] = [await signIn(), await signIn()]
    expect(await codeOf(await rename(ann, bob.displayName))).toBe('name_taken')
    for (let count = 1; count < MAX_RENAMES_PER_DAY; count++)
      expect((await rename(ann, count % 2 ? 'Zwergdommel' : 'ZwergDommel')).status).toBe(200)
    expect((await rename(ann, 'Zwergdommel')).status).toBe(200)
    expect((await rename(ann, newName())).status).toBe(200)
    expect(await codeOf(await rename(ann, newName()))).toBe('renames_exhausted')
  })

  it('lets one device try only so many names', async () => {
    const [ann, bob] = [await signIn(), await signIn()]
    for (let count = 0; count < DEVICE_PACES.renames.burst; count++)
      expect(await codeOf(await rename(ann, bob.displayName))).toBe('name_taken')
    const refused = await problemOf(await rename(ann, bob.displayName))
    expect(refused).toMatchObject({ code: 'rate_limited', retryAfter: expect.any(Number) })
  })

  it('refuses what looks like somebody’s name, and frees all of its looks when it is given up', async () => {
    const [ann, bob] = [await signIn(), await signIn()]
    // Greek: NYXA in capitals, νυχα in small letters.
    const [greek, latin, small] = ['ΝΥΧΑ', 'NYXA', 'νυχα']
    expect((await rename(ann, greek)).status).toBe(200)
    for (const lookalike of [greek, latin, small, 'nyxa', 'Νyxa'])
      expect(await codeOf(await rename(bob, lookalike)), lookalike).toBe('name_taken')
    expect((await rename(ann, newName())).status).toBe(200)
    expect(await codeOf(await rename(bob, latin))).toBe('name_taken')
    atTime(Date.now() + NAME_HOLD_MS + 1_000)
    for (const fold of nameFolds(greek)) await runDurableObjectAlarm((await shardOf(fold)).shard)
    const late = await refreshed(bob)
    expect((await rename(late, latin)).status).toBe(200)
    expect(await codeOf(await rename(await refreshed(ann), greek))).toBe('name_taken')
    expect((await rename(await refreshed(ann), small)).status).toBe(200)
  })

  it('moves between spellings that look different', async () => {
    const ann = await signIn()
    expect((await rename(ann, 'ΝΗΠΙΟ')).status).toBe(200)
    expect((await rename(ann, 'νηπιο')).status).toBe(200)
    const folds = nameFolds('νηπιο')
    expect(nameFolds('ΝΗΠΙΟ')).not.toEqual(folds)
    expect((await claimsOf(ann.account)).map(({ fold, name, state }) => ({ fold, name, state }))).toEqual(
      folds.map((fold) => ({ fold, name: 'νηπιο', state: 'held' })),
    )
    for (const { fold, until } of await rowsOf('ΝΗΠΙΟ')) expect(until === null).toBe(folds.includes(fold))
  })
})

describe('a shard', () => {
  it('looks for what lapses by an index, however many names it has', async () => {
    const { shard } = await shardOf(newName())
    const plans = await runInDurableObject(shard, (_, { storage }) =>
      [
        'SELECT fold FROM names WHERE until <= 5 LIMIT 9',
        'SELECT min(until) FROM names WHERE until IS NOT NULL',
      ].map((query) => JSON.stringify(storage.sql.exec(`EXPLAIN QUERY PLAN ${query}`).toArray())),
    )
    for (const plan of plans) expect(plan).toContain('INDEX names_until')
  })
})

describe('a first sign-in', () => {
  it('made five times at once leaves one name', async () => {
    const account = newAccount()
    const stub = env.ACCOUNTS.getByName(account)
    const device = await newDevice()
    const members = await Promise.all(
      [1, 2, 3, 4, 5].map(() => stub.register({ account, device: device.id, seal: device.seal })),
    )
    expect(new Set(members.map(({ displayName }) => displayName)).size).toBe(1)
    expect(members.map(({ ver }) => ver)).toEqual([1, 1, 1, 1, 1])
  })
})
