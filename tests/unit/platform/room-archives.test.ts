import 'fake-indexeddb/auto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Database } from '../../../platform/database'
import { LOG_LENGTH, MAX_PROOFS } from '../../../protocol/limits'
import { messageId } from '../../../protocol/message'
import { EMPTY_LINE, type Line, type RoomArchive, StorageError } from '../../../services/history/archive'
import { ANN, BOB, Browser, DEVICE, deviceOf, ROOM, said, saidMany } from './stored'

let browser: Browser
let database: Database
let archive: RoomArchive
beforeEach(() => {
  browser = new Browser()
  database = browser.open()
  archive = browser.archive(database)
})
afterEach(() => browser.delete())

const texts = async (archive: RoomArchive) =>
  (await archive.page(null, LOG_LENGTH)).messages.map(({ body }) => body)
const storedRows = async () => (await browser.rows()).filter(({ table }) => table === 'messages')

describe('history', () => {
  it('gives back what was stored, whole and in order, to whoever opens it next', async () => {
    const messages = await saidMany(3)
    await archive.append([...messages].reverse())
    const page = await browser.archive(browser.open()).page(null, 10)
    expect(page).toEqual({ messages, corrupt: 0, more: false })
  })

  it('remembers under which key a message was said', async () => {
    const message = await said(1, { key: 'k' })
    await archive.append([message])
    expect((await archive.page(null, 1)).messages).toEqual([message])
  })

  it('remembers how something was said and what it answers, so that its bytes are the same again', async () => {
    const { id: reply } = await said(0)
    const messages = [await said(1, { kind: 'me', text: 'waves' }), await said(2, { reply })]
    await archive.append(messages)
    const { messages: read } = await browser.archive(browser.open()).page(null, 10)
    expect(read).toEqual(messages)
    for (const { id, signed } of read) expect(await messageId(signed.bytes)).toBe(id)
  })

  it('is read backwards page by page', async () => {
    const messages = await saidMany(25)
    await archive.append(messages)
    const newest = await archive.page(null, 10)
    expect(newest).toEqual({ messages: messages.slice(15), corrupt: 0, more: true })
    const middle = await archive.page(newest.messages[0]?.time ?? null, 10)
    expect(middle).toEqual({ messages: messages.slice(5, 15), corrupt: 0, more: true })
    const oldest = await archive.page(middle.messages[0]?.time ?? null, 10)
    expect(oldest).toEqual({ messages: messages.slice(0, 5), corrupt: 0, more: false })
  })

  it('orders by the hybrid time, then the device', async () => {
    const messages = await Promise.all([
      said(0, { ms: 5, count: 2, device: 9 }),
      said(0, { ms: 5, count: 10, device: 1 }),
      said(0, { ms: 40, device: 1 }),
      said(0, { ms: 40, device: 2 }),
    ])
    await archive.append([...messages].reverse())
    expect((await archive.page(null, 10)).messages).toEqual(messages)
  })

  it('never ends a page between messages of one stamp, so that none is skipped', async () => {
    const twins = await Promise.all([1, 2, 3, 4, 5].map((device) => said(0, { ms: 50, device })))
    await archive.append([await said(1, { ms: 10 }), ...twins, await said(2, { ms: 90 })])
    const newest = await archive.page(null, 3)
    expect(newest.messages).toHaveLength(6)
    expect(newest.more).toBe(true)
    const rest = await archive.page({ ms: 50, count: 0 }, 3)
    expect(rest.messages.map(({ time }) => time.ms)).toEqual([10])
    expect(rest.more).toBe(false)
  })

  it('stores a message once however often it is appended', async () => {
    const messages = await saidMany(4)
    await archive.append([...messages, ...messages])
    await archive.append(messages)
    await browser.archive(browser.open()).append(messages)
    expect(await storedRows()).toHaveLength(4)
    expect((await browser.rows()).find(({ table }) => table === 'counts')?.row.count).toBe(4)
  })

  it('keeps the newest, whatever order they come in', async () => {
    const messages = await saidMany(LOG_LENGTH + 60)
    await archive.append(messages.slice(500))
    await archive.append(messages.slice(0, 500))
    expect(await storedRows()).toHaveLength(LOG_LENGTH)
    expect(await texts(archive)).toEqual(messages.slice(60).map(({ body }) => body))
    await archive.append(await saidMany(1, LOG_LENGTH + 60))
    expect(await storedRows()).toHaveLength(LOG_LENGTH)
    expect((await archive.page(null, LOG_LENGTH)).messages[0]?.body).toBe('words 61')
  })

  it('counts right after messages were removed', async () => {
    const messages = await saidMany(LOG_LENGTH)
    await archive.append(messages)
    await archive.remove([...messages.slice(0, 10), await said(5_000)])
    await archive.append(await saidMany(10, LOG_LENGTH))
    expect((await texts(archive)).slice(0, 1)).toEqual(['words 10'])
    expect(await storedRows()).toHaveLength(LOG_LENGTH)
  })

  it('belongs to the account: another one on this browser sees none of it', async () => {
    await archive.append(await saidMany(3))
    await archive.queue({ key: 'k', text: 'mine', ms: 1 })
    const others = browser.archive(database, { accountId: BOB })
    expect(await others.page(null, 10)).toEqual({ messages: [], corrupt: 0, more: false })
    expect(await others.waiting()).toEqual([])
    const elsewhere = browser.archive(database, { room: 'twitch:elsewhere' })
    expect(await elsewhere.page(null, 10)).toEqual({ messages: [], corrupt: 0, more: false })
    const newDevice = browser.archive(database, { device: deviceOf(8) })
    expect((await newDevice.page(null, 10)).messages).toHaveLength(3)
    expect(await newDevice.waiting()).toHaveLength(1)
  })

  it('is shared by two contexts that append at once', async () => {
    const other = browser.archive(browser.open())
    const messages = await saidMany(60)
    await Promise.all(
      messages.map((message, index) =>
        (index % 2 ? archive : other).append([message, ...messages.slice(0, 2)]),
      ),
    )
    expect((await archive.page(null, 100)).messages).toEqual(messages)
    expect((await browser.rows()).find(({ table }) => table === 'counts')?.row.count).toBe(60)
  })
})

