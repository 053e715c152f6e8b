import 'fake-indexeddb/auto'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Database } from '../../../platform/database'
import { StoredIdentity } from '../../../platform/identity-store'
import { makeStorageKeys, Sealer } from '../../../platform/sealing'
import { ANN, BOB, Browser, DEVICE, holds, said } from './stored'

let browser: Browser
let database: Database
beforeEach(() => {
  browser = new Browser()
  database = browser.open()
})
afterEach(() => browser.delete())

it('leaves nothing readable in the database', async () => {
  const store = new StoredIdentity(database)
  await store.keys()
  await store.save({
    pending: { email: 'ann@example.com', expiresAt: 5 },
    account: { accountId: ANN, displayName: 'QuietHeron' },
    passport: { jwt: 'a.passport.jwt', expiresAt: 9 },
  })
  const archive = browser.archive(database)
  await archive.clear(5)
  const heard = await said(1, { text: 'süßer Glockenton' })
  await archive.append([heard])
  await archive.queue({ key: 'k', text: 'unsaid words', ms: 1 })
  await archive.queue({ key: 'l', text: 'said words', ms: 1 })
  const mine = await said(0, { key: 'l', text: 'said words' })
  await archive.commit(mine, { next: 1, last: mine.time, recent: [] })
  await archive.saveProof(DEVICE, {
    first: heard.signed,
    second: mine.signed,
    passport: 'a.proving.passport',
  })

  const rows = await browser.rows()
  const filled = new Set(rows.map(({ table }) => table))
  expect(filled).toEqual(new Set(['values', 'messages', 'counts', 'marks', 'outbox', 'lines', 'proofs']))
  const secrets = [
    ...['süßer Glockenton', 'Glockenton', 'unsaid words', 'said words', 'Bluebird', 'QuietHeron'],
    ...['ann@example.com', 'quietharbour', 'twitch:', 'a.passport.jwt', 'a.proving.passport', 'passport.xxx'],
    ...[ANN, BOB, DEVICE],
  ]
  for (const secret of secrets) expect([secret, holds(rows, secret)]).toEqual([secret, false])
  // Whoever was in the room knows the message's id, too.
  expect(holds(rows, heard.id)).toBe(false)
  // What looks for it does find what is there.
  expect(holds([{ sealed: new Uint8Array(Buffer.from(`x${heard.id}`)) }], heard.id)).toBe(true)
  expect(holds([{ sealed: new Uint8Array(Buffer.from('x Bluebird', 'utf16le')) }], 'Bluebird')).toBe(true)
})

it('seals the same words differently each time', async () => {
  const sealer = new Sealer(await makeStorageKeys())
  const sealed = await Promise.all([1, 2, 3].map(() => sealer.sealJson(['test'], 'words')))
  const ivs = sealed.map((bytes) => String(bytes.subarray(0, 12)))
  expect(new Set(ivs).size).toBe(3)
})

it('opens only what was sealed, for the fields it was sealed for, with the keys it was sealed with', async () => {
  const sealer = new Sealer(await makeStorageKeys())
  const content = new Uint8Array([1, 2, 3])
  const sealed = await sealer.seal(['message', 'a', 1], content)
  expect(await sealer.open(['message', 'a', 1], sealed)).toEqual(content)
  expect(await sealer.open(['message', 'b', 1], sealed)).toBeUndefined()
  expect(await sealer.open(['message', 'a', '1'], sealed)).toBeUndefined()
  expect(await sealer.open(['waiting', 'a', 1], sealed)).toBeUndefined()
  expect(await new Sealer(await makeStorageKeys()).open(['message', 'a', 1], sealed)).toBeUndefined()
  for (const garbage of [undefined, null, 'text', new Uint8Array(0), sealed.subarray(0, 12)])
    expect(await sealer.open(['message', 'a', 1], garbage)).toBeUndefined()
})

it('names rooms by a key, so that nobody can try names out', async () => {
  const keys = await makeStorageKeys()
  const [one, again, two] = [new Sealer(keys), new Sealer(keys), new Sealer(await makeStorageKeys())]
  const hash = await one.hash('room', ANN, 'twitch:a')
  expect(hash).toMatch(/^[\w-]{22}$/)
  expect(await again.hash('room', ANN, 'twitch:a')).toBe(hash)
  const others = [
    two.hash('room', ANN, 'twitch:a'),
    one.hash('room', BOB, 'twitch:a'),
    one.hash('line', ANN, 'twitch:a'),
  ]
  expect(await Promise.all(others)).not.toContain(hash)
})
