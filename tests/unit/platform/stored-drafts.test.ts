import 'fake-indexeddb/auto'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Database } from '../../../platform/database'
import { forgetPersonal } from '../../../platform/personal-names'
import { StoredDrafts } from '../../../platform/stored-drafts'
import type { PlacedDraft } from '../../../services/drafts/own-drafts'
import { ANN, BOB, Browser, holds } from './stored'

const draft = (text: string, more: Partial<PlacedDraft> = {}): PlacedDraft => ({
  place: `${ANN} gamer`,
  text,
  reply: null,
  ...more,
})

let browser: Browser
let database: Database
let store: StoredDrafts
beforeEach(() => {
  browser = new Browser()
  database = browser.open()
  store = new StoredDrafts(database)
})
afterEach(() => browser.delete())

it('keeps them for the next time, with what they answer', async () => {
  const all = [draft('half a sentence', { reply: { id: 'x', name: 'CalmHeron', mine: true } }), draft('')]
  await store.save(ANN, all)
  expect(await new StoredDrafts(browser.open()).load(ANN)).toEqual(all)
  expect(await store.load(BOB)).toEqual([])
})

it('shows nobody what was not said, nor where', async () => {
  await store.save(ANN, [draft('a secret thought')])
  const rows = await browser.rows()
  expect(rows.some(({ row }) => String(row.name).startsWith('drafts '))).toBe(true)
  for (const secret of ['secret', 'gamer', ANN])
    expect([secret, holds(rows, secret)]).toEqual([secret, false])
})

it('leaves nothing behind when all is said, or the account is gone', async () => {
  await store.save(ANN, [draft('one')])
  await store.save(BOB, [draft('two')])
  await store.save(ANN, [])
  expect((await browser.rows()).filter(({ row }) => String(row.name).startsWith('drafts '))).toHaveLength(1)
  await forgetPersonal(database, BOB)
  expect(await store.load(BOB)).toEqual([])
})

it('begins anew where what is stored is not ours', async () => {
  await store.save(ANN, [draft('one')])
  await browser.tamper('values', (rows) =>
    rows
      .toCollection()
      .modify((row) => String(row.name).startsWith('drafts ') && row.value.set([1, 2, 3], 20)),
  )
  expect(await store.load(ANN)).toEqual([])
})