describe('clearing a room', () => {
  it('forgets what was said until then, and does not take it back', async () => {
    const messages = await saidMany(10)
    await archive.append(messages)
    expect(await archive.clearedUntil()).toBe(0)
    await archive.clear(1_006)
    expect(await archive.clearedUntil()).toBe(1_006)
    expect((await archive.page(null, 10)).messages).toEqual(messages.slice(7))
    await archive.append(messages)
    expect((await archive.page(null, 10)).messages).toEqual(messages.slice(7))
    expect((await browser.rows()).find(({ table }) => table === 'counts')?.row.count).toBe(3)
  })

  it('never goes back, and is no other room’s affair', async () => {
    const elsewhere = browser.archive(database, { room: 'twitch:elsewhere' })
    await elsewhere.append([await said(1, { room: 'twitch:elsewhere' })])
    await archive.clear(5_000)
    await archive.clear(2_000)
    expect(await archive.clearedUntil()).toBe(5_000)
    expect(await elsewhere.clearedUntil()).toBe(0)
    expect((await elsewhere.page(null, 10)).messages).toHaveLength(1)
  })
})

describe('damaged records', () => {
  const damage = {
    'a flipped byte': (row: { sealed: Uint8Array }) => {
      row.sealed[20] = (row.sealed[20] ?? 0) ^ 1
    },
    'a cut off record': (row: { sealed: Uint8Array }) => {
      row.sealed = row.sealed.slice(0, 5)
    },
    'no bytes at all': (row: { sealed: unknown }) => {
      row.sealed = { garbage: true }
    },
  }
  for (const [what, change] of Object.entries(damage)) {
    it(`are skipped and counted: ${what}`, async () => {
      const messages = await saidMany(6)
      await archive.append(messages)
      await browser.tamper('messages', (table) =>
        table.filter(({ ms }) => ms === messages[4]?.time.ms).modify(change),
      )
      expect(await archive.page(null, 3)).toEqual({
        messages: [messages[2], messages[3], messages[5]],
        corrupt: 1,
        more: true,
      })
    })
  }

  it('are skipped and counted: contents that changed places, and a row of somebody else', async () => {
    const messages = await saidMany(4)
    await archive.append(messages)
    await browser.tamper('messages', async (table) => {
      const [first, second] = await table.toArray()
      await table.bulkPut([
        { ...first, sealed: second.sealed },
        { ...second, sealed: first.sealed },
        { ...first, id: 'garbage', sealed: new Uint8Array(40) },
      ])
    })
    expect(await archive.page(null, 10)).toEqual({ messages: messages.slice(2), corrupt: 3, more: false })
  })

  it('do not hide what is older, even where a whole page is damaged', async () => {
    const messages = await saidMany(20)
    await archive.append(messages)
    await browser.tamper('messages', (table) =>
      table.filter(({ ms }) => ms >= 1_005).modify({ sealed: new Uint8Array(9) }),
    )
    expect(await archive.page(null, 3)).toEqual({ messages: messages.slice(2, 5), corrupt: 15, more: true })
  })

  it('are mended by the same message from a peer', async () => {
    const messages = await saidMany(2)
    await archive.append(messages)
    await browser.tamper('messages', (table) => table.toCollection().modify({ sealed: 'garbage' }))
    await archive.append(messages)
    expect(await archive.page(null, 9)).toEqual({ messages, corrupt: 0, more: false })
  })
})

