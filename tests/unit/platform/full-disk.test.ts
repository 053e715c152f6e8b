import 'fake-indexeddb/auto'
import { Dexie } from 'dexie'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Database } from '../../../platform/database'
import { asStorageError } from '../../../platform/storage-failure'
import { StorageError } from '../../../protocol/storage-error'
import type { RoomArchive } from '../../../services/history/archive'
import { Browser, said, saidMany } from './stored'

let browser: Browser
let database: Database
let archive: RoomArchive
/** Records that must go before anything more fits onto the disk. */
let excess = 0

const full = () => new DOMException('no room', 'QuotaExceededError')

beforeEach(() => {
  excess = 0
  browser = new Browser()
  database = browser.open()
  archive = browser.archive(database)
  database.use({
    stack: 'dbcore',
    create: (core) => ({
      ...core,
      table: (name) => ({
        ...core.table(name),
        mutate(request) {
          if (request.type === 'delete') excess -= request.keys.length
          const isMore = request.type === 'add' || request.type === 'put'
          return isMore && excess > 0 ? Promise.reject(full()) : core.table(name).mutate(request)
        },
      }),
    }),
  })
})
afterEach(() => browser.delete())

const countIn = async () => (await browser.rows()).filter(({ table }) => table === 'messages').length

describe('a full disk', () => {
  it('has old messages of all rooms let go, and then takes the new ones', async () => {
    const elsewhere = browser.archive(database, { room: 'twitch:elsewhere' })
    await archive.append(await saidMany(300))
    await elsewhere.append(await saidMany(250, 0, { room: 'twitch:elsewhere' }))
    excess = 150
    await archive.append(await saidMany(5, 300))
    expect(await countIn()).toBe(200 + 5 + 200)
    expect((await archive.page(null, 1)).messages[0]?.seq).toBe(304)
    expect((await elsewhere.page(null, 300)).messages[0]?.seq).toBe(50)
    await archive.append(await saidMany(1, 400))
    expect((await archive.page(null, 300)).messages).toHaveLength(206)
  })

  it('is told when nothing more can be let go, and leaves what there is', async () => {
    await archive.append(await saidMany(250))
    excess = 10_000
    const calls = [
      archive.append([await said(900)]),
      archive.queue({ key: 'k', text: 'x', ms: 1 }),
      database.setValue('collapsed', true),
    ]
    await Promise.all(calls.map((call) => expect(call).rejects.toEqual(new StorageError('full'))))
    expect((await archive.page(null, 500)).messages).toHaveLength(200)
    expect(await archive.waiting()).toEqual([])
    excess = 0
    await archive.queue({ key: 'k', text: 'x', ms: 1 })
    expect(await archive.waiting()).toHaveLength(1)
  })

  it('takes an own message once room was made', async () => {
    await archive.append(await saidMany(300, 1))
    await archive.queue({ key: 'k', text: 'x', ms: 1 })
    excess = 100
    const mine = await said(0, { ms: 9_000, key: 'k' })
    expect(await archive.commit(mine, { next: 1, last: mine.time, recent: [] })).toBe(true)
    expect((await archive.page(null, 1)).messages).toEqual([mine])
    expect(await archive.waiting()).toEqual([])
  })
})

it('is noticed although only some of a batch do not fit, and none of them is stored', async () => {
  let fails = 2
  database.use({
    stack: 'dbcore',
    name: 'partly full',
    create: (core) => ({
      ...core,
      table: (name) => ({
        ...core.table(name),
        async mutate(request) {
          const answer = await core.table(name).mutate(request)
          if (name !== 'messages' || request.type !== 'add' || fails-- <= 0) return answer
          return { ...answer, numFailures: 1, failures: { 1: full() } }
        },
      }),
    }),
  })
  await expect(archive.append(await saidMany(3))).rejects.toEqual(new StorageError('full'))
  expect(await countIn()).toBe(0)
  await archive.append(await saidMany(3))
  expect(await countIn()).toBe(3)
})

describe('what a database says', () => {
  it('is full, however deep in an error that is said', () => {
    const aborted = new Dexie.AbortError('Transaction aborted', full())
    const failed = new Dexie.BulkError('messages.bulkPut()', { 0: new Dexie.ConstraintError('x'), 3: full() })
    for (const error of [full(), aborted, failed, new Error('wrapped', { cause: aborted })])
      expect(asStorageError(error).problem).toBe('full')
  })

  it('is unavailable for any other reason', () => {
    const nameless = Object.assign(new Error('round'), { inner: undefined as unknown })
    nameless.inner = nameless
    for (const error of [
      new Dexie.VersionError('x'),
      new DOMException('x', 'UnknownError'),
      nameless,
      'text',
      null,
    ])
      expect(asStorageError(error).problem).toBe('unavailable')
  })

  it('is not said twice', () => {
    const error = new StorageError('full')
    expect(asStorageError(error)).toBe(error)
  })
})
