import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { AccountId } from '../../protocol/device'
import { NAME_HOLD_MS, NAME_LEASE_MS } from '../../worker/limits'
import { nameFolds } from '../../worker/names/fold'
import { AccountName } from '../../worker/objects/account-name'
import { AccountRow } from '../../worker/objects/account-row'
import { NameClaims } from '../../worker/objects/name-claims'
import type { NameShardPort, ObjectNamespace } from '../../worker/ports'
import { atTime } from './support/clock'
import { claimsOf, letAlarmsRing, newAccount, newName, rowsOf, shardOf } from './support/names'
import { refreshed, rename, signIn } from './support/viewer'
import { codeOf } from './support/worker'

afterEach(() => vi.useRealTimers())

/** Called before and after each word between an account and a shard. `kill` ends the account's object, as a crash does. */
type Step = (what: string, kill: () => void) => Promise<void>
type Watch = (what: string) => Promise<void>

/** The real shards, with `step` around every call that changes something. */
const watched = (step: Watch): ObjectNamespace<NameShardPort> => ({
  getByName(name) {
    const shard = env.NAMES.getByName(name)
    const around = async <T>(what: string, call: () => Promise<T>): Promise<T> => {
      await step(`before ${what}`)
      const answer = await call()
      await step(`after ${what}`)
      return answer
    }
    return {
      standing: (...args) => shard.standing(...args),
      ownerOf: (...args) => shard.ownerOf(...args),
      free: (...args) => shard.free(...args),
      reserve: (...args) => around('reserve', () => shard.reserve(...args)),
      confirm: (...args) => around('confirm', () => shard.confirm(...args)),
      retire: (...args) => around('retire', () => shard.retire(...args)),
    }
  },
})

/** Works on an account's own storage as its object does, with `step` around each word to the shards. */
const asAccount = <T>(account: AccountId, step: Step, work: (name: AccountName) => Promise<T>) =>
  runInDurableObject(env.ACCOUNTS.getByName(account), async (_, ctx) => {
    const row = new AccountRow(ctx.storage.sql)
    const watch = (what: string) => step(what, () => ctx.abort('killed'))
    const arm = async () => {
      await watch('before arm')
      await ctx.storage.setAlarm(Date.now() + NAME_LEASE_MS)
      await watch('after arm')
    }
    return work(new AccountName(new NameClaims(ctx.storage, row), row, watched(watch), arm))
  })

/** Every step of a rename, in order. */
async function stepsOf(account: AccountId, to: string): Promise<string[]> {
  const steps: string[] = []
  const note = async (what: string) => void steps.push(what)
  expect(await asAccount(account, note, (name) => name.rename(to, account))).toMatchObject({
    outcome: 'renamed',
  })
  return steps
}

/** Nothing lost, nothing held twice, nothing stuck: exactly one of the names is the account's, for good. */
async function expectSound(account: AccountId, old: string, wanted: string): Promise<'old' | 'new'> {
  const claims = await claimsOf(account)
  const names = new Set(claims.map(({ name }) => name))
  expect(names.size).toBe(1)
  const [name] = names
  const kept = name === old ? 'old' : 'new'
  expect(name).toBe(kept === 'old' ? old : wanted)
  expect(claims).toEqual(nameFolds(String(name)).map((fold) => ({ fold, name, state: 'held', told: 1 })))
  const rows = await rowsOf(String(name))
  expect(rows).toEqual(nameFolds(String(name)).map((fold) => ({ fold, owner: account, until: null })))
  const others = await rowsOf(kept === 'old' ? wanted : old)
  if (kept === 'old') expect(others).toEqual([])
  for (const { owner, until } of others) {
    expect(owner).toBe(account)
    expect(until).toBeGreaterThan(Date.now())
    expect(until).toBeLessThanOrEqual(Date.now() + NAME_HOLD_MS)
  }
  return kept
}

/** Two keys: capital and small letters look like different Latin ones. */
const twoKeyed = () => `${newName('ΝΥΧ')}`

