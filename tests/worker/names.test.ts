import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { accountIdSchema } from '../../protocol/device'
import { DAY_MS, MAX_RENAMES_PER_DAY, NAME_HOLD_MS, NAME_LEASE_MS, NAME_SHARDS } from '../../worker/limits'
import { foldName } from '../../worker/names/fold'
import { isReservedName } from '../../worker/names/reserved'
import { nameShard } from '../../worker/names/shard'
import { randomId } from '../../worker/random'
import { atTime } from './support/clock'
import { newDevice } from './support/device'
import { askToken, authed, rename, signIn, type Viewer } from './support/viewer'
import { codeOf } from './support/worker'

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const newName = (stem = 'Grebe') => `${stem}-${randomId(6).replace(/[-_]/g, 'x')}`
const newAccount = () => accountIdSchema.parse(randomId(16))

const shardOf = async (name: string) => {
  const fold = foldName(name)
  const { NAMES } = env
  let chosen = ''
  const getByName = (shard: string) => {
    chosen = shard
    return NAMES.getByName(shard)
  }
  await nameShard({ getByName }, fold)
  return { fold, shard: NAMES.getByName(chosen), chosen }
}

const rowOf = async (name: string) => {
  const { fold, shard } = await shardOf(name)
  return runInDurableObject(
    shard,
    (_, { storage }) => storage.sql.exec('SELECT owner, until FROM names WHERE fold = ?', fold).toArray()[0],
  )
}

/** Gives somebody an account and a token again after the clock was moved on. */
const refreshed = async (viewer: Viewer): Promise<Viewer> => {
  const { accessToken } = (await (await askToken(viewer.device, viewer.account)).json()) as {
    accessToken: string
  }
  return { ...viewer, accessToken }
}

describe('the name registry', () => {
  it('gives a name to exactly one of a hundred who claim it at once', async () => {
    const { fold, shard } = await shardOf(newName())
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
    expect(new Set(names.map(({ displayName }) => foldName(displayName))).size).toBe(20)
  })

  it('has 256 shards', async () => {
    const shards = new Set<string>()
    for (let index = 0; index < 3_000; index++) shards.add((await shardOf(`name${index}`)).chosen)
    expect(shards.size).toBe(NAME_SHARDS)
  })

  it('forgets a reservation that nobody committed', async () => {
    const name = newName()
    const { fold, shard } = await shardOf(name)
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
    expect((await rename(ann, first)).status).toBe(200)
    expect(await rowOf(first)).toMatchObject({ owner: ann.account, until: null })
    expect((await rename(ann, second)).status).toBe(200)

    atTime(Date.now() + NAME_HOLD_MS + 1_000)
    expect(await codeOf(await rename(await refreshed(bob), first))).toBe('name_taken')
    await runDurableObjectAlarm((await shardOf(first)).shard)
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
  ])('refuses %j', async (name) => {
    expect(await codeOf(await rename(await signIn(), name))).toBe('name_not_allowed')
  })

  it('is limited to ten a day', async () => {
    const viewer = await signIn()
    for (let count = 0; count < MAX_RENAMES_PER_DAY; count++)
      expect((await rename(viewer, newName())).status).toBe(200)
    expect(await codeOf(await rename(viewer, newName()))).toBe('rate_limited')
    atTime(Date.now() + DAY_MS + 1_000)
    expect((await rename(await refreshed(viewer), newName())).status).toBe(200)
  })
})

describe('a rename that was killed', () => {
  it('before the commit frees the name', async () => {
    const viewer = await signIn()
    const name = newName()
    const { fold, shard } = await shardOf(name)
    const account = env.ACCOUNTS.getByName(viewer.account)
    await runInDurableObject(account, (_, { storage }) => {
      storage.sql.exec(
        "INSERT INTO claims (fold, name, state, since) VALUES (?, ?, 'pending', ?)",
        fold,
        name,
        Date.now(),
      )
      return storage.setAlarm(Date.now() + NAME_LEASE_MS)
    })
    await shard.reserve(fold, viewer.account)
    atTime(Date.now() + NAME_LEASE_MS + 1)
    await runDurableObjectAlarm(shard)
    expect(await rowOf(name)).toBeDefined()
    await runDurableObjectAlarm(account)
    atTime(Date.now() + NAME_LEASE_MS + 1)
    await runDurableObjectAlarm(shard)
    expect(await rowOf(name)).toBeUndefined()
    expect(await account.holdOf(foldName(viewer.displayName))).toBe('held')
  })

  it('after the commit is finished by the shard’s alarm, or by the account’s', async () => {
    for (const finisher of ['shard', 'account'] as const) {
      const viewer = await signIn()
      const [old, name] = [newName(), newName()]
      await rename(viewer, old)
      const { fold, shard } = await shardOf(name)
      await shard.reserve(fold, viewer.account)
      const account = env.ACCOUNTS.getByName(viewer.account)
      await runInDurableObject(account, (_, { storage }) => {
        storage.sql.exec("UPDATE claims SET state = 'retiring'")
        storage.sql.exec(
          "INSERT INTO claims (fold, name, state, since) VALUES (?, ?, 'held', ?)",
          fold,
          name,
          Date.now(),
        )
        return storage.setAlarm(Date.now())
      })
      atTime(Date.now() + NAME_LEASE_MS + 1)
      await runDurableObjectAlarm(finisher === 'shard' ? shard : account)
      expect(await rowOf(name)).toMatchObject({ owner: viewer.account, until: null })
      if (finisher === 'shard') continue
      expect(await rowOf(old)).toMatchObject({ until: expect.any(Number) })
      expect(await account.holdOf(foldName(old))).toBe('none')
    }
  })

  it('or of the first name, made five times at once, leaves one name', async () => {
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

describe('folding', () => {
  it('makes one of letter cases and compatibility forms', () => {
    expect(foldName('Straße')).toBe(foldName('STRASSE'))
    expect(foldName('Ｏtter')).toBe('otter')
    expect(foldName('ﬁnch')).toBe('finch')
    expect(foldName('ΣΊΣΥΦΟΣ')).toBe(foldName('σίσυφος'))
    expect(foldName('Otter1')).not.toBe(foldName('Otter2'))
  })

  it('does not reserve innocent words', () => {
    for (const name of ['Badminton', 'Modesty', 'Hostess', 'Ownership', 'Otter12'])
      expect(isReservedName(name)).toBe(false)
  })
})
