import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Database } from '../../../platform/database'
import { StoredIdentity } from '../../../platform/identity-store'
import { makeStorageKeys } from '../../../platform/sealing'
import { StorageError } from '../../../protocol/storage-error'
import { signerOf } from '../../../services/identity/device-keys'
import { Browser, said } from './stored'

let browser: Browser
let database: Database
let other: Database
beforeEach(() => {
  browser = new Browser()
  database = browser.open()
  other = browser.open()
})
afterEach(async () => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  await browser.delete()
})

describe('values', () => {
  it('are made once however many contexts ask at a time', async () => {
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 ? database : other).valueOr('collapsed', async () => index === 7),
      ),
    )
    expect(new Set(made).size).toBe(1)
  })

  it('are kept and deleted', async () => {
    await database.setValue('collapsed', true)
    expect(await other.value('collapsed')).toBe(true)
    await other.deleteValue('collapsed')
    expect(await database.value('collapsed')).toBeUndefined()
  })

  it('seal with the same keys in all contexts: what one writes the other reads', async () => {
    const fresh = await said(1)
    await Promise.all([browser.archive(database).append([fresh]), browser.archive(other).clearedUntil()])
    expect((await browser.archive(other).page(null, 1)).messages).toEqual([fresh])
    const keys = await database.value('storageKeys')
    expect(keys?.records).toMatchObject({ extractable: false, algorithm: { name: 'AES-GCM', length: 256 } })
    expect(keys?.names).toMatchObject({ extractable: false, algorithm: { name: 'HMAC' } })
  })
})

describe('the identity', () => {
  it('has one pair of keys however many ask at once, and they are non-extractable', async () => {
    const stores = [database, other, database].map((opened) => new StoredIdentity(opened))
    const made = await Promise.all(stores.map((store) => store.keys()))
    expect(new Set(made.map(({ device }) => device)).size).toBe(1)
    const [keys] = made
    expect(keys?.signingKey.extractable).toBe(false)
    expect(keys?.seal).toMatch(/^[\w-]{43}$/)
    expect(keys && (await signerOf(keys).sign(new Uint8Array(3)))).toHaveLength(64)
  })

  it('has other keys once they are forgotten, and none of the lines of the old ones', async () => {
    const store = new StoredIdentity(database)
    const before = await store.keys()
    const archive = browser.archive(database, { device: before.device })
    await archive.queue({ key: 'k', text: 'x', ms: 1 })
    await archive.commit(await said(0, { key: 'k' }), { next: 1, last: { ms: 1, count: 0 }, recent: [1] })
    await store.forgetKeys()
    expect((await store.keys()).device).not.toBe(before.device)
    expect((await browser.rows()).filter(({ table }) => table === 'lines')).toEqual([])
    // The history stays: it is the account's.
    expect((await archive.page(null, 9)).messages).toHaveLength(1)
  })

  it('is kept for all contexts', async () => {
    const store = new StoredIdentity(database)
    expect(await store.load()).toEqual({})
    const record = {
      pending: { email: 'ann@example.com', expiresAt: 5 },
      jwks: { keys: [{ kty: 'OKP', kid: 'one' }] },
      clockOffset: -4,
    }
    await store.save(record)
    expect(await new StoredIdentity(other).load()).toEqual(record)
  })

  it('is what was saved last, although sealing takes its time', async () => {
    const store = new StoredIdentity(database)
    await store.load()
    const encrypt = crypto.subtle.encrypt.bind(crypto.subtle)
    let finish = () => {}
    const held = new Promise<void>((resolve) => {
      finish = resolve
    })
    vi.spyOn(crypto.subtle, 'encrypt').mockImplementationOnce(async (...args) => {
      await held
      return encrypt(...args)
    })
    const first = store.save({ clockOffset: 1 })
    const second = store.save({ clockOffset: 2 })
    await other.value('collapsed')
    finish()
    await Promise.all([first, second])
    expect(await store.load()).toEqual({ clockOffset: 2 })
  })

  it('is nobody’s where the record cannot be read', async () => {
    const store = new StoredIdentity(database)
    await store.save({ clockOffset: 1 })
    await browser.tamper('values', (table) =>
      table.filter(({ name }) => name === 'sealedIdentity').modify({ value: new Uint8Array(50) }),
    )
    expect(await store.load()).toEqual({})
    await store.save({ clockOffset: 2 })
    expect(await store.load()).toEqual({ clockOffset: 2 })
  })
})

