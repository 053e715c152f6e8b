import 'fake-indexeddb/auto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Database } from '../../../platform/database'
import { StoredIdentity } from '../../../platform/identity-store'
import { signerOf } from '../../../services/identity/device-keys'

let database: Database
let other: Database
beforeEach(() => {
  const name = `test ${Math.random()}`
  database = new Database(name)
  other = new Database(name)
})
afterEach(async () => {
  other.close()
  await database.delete()
})

describe('the database', () => {
  it('gives each sequence number out once, in order, to two contexts at a time', async () => {
    const drawn = await Promise.all(
      Array.from({ length: 40 }, (_, index) => (index % 2 ? database : other).nextSeq('twitch:a')),
    )
    expect(drawn.sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, index) => index))
    expect(await database.nextSeq('twitch:b')).toBe(0)
  })

  it('makes one pair of keys however many ask at once, and makes them non-extractable', async () => {
    const stores = [database, other, database].map((opened) => new StoredIdentity(opened))
    const made = await Promise.all(stores.map((store) => store.keys()))
    expect(new Set(made.map(({ device }) => device)).size).toBe(1)
    const [keys] = made
    expect(keys?.signingKey.extractable).toBe(false)
    expect(keys?.seal).toMatch(/^[\w-]{43}$/)
    expect(keys && (await signerOf(keys).sign(new Uint8Array(3)))).toHaveLength(64)
  })

  it('makes other keys, and counts from 0 again, once they are forgotten', async () => {
    const store = new StoredIdentity(database)
    const before = await store.keys()
    await database.nextSeq('twitch:a')
    await store.forgetKeys()
    expect((await store.keys()).device).not.toBe(before.device)
    expect(await database.nextSeq('twitch:a')).toBe(0)
  })

  it('keeps the identity', async () => {
    const store = new StoredIdentity(database)
    expect(await store.load()).toEqual({})
    await store.save({ pending: { email: 'ann@example.com', expiresAt: 5 } })
    expect(await new StoredIdentity(other).load()).toEqual({
      pending: { email: 'ann@example.com', expiresAt: 5 },
    })
  })
})