describe('the outbox', () => {
  it('keeps entries in the order they came, each key once', async () => {
    await archive.queue({ key: 'b', text: 'first', ms: 9 })
    await archive.queue({ key: 'a', text: 'second', ms: 5, me: true, reply: (await said(1)).id })
    await archive.queue({ key: 'b', text: 'again', ms: 10 })
    expect(await browser.archive(browser.open()).waiting()).toEqual([
      { key: 'b', text: 'first', ms: 9 },
      { key: 'a', text: 'second', ms: 5, me: true, reply: (await said(1)).id },
    ])
    await archive.unqueue('b')
    await archive.queue({ key: 'b', text: 'first', ms: 11 })
    expect((await archive.waiting()).map(({ key }) => key)).toEqual(['a', 'b'])
  })

  it('skips what cannot be read', async () => {
    await archive.queue({ key: 'a', text: 'one', ms: 1 })
    await archive.queue({ key: 'b', text: 'two', ms: 2 })
    await browser.tamper('outbox', (table) =>
      table.filter(({ key }) => key === 'a').modify({ sealed: new Uint8Array(30) }),
    )
    expect((await archive.waiting()).map(({ key }) => key)).toEqual(['b'])
  })
})

describe('committing', () => {
  const lineAt = (next: number): Line => ({ next, last: { ms: 1_000 + next, count: 3 }, recent: [5, 6] })
  const dump = async () =>
    JSON.stringify((await browser.rows()).map(({ row }) => ({ ...row, sealed: String(row.sealed) })))

  it('makes an entry history and moves the line on', async () => {
    expect(await archive.line()).toEqual(EMPTY_LINE)
    await archive.queue({ key: 'k', text: 'words 0', ms: 1 })
    const message = await said(0, { key: 'k' })
    expect(await archive.commit(message, lineAt(1))).toBe(true)
    expect(await archive.waiting()).toEqual([])
    expect(await archive.line()).toEqual(lineAt(1))
    expect((await archive.page(null, 9)).messages).toEqual([message])
  })

  it('changes nothing unless the entry waits', async () => {
    await archive.queue({ key: 'other', text: 'x', ms: 1 })
    const before = await dump()
    expect(await archive.commit(await said(0, { key: 'k' }), lineAt(1))).toBe(false)
    expect(await archive.commit(await said(0), lineAt(1))).toBe(false)
    expect(await dump()).toBe(before)
  })

  it('changes nothing where the number is given out already; a line that ran ahead is followed', async () => {
    for (const key of ['a', 'b']) await archive.queue({ key, text: 'x', ms: 1 })
    expect(await archive.commit(await said(4, { key: 'a' }), lineAt(5))).toBe(true)
    const before = await dump()
    expect(await archive.commit(await said(4, { key: 'b', text: 'other' }), lineAt(5))).toBe(false)
    expect(await dump()).toBe(before)
    expect(await archive.commit(await said(5, { key: 'b' }), lineAt(6))).toBe(true)
  })

  it('lets one of two contexts have a number', async () => {
    const other = browser.archive(browser.open())
    for (let seq = 0; seq < 10; seq++) {
      for (const key of [`a${seq}`, `b${seq}`]) await archive.queue({ key, text: key, ms: 1 })
      const outcomes = await Promise.all([
        archive.commit(await said(seq, { key: `a${seq}`, text: `a${seq}` }), lineAt(seq + 1)),
        other.commit(await said(seq, { key: `b${seq}`, text: `b${seq}` }), lineAt(seq + 1)),
      ])
      expect(outcomes.sort()).toEqual([false, true])
    }
    expect((await archive.page(null, 100)).messages.map(({ seq }) => seq)).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
    ])
    expect(await archive.waiting()).toHaveLength(10)
  })

  for (const table of ['messages', 'counts', 'outbox', 'lines'])
    it(`changes nothing when it fails midway, at ${table}`, async () => {
      await archive.queue({ key: 'k', text: 'x', ms: 1 })
      const before = await dump()
      database.use({
        stack: 'dbcore',
        name: 'broken',
        create: (core) => ({
          ...core,
          table: (name) => ({
            ...core.table(name),
            mutate: (request) =>
              name === table ? Promise.reject(new Error('broken')) : core.table(name).mutate(request),
          }),
        }),
      })
      database.close({ disableAutoOpen: false })
      await expect(archive.commit(await said(0, { key: 'k' }), lineAt(1))).rejects.toEqual(
        new StorageError('unavailable'),
      )
      expect(await dump()).toBe(before)
    })

  it('leaves the key, so that a lost answer says nothing twice; not for ever', async () => {
    for (let seq = 0; seq < 120; seq++) {
      await archive.queue({ key: `k${seq}`, text: 'x', ms: 1 })
      await archive.commit(await said(seq, { key: `k${seq}` }), lineAt(seq + 1))
    }
    await archive.queue({ key: 'k119', text: 'x', ms: 1 })
    await archive.unqueue('k119')
    await archive.queue({ key: 'k119', text: 'x', ms: 1 })
    expect(await archive.waiting()).toEqual([])
    expect((await browser.rows()).filter(({ table }) => table === 'outbox')).toHaveLength(100)
  })

  it('has a line for each device and room', async () => {
    await archive.queue({ key: 'k', text: 'x', ms: 1 })
    await archive.commit(await said(0, { key: 'k' }), lineAt(1))
    expect(await browser.archive(database, { device: deviceOf(8) }).line()).toEqual(EMPTY_LINE)
    expect(await browser.archive(database, { room: 'twitch:elsewhere' }).line()).toEqual(EMPTY_LINE)
    expect(await browser.archive(database, { accountId: BOB }).line()).toEqual(lineAt(1))
  })

  it('never begins a line again that it cannot read', async () => {
    await archive.queue({ key: 'k', text: 'x', ms: 1 })
    await archive.commit(await said(0, { key: 'k' }), lineAt(1))
    await browser.tamper('lines', (table) => table.toCollection().modify({ sealed: new Uint8Array(30) }))
    await expect(archive.line()).rejects.toEqual(new StorageError('unavailable'))
    await expect(archive.commit(await said(0, { key: 'k' }), lineAt(1))).rejects.toBeInstanceOf(StorageError)
  })
})

