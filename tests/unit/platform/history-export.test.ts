import 'fake-indexeddb/auto'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Database } from '../../../platform/database'
import { clearHistory, clearHistoryOf, exportHistory, pruneHistory } from '../../../platform/history-export'
import { LOG_LENGTH } from '../../../protocol/limits'
import { ANN, BOB, Browser, DEVICE, ROOM, said, saidMany } from './stored'

let browser: Browser
let database: Database
beforeEach(() => {
  browser = new Browser()
  database = browser.open()
})
afterEach(() => browser.delete())

const rowsOf = async (table: string) => (await browser.rows()).filter((row) => row.table === table)

it('exports an account’s history, and only that', async () => {
  const elsewhere = 'twitch:elsewhere'
  await browser.archive(database).append(await saidMany(3))
  await browser
    .archive(database, { room: elsewhere })
    .append([await said(9, { room: elsewhere, text: 'there' })])
  await browser.archive(database, { accountId: BOB }).append([await said(5, { text: 'of another account' })])
  await browser.tamper('messages', (table) =>
    table.filter(({ ms, room }) => ms === 1_001 && room !== '').modify({ sealed: new Uint8Array(40) }),
  )
  const exported: unknown = JSON.parse(await exportHistory(browser.open(), ANN, Date.UTC(2031, 4, 5)))
  const entry = async (seq: number) => ({
    id: (await said(seq)).id,
    time: new Date(1_000 + seq).toISOString(),
    account: BOB,
    device: DEVICE,
    name: 'Bluebird',
    text: `words ${seq}`,
  })
  const there = await said(9, { room: elsewhere, text: 'there' })
  expect(exported).toEqual({
    format: 'sidestream-history',
    version: 1,
    exportedAt: '2031-05-05T00:00:00.000Z',
    rooms: expect.arrayContaining([
      { room: ROOM, messages: [await entry(0), await entry(2)] },
      { room: elsewhere, messages: [{ ...(await entry(9)), id: there.id, text: 'there' }] },
    ]),
    unreadable: 1,
  })
  expect(JSON.stringify(exported)).not.toContain('of another account')
  expect(JSON.parse(await exportHistory(database, DEVICE.slice(0, 22) as typeof ANN, 0))).toMatchObject({
    rooms: [],
  })
})

it('exports how something was said, and what it answers', async () => {
  const { id: reply } = await said(0)
  await browser.archive(database).append([await said(1, { kind: 'me', text: 'waves', reply })])
  expect(JSON.parse(await exportHistory(browser.open(), ANN, 0))).toMatchObject({
    rooms: [{ messages: [{ text: 'waves', me: true, reply }] }],
  })
})

it('clears everything heard in any room, so that it does not come back, and nothing else', async () => {
  const mine = browser.archive(database)
  const future = browser.archive(database, { room: 'twitch:elsewhere' })
  const messages = await saidMany(5)
  await mine.append(messages)
  await mine.saveProof(DEVICE, {
    first: (await said(1)).signed,
    second: (await said(1, { text: 'y' })).signed,
    passport: 'p',
  })
  await mine.queue({ key: 'said', text: 'x', ms: 1 })
  const own = await said(0, { ms: 2_000, key: 'said', text: 'x' })
  await mine.commit(own, { next: 1, last: own.time, recent: [] })
  await mine.queue({ key: 'unsaid', text: 'x', ms: 1 })
  await future.append([await said(0, { room: 'twitch:elsewhere', ms: 90_000 })])

  await clearHistory(browser.open(), 50_000)

  expect(await rowsOf('messages')).toEqual([])
  expect(await rowsOf('proofs')).toEqual([])
  expect(await mine.clearedUntil()).toBe(50_000)
  expect(await future.clearedUntil()).toBe(90_000)
  expect(await browser.archive(database, { room: 'twitch:silent' }).clearedUntil()).toBe(0)
  await mine.append([...messages, await said(7, { ms: 50_001 })])
  expect((await mine.page(null, 9)).messages.map(({ seq }) => seq)).toEqual([7])
  expect(await mine.waiting()).toEqual([{ key: 'unsaid', text: 'x', ms: 1 }])
  expect((await mine.line()).next).toBe(1)
})

it('clears what one account heard, and rooms that nobody can read', async () => {
  const elsewhere = 'twitch:elsewhere'
  const [mine, theirs] = [browser.archive(database), browser.archive(database, { accountId: BOB })]
  const broken = browser.archive(database, { room: elsewhere })
  const proof = {
    first: (await said(1)).signed,
    second: (await said(1, { text: 'y' })).signed,
    passport: 'p',
  }
  for (const archive of [mine, theirs]) {
    await archive.append(await saidMany(3))
    await archive.saveProof(DEVICE, proof)
  }
  // One that cannot be read hides nothing of whose room it is.
  await browser.tamper('messages', (table) =>
    table.filter(({ ms }) => ms === 1_002).modify({ sealed: new Uint8Array(40) }),
  )
  await broken.append([await said(9, { room: elsewhere })])
  await browser.tamper('messages', (table) =>
    table.filter(({ ms }) => ms === 1_009).modify({ sealed: new Uint8Array(40) }),
  )

  await clearHistoryOf(browser.open(), ANN, 50_000)

  expect((await theirs.page(null, 9)).messages.map(({ seq }) => seq)).toEqual([0, 1])
  expect(await rowsOf('messages')).toHaveLength(3)
  expect(await rowsOf('proofs')).toHaveLength(1)
  expect([await mine.clearedUntil(), await theirs.clearedUntil()]).toEqual([50_000, 0])
})

it('prunes what is too much and sets wrong counts right', async () => {
  const archive = browser.archive(database)
  await archive.append(await saidMany(LOG_LENGTH))
  await browser
    .archive(database, { room: 'twitch:elsewhere' })
    .append([await said(0, { room: 'twitch:elsewhere' })])
  const known = (await rowsOf('messages')).find(({ row }) => row.ms === 1_500)
  await browser.tamper('messages', (table) =>
    table.bulkAdd([1, 2, 3].map((ms) => ({ ...known?.row, ms, id: `old ${ms}` }))),
  )
  await browser.tamper('counts', (table) => table.toCollection().modify({ count: 2 }))
  await pruneHistory(database)
  const left = await rowsOf('messages')
  expect(left).toHaveLength(LOG_LENGTH + 1)
  expect(left.some(({ row }) => row.ms === 3)).toBe(false)
  // Otherwise it would take the room for nearly empty.
  await archive.append(await saidMany(3, LOG_LENGTH))
  expect(await rowsOf('messages')).toHaveLength(LOG_LENGTH + 1)
  expect((await archive.page(null, 1)).messages[0]?.seq).toBe(LOG_LENGTH + 2)
})
