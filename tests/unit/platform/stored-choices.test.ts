import 'fake-indexeddb/auto'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Database } from '../../../platform/database'
import { forgetPersonal } from '../../../platform/personal-names'
import { MAX_CHOICES, StoredChoices } from '../../../platform/stored-choices'
import { accountIdSchema } from '../../../protocol/device'
import type { PersonChoice } from '../../../protocol/people'
import { ANN, BOB, Browser, holds } from './stored'

const choice = (name: string, more: Partial<PersonChoice> = {}): PersonChoice => ({
  accountId: accountIdSchema.parse(name.padEnd(22, 'A')),
  name,
  standing: 'muted',
  ms: 1,
  ...more,
})

let browser: Browser
let database: Database
let store: StoredChoices
beforeEach(() => {
  browser = new Browser()
  database = browser.open()
  store = new StoredChoices(database)
})
afterEach(() => browser.delete())

it('keeps whom each account has muted or blocked, for the next time', async () => {
  await store.put(ANN, choice('heron'))
  await store.put(ANN, choice('lynx', { standing: 'blocked' }))
  await store.put(BOB, choice('yak'))
  await store.put(ANN, choice('heron', { standing: 'blocked' }))
  const again = new StoredChoices(browser.open())
  expect(await again.load(ANN)).toEqual([
    choice('lynx', { standing: 'blocked' }),
    choice('heron', { standing: 'blocked' }),
  ])
  await again.remove(ANN, choice('lynx').accountId)
  expect((await store.load(ANN)).map(({ name }) => name)).toEqual(['heron'])
  expect((await store.load(BOB)).map(({ name }) => name)).toEqual(['yak'])
})

it('shows nobody who they are, nor whose choice', async () => {
  await store.put(ANN, choice('Heronbird'))
  const rows = await browser.rows()
  expect(rows.some(({ row }) => String(row.name).startsWith('choices '))).toBe(true)
  for (const secret of ['Heronbird', choice('Heronbird').accountId, ANN, 'muted'])
    expect([secret, holds(rows, secret)]).toEqual([secret, false])
})

it('forgets them with the account, and no other’s', async () => {
  await store.put(ANN, choice('heron'))
  await store.put(BOB, choice('yak'))
  await forgetPersonal(database, ANN)
  expect([await store.load(ANN), (await store.load(BOB)).length]).toEqual([[], 1])
})

it('begins anew where what is stored was tampered with', async () => {
  await store.put(ANN, choice('heron'))
  await browser.tamper('values', (rows) =>
    rows.toCollection().modify((row) => {
      if (String(row.name).startsWith('choices ')) row.value = new Uint8Array(60)
    }),
  )
  expect(await store.load(ANN)).toEqual([])
  await store.put(ANN, choice('lynx'))
  expect(await store.load(ANN)).toHaveLength(1)
})

it('is bounded: the oldest go', async () => {
  const many = Array.from({ length: MAX_CHOICES }, (_, n) => choice(`p${n}`))
  await database.write(async (sealer) => {
    const name = `choices ${await sealer.hash('choices', ANN)}`
    await database.values.put({ name, value: await sealer.sealJson(['choices', name], many) })
  })
  await store.put(ANN, choice('heron'))
  const kept = await store.load(ANN)
  expect([kept.length, kept[0]?.name, kept.at(-1)?.name]).toEqual([MAX_CHOICES, 'p1', 'heron'])
})
