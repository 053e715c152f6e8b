import 'fake-indexeddb/auto'
import { Dexie } from 'dexie'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { StoredIdentity } from '../../../platform/identity-store'
import { deviceOf, type KeyPairs, makeKeyPairs } from '../../../platform/key-pairs'
import { SAY_PACE } from '../../../protocol/limits'
import { EMPTY_LINE } from '../../../services/history/archive'
import { ANN, Browser, holds } from './stored'

const IDENTITY = {
  pending: { email: 'ann@example.com', expiresAt: 5 },
  account: { accountId: ANN, displayName: 'QuietHeron' },
  passport: { jwt: 'a.passport.jwt', expiresAt: 9 },
  jwks: { keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'abc' }] },
  clockOffset: 3_600_000,
}

let browser: Browser
let keys: KeyPairs
beforeEach(async () => {
  browser = new Browser()
  keys = await makeKeyPairs()
})
afterEach(async () => {
  vi.restoreAllMocks()
  await browser.delete()
})

/** What version 1 left. */
async function version1({ identity = true, withKeys = true } = {}): Promise<void> {
  const old = new Dexie(browser.name)
  old.version(1).stores({ values: 'name', sequences: 'room' })
  if (withKeys) await old.table('values').put({ name: 'keys', value: keys })
  if (identity) await old.table('values').put({ name: 'identity', value: IDENTITY })
  await old.table('values').put({ name: 'collapsed', value: true })
  await old.table('sequences').bulkPut([
    { room: 'twitch:quietharbour', next: 42 },
    { room: 'twitch:otherplace', next: 3 },
  ])
  old.close()
}

const lineIn = async (room: 'twitch:quietharbour' | 'twitch:otherplace' | 'twitch:newplace') =>
  browser.archive(browser.open(), { room, device: await deviceOf(keys) }).line()

async function expectMigrated(): Promise<void> {
  const rows = await browser.rows()
  for (const secret of ['quietharbour', 'otherplace', 'ann@example.com', 'QuietHeron', 'a.passport.jwt', ANN])
    expect(holds(rows, secret)).toBe(false)
  expect(rows.filter(({ table }) => table === 'sequences')).toEqual([])
  expect(rows.filter(({ table }) => table === 'lines')).toHaveLength(2)
  const store = new StoredIdentity(browser.open())
  expect(await store.load()).toEqual(IDENTITY)
  expect((await store.keys()).device).toBe(await deviceOf(keys))
  expect((await lineIn('twitch:quietharbour')).next).toBe(42)
  expect((await lineIn('twitch:otherplace')).next).toBe(3)
}

it('keeps who is signed in and what number comes next, and nothing readable', async () => {
  await version1()
  expect(holds(await browser.rows(), 'ann@example.com')).toBe(true)
  expect(await browser.open().value('collapsed')).toBe(true)
  await expectMigrated()
  expect(await lineIn('twitch:newplace')).toEqual(EMPTY_LINE)
})

it('takes what was said for said just now, by the Worker’s clock, so that the next is not too fast', async () => {
  await version1()
  vi.spyOn(Date, 'now').mockReturnValue(1_000)
  const ms = 1_000 + IDENTITY.clockOffset
  expect(await lineIn('twitch:quietharbour')).toEqual({
    next: 42,
    last: { ms, count: 0 },
    recent: Array(SAY_PACE.messages).fill(ms),
  })
  expect((await lineIn('twitch:otherplace')).recent).toHaveLength(3)
})

it('may be done by several contexts at once', async () => {
  await version1()
  await Promise.all(Array.from({ length: 4 }, () => new StoredIdentity(browser.open()).load())).then(
    (loaded) => expect(loaded).toEqual(Array(4).fill(IDENTITY)),
  )
  await expectMigrated()
})

it('does not undo what another context did meanwhile', async () => {
  await version1()
  const seal = crypto.subtle.encrypt.bind(crypto.subtle)
  let late = () => {}
  const held = new Promise<void>((resolve) => {
    late = resolve
  })
  // The first context stops just before its transaction; a second one migrates, signs out and says things.
  const encrypt = vi.spyOn(crypto.subtle, 'encrypt').mockImplementationOnce(async (...args) => {
    await held
    return seal(...args)
  })
  const first = new StoredIdentity(browser.open()).load()
  await vi.waitFor(() => expect(encrypt).toHaveBeenCalled())
  const second = new StoredIdentity(browser.open())
  expect(await second.load()).toEqual(IDENTITY)
  await second.forgetKeys()
  await second.save({ clockOffset: 1 })
  late()
  expect(await first).toEqual({ clockOffset: 1 })
  expect((await browser.rows()).filter(({ table }) => table === 'lines')).toEqual([])
})

it('is finished by the next run when it was interrupted while sealing', async () => {
  await version1()
  vi.spyOn(crypto.subtle, 'encrypt').mockRejectedValueOnce(new Error('killed'))
  const database = browser.open()
  await expect(database.value('collapsed')).rejects.toMatchObject({ problem: 'unavailable' })
  expect(holds(await browser.rows(), 'ann@example.com')).toBe(true)
  expect(await database.value('collapsed')).toBe(true)
  await expectMigrated()
})

for (const table of ['values', 'lines', 'sequences'])
  it(`is finished by the next run when it was interrupted while storing, at ${table}`, async () => {
    await version1()
    const database = browser.open()
    let fails = true
    database.use({
      stack: 'dbcore',
      create: (core) => ({
        ...core,
        table: (name) => ({
          ...core.table(name),
          mutate: (request) => {
            // What the migration adds, after the storage keys were made.
            const isMigration = name !== 'values' || request.type !== 'add'
            return fails && isMigration && name === table
              ? Promise.reject(new Error('killed'))
              : core.table(name).mutate(request)
          },
        }),
      }),
    })
    await expect(database.value('collapsed')).rejects.toMatchObject({ problem: 'unavailable' })
    const rows = await browser.rows()
    expect(holds(rows, 'ann@example.com')).toBe(true)
    expect(rows.filter(({ table }) => table === 'sequences')).toHaveLength(2)
    expect(rows.filter(({ table }) => table === 'lines')).toEqual([])
    fails = false
    expect(await database.value('collapsed')).toBe(true)
    await expectMigrated()
  })

it('drops numbers that belong to no key', async () => {
  await version1({ withKeys: false, identity: false })
  expect(await new StoredIdentity(browser.open()).load()).toEqual({})
  const rows = await browser.rows()
  expect(rows.filter(({ table }) => table === 'lines' || table === 'sequences')).toEqual([])
})

it('adds a place for emotes to what version 2 left, and touches nothing else', async () => {
  const old = new Dexie(browser.name)
  old.version(1).stores({ values: 'name', sequences: 'room' })
  old.version(2).stores({
    messages: '[room+ms+count+id]',
    counts: 'room',
    marks: 'room',
    outbox: '++n, &[room+key]',
    lines: 'line',
    proofs: '[room+device]',
  })
  await old.table('values').bulkPut([
    { name: 'keys', value: keys },
    { name: 'direct', value: true },
  ])
  await old.table('counts').put({ room: 'hashed', count: 7 })
  old.close()
  const database = browser.open()
  expect(await database.value('direct')).toBe(true)
  expect(await database.counts.toArray()).toEqual([{ room: 'hashed', count: 7 }])
  expect((await new StoredIdentity(database).keys()).device).toBe(await deviceOf(keys))
  expect(await database.emotes.toArray()).toEqual([])
})