describe.each([
  ['a name of one key', () => newName()],
  ['a name of two keys', twoKeyed],
])('a rename to %s', (_, fresh) => {
  it('has the steps that are killed below', async () => {
    const viewer = await signIn()
    const to = fresh()
    const reserve = nameFolds(to).flatMap(() => ['before reserve', 'after reserve'])
    const confirm = nameFolds(to).flatMap(() => ['before confirm', 'after confirm'])
    expect(await stepsOf(viewer.account, to)).toEqual([
      ...['before arm', 'after arm'],
      ...reserve,
      ...confirm,
      ...['before retire', 'after retire'],
    ])
  })

  // One more than there are: nothing is killed then.
  const kills = Array.from({ length: 13 }, (_, at) => at)

  it.each(kills)('recovers from a kill of the account at step %i', async (at) => {
    const viewer = await signIn()
    const [old, wanted] = [viewer.displayName, fresh()]
    let count = 0
    let killed: string | undefined
    const renaming = asAccount(
      viewer.account,
      async (what, kill) => {
        if (count++ !== at) return
        killed = what
        kill()
        throw new Error('nothing of it goes on')
      },
      (name) => name.rename(wanted, viewer.account),
    )
    const end = await renaming.then(
      () => 'done',
      (error: unknown) => String(error),
    )
    expect(end).toBe(killed === undefined ? 'done' : 'Error: killed')

    await letAlarmsRing(viewer.account, [old, wanted])
    const kept = await expectSound(viewer.account, old, wanted)
    // The commit is on disk, or not, when the very next step fails; from then on it is.
    if (killed === undefined || /after confirm|retire/.test(killed)) expect(kept).toBe('new')
    else if (killed !== 'before confirm') expect(kept).toBe('old')
    // It is nobody else's if it is ours, and anybody's if it is not.
    const other = newAccount()
    const [fold = ''] = nameFolds(wanted)
    expect(await (await shardOf(fold)).shard.reserve(fold, other)).toBe(kept === 'old')
  })

  it.each(kills)('recovers from an answer that was lost at step %i', async (at) => {
    const viewer = await signIn()
    const [old, wanted] = [viewer.displayName, fresh()]
    let count = 0
    await asAccount(
      viewer.account,
      async () => {
        if (count++ === at) throw new Error('lost')
      },
      (name) => name.rename(wanted, viewer.account),
    ).catch(() => undefined)
    await letAlarmsRing(viewer.account, [old, wanted])
    await expectSound(viewer.account, old, wanted)
    vi.useRealTimers()
    const again = await rename(await signIn(), wanted)
    expect(again.status).toBe(
      (await rowsOf(wanted)).some(({ owner }) => owner === viewer.account) ? 409 : 200,
    )
  })

  it.each(kills)('can be repeated at once after a kill at step %i', async (at) => {
    const viewer = await signIn()
    const wanted = fresh()
    let count = 0
    await asAccount(
      viewer.account,
      async () => {
        if (count++ === at) throw new Error('lost')
      },
      (name) => name.rename(wanted, viewer.account),
    ).catch(() => undefined)
    expect((await rename(viewer, wanted)).status).toBe(200)
    await letAlarmsRing(viewer.account, [viewer.displayName, wanted])
    expect(await expectSound(viewer.account, viewer.displayName, wanted)).toBe('new')
  })
})

describe('the first name', () => {
  it.each([0, 1, 2, 3, 4, 5])('comes although the first sign-in was killed at step %i', async (at) => {
    const viewer = await signIn()
    const { account } = viewer
    // As accounts were before they had names.
    await runInDurableObject(env.ACCOUNTS.getByName(account), (_, { storage }) =>
      storage.sql.exec('DELETE FROM claims'),
    )
    let count = 0
    await asAccount(
      account,
      async (what, kill) => {
        if (count++ !== at) return
        kill()
        throw new Error(what)
      },
      (name) => name.ensure(account),
    ).catch(() => undefined)
    const tried = (await claimsOf(account)).map(({ name }) => String(name))
    const first = (await refreshed(viewer)).displayName
    await letAlarmsRing(account, [...tried, first])
    expect((await claimsOf(account)).map(({ name, state, told }) => ({ name, state, told }))).toEqual([
      { name: first, state: 'held', told: 1 },
    ])
    for (const name of tried) if (name !== first) expect(await rowsOf(name)).toEqual([])
  })
})

describe('a shard whose lease has run out', () => {
  const ring = async (name: string) => {
    atTime(Date.now() + NAME_LEASE_MS + 1)
    for (const fold of nameFolds(name)) await runDurableObjectAlarm((await shardOf(fold)).shard)
  }
  const stoppedAt = async (step: string) => {
    const viewer = await signIn()
    const wanted = newName()
    const stop: Step = async (what) => {
      if (what === step) throw new Error('lost')
    }
    await asAccount(viewer.account, stop, (name) => name.rename(wanted, viewer.account)).catch(
      () => undefined,
    )
    return { viewer, wanted }
  }

  it('keeps a name for an account that may still commit it', async () => {
    const { viewer, wanted } = await stoppedAt('after reserve')
    await ring(wanted)
    await ring(wanted)
    expect((await rowsOf(wanted)).map(({ owner }) => owner)).toEqual([viewer.account])
    await letAlarmsRing(viewer.account, [wanted])
    expect(await rowsOf(wanted)).toEqual([])
  })

  it('finishes for an account that committed it and was never heard of again', async () => {
    const { viewer, wanted } = await stoppedAt('before confirm')
    await ring(wanted)
    expect((await rowsOf(wanted)).map(({ owner, until }) => ({ owner, until }))).toEqual([
      { owner: viewer.account, until: null },
    ])
  })

  it('keeps a name while the account cannot be asked', async () => {
    const { viewer, wanted } = await stoppedAt('before confirm')
    const account = env.ACCOUNTS.getByName(viewer.account)
    // Its storage fails as long as the table is away.
    const rebuild = (from: string, to: string) =>
      runInDurableObject(account, (_, { storage }) => storage.sql.exec(`ALTER TABLE ${from} RENAME TO ${to}`))
    await rebuild('claims', 'away')
    await ring(wanted)
    expect((await rowsOf(wanted))[0]).toMatchObject({ owner: viewer.account, until: expect.any(Number) })
    await rebuild('away', 'claims')
    await ring(wanted)
    expect((await rowsOf(wanted))[0]).toMatchObject({ owner: viewer.account, until: null })
  })
})