describe('a database that cannot be used', () => {
  const openRaw = (version: number) =>
    new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(browser.name, version)
      request.onupgradeneeded = () => request.result.createObjectStore(`of ${version}`)
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error)
    })

  it('is given up for now while an older extension’s page holds it, and works once that is gone', async () => {
    const old = await openRaw(10)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const blocked = [database.value('collapsed'), browser.archive(database).page(null, 5)].map((call) =>
      expect(call).rejects.toEqual(new StorageError('unavailable')),
    )
    await vi.advanceTimersByTimeAsync(4_900)
    const later = expect(database.value('collapsed')).rejects.toEqual(new StorageError('unavailable'))
    await vi.advanceTimersByTimeAsync(100)
    await Promise.all(blocked)
    await vi.advanceTimersByTimeAsync(4_900)
    await later
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
    old.close()
    await database.setValue('collapsed', true)
    expect(await database.value('collapsed')).toBe(true)
  })

  it('leaves no timer behind where it opens in time', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await database.value('collapsed')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is left alone where a newer extension made it, for as long as it is there', async () => {
    const newer = await openRaw(50)
    newer.close()
    for (let tries = 0; tries < 2; tries++)
      await expect(database.value('collapsed')).rejects.toEqual(new StorageError('unavailable'))
    await expect(new StoredIdentity(other).keys()).rejects.toMatchObject({ problem: 'unavailable' })
    const untouched = await openRaw(50)
    expect([...untouched.objectStoreNames]).toEqual(['of 50'])
    untouched.close()
  })

  it('is let go for a context that brings a newer version', async () => {
    await database.setValue('collapsed', true)
    await other.value('collapsed')
    const newer = await openRaw(50)
    expect(newer.version).toBe(50)
    await expect(database.value('collapsed')).rejects.toMatchObject({ problem: 'unavailable' })
    newer.close()
  })

  it('is opened anew when the browser closed it', async () => {
    await database.setValue('collapsed', true)
    database.close({ disableAutoOpen: false })
    expect(await database.value('collapsed')).toBe(true)
  })

  it('is opened anew with other keys when the viewer deleted everything', async () => {
    const archive = browser.archive(database)
    await archive.append([await said(1)])
    const before = await database.value('storageKeys')
    other.close()
    await other.delete({ disableAutoOpen: false })
    await archive.append([await said(2)])
    expect((await browser.archive(browser.open()).page(null, 9)).messages).toHaveLength(1)
    expect(await database.value('storageKeys')).not.toBe(before)
  })

  it('does not hide why', async () => {
    const real = globalThis.indexedDB
    globalThis.indexedDB = new IDBFactory()
    vi.spyOn(globalThis.indexedDB, 'open').mockImplementation(() => {
      throw new DOMException('no', 'SecurityError')
    })
    const forbidden = browser.open()
    globalThis.indexedDB = real
    const error = await forbidden.value('collapsed').catch((error: unknown) => error)
    expect(error).toMatchObject({ problem: 'unavailable', cause: { name: 'SecurityError' } })
  })
})

it('makes storage keys that cannot be exported', async () => {
  const { records, names } = await makeStorageKeys()
  await expect(crypto.subtle.exportKey('raw', records)).rejects.toThrow()
  await expect(crypto.subtle.exportKey('raw', names)).rejects.toThrow()
})