describe('proofs', () => {
  const proof = async (seq: number) => {
    const [first, second] = await Promise.all([said(seq), said(seq, { text: 'other' })])
    return { first: first.signed, second: second.signed, passport: first.passport }
  }

  it('are kept, one for each device, by room', async () => {
    await archive.saveProof(deviceOf(1), await proof(1))
    await archive.saveProof(deviceOf(1), await proof(2))
    await archive.saveProof(deviceOf(2), await proof(3))
    const kept = await browser.archive(browser.open()).proofs()
    expect(kept).toHaveLength(2)
    expect(kept).toEqual(expect.arrayContaining([await proof(2), await proof(3)]))
    expect(await browser.archive(database, { room: 'twitch:elsewhere' }).proofs()).toEqual([])
  })

  it('are no more than a room may have, and skipped where damaged', async () => {
    const one = await proof(1)
    for (let device = 0; device < MAX_PROOFS + 3; device++) await archive.saveProof(deviceOf(device), one)
    expect(await archive.proofs()).toHaveLength(MAX_PROOFS)
    await browser.tamper('proofs', (table) => table.limit(1).modify({ sealed: new Uint8Array(30) }))
    expect(await archive.proofs()).toHaveLength(MAX_PROOFS - 1)
  })
})

it('keeps all names apart', async () => {
  await archive.append([await said(1)])
  const [row] = await storedRows()
  expect(row?.row.room).toMatch(/^[\w-]{22}$/)
  expect(JSON.stringify(row)).not.toContain(ROOM)
  expect([ANN, DEVICE]).not.toContain(row?.row.room)
})