describe('word that comes late', () => {
  it('neither gives back what was given up nor takes what was taken back', async () => {
    const account = newAccount()
    const [fold = ''] = nameFolds(newName())
    const { shard } = await shardOf(fold)
    const until = () =>
      runInDurableObject(shard, (_, { storage }) =>
        storage.sql.exec<{ until: number | null }>('SELECT until FROM names WHERE fold = ?', fold).one(),
      )
    await shard.reserve(fold, account)
    await shard.confirm(fold, account, 2)
    await shard.retire(fold, account, 3)
    expect(await shard.confirm(fold, account, 2)).toBe(true)
    expect((await until()).until).not.toBeNull()
    await shard.confirm(fold, account, 4)
    await shard.retire(fold, account, 3)
    await shard.reserve(fold, account)
    expect((await until()).until).toBeNull()
  })
})

describe('a name that the registry gave to somebody else', () => {
  it('is replaced by another one, and nobody is stuck', async () => {
    const viewer = await signIn()
    const wanted = newName()
    const thief = newAccount()
    const unheard: Step = async (what) => {
      if (what === 'before confirm') throw new Error('away')
    }
    await asAccount(viewer.account, unheard, (name) => name.rename(wanted, viewer.account))
    // As if the shard had lost what it knew.
    const [fold = ''] = nameFolds(wanted)
    await runInDurableObject((await shardOf(fold)).shard, (_, { storage }) => {
      storage.sql.exec('UPDATE names SET owner = ?, until = NULL WHERE fold = ?', thief, fold)
    })
    await letAlarmsRing(viewer.account, [wanted])
    vi.useRealTimers()
    const { displayName } = await refreshed(viewer)
    expect([wanted, viewer.displayName]).not.toContain(displayName)
    expect((await rowsOf(wanted)).map(({ owner }) => owner)).toEqual([thief])
    expect(await codeOf(await rename(viewer, wanted))).toBe('name_taken')
    expect((await rename(viewer, newName())).status).toBe(200)
  })
})

describe('a shard that cannot be reached', () => {
  it('is told later, without an alarm that rings without end', async () => {
    const viewer = await signIn()
    const wanted = newName()
    const away: Step = async (what) => {
      if (/confirm|retire/.test(what)) throw new Error('away')
    }
    await asAccount(viewer.account, away, async (name) => {
      expect(await name.rename(wanted, viewer.account)).toMatchObject({ outcome: 'renamed' })
    })
    const due = () =>
      runInDurableObject(env.ACCOUNTS.getByName(viewer.account), (_, { storage }) =>
        new NameClaims(storage, new AccountRow(storage.sql)).due(),
      )
    expect(await due()).toBeGreaterThan(Date.now())
    atTime(Date.now() + 2 * NAME_LEASE_MS)
    expect(await due()).toBeLessThan(Date.now())
    await asAccount(viewer.account, away, (name) => name.settle(viewer.account))
    expect(await due()).toBeGreaterThan(Date.now())
    await letAlarmsRing(viewer.account, [viewer.displayName, wanted])
    expect(await expectSound(viewer.account, viewer.displayName, wanted)).toBe('new')
  })
})

describe('an account that ends', () => {
  it('gives its name up, which is nobody’s for 30 days', async () => {
    const viewer = await signIn()
    const fails = { now: true }
    const step = async (what: string) => {
      if (fails.now && what === 'before retire') throw new Error('away')
    }
    await asAccount(viewer.account, step, async (name) => {
      await expect(name.release(viewer.account)).rejects.toThrow()
      fails.now = false
      await name.release(viewer.account)
    })
    expect(await claimsOf(viewer.account)).toEqual([])
    const [row] = await rowsOf(viewer.displayName)
    expect(Math.abs(Number(row?.until) - Date.now() - NAME_HOLD_MS)).toBeLessThan(60_000)
    expect(await codeOf(await rename(await signIn(), viewer.displayName))).toBe('name_taken')
  })
})
