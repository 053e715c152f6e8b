import { Dexie } from 'dexie'
import { StorageError } from '../protocol/storage-error'
import { pruneRooms } from './history-rooms'
import { sealVersion1 } from './migration'
import { makeStorageKeys, Sealer } from './sealing'
import { asStorageError, isQuotaExceeded } from './storage-failure'
import { Tables, type ValueRow, type Values } from './tables'

/** An older extension's page may keep the database from being opened; nobody waits longer for it (ms). */
const OPEN_MS = 5_000
/** What each room keeps when the disk is full. */
const KEPT_WHEN_FULL = 200

/**
 * The one database of all extension contexts, opened when first needed and again after it was closed: by the browser, or
 * for another context that brings a newer version. Every call may reject with a `StorageError`.
 */
export class Database extends Tables {
  #prepared: Promise<Sealer> | undefined

  constructor(name = 'sidestream') {
    super(name)
    // What is opened next may be another database: keys go when the viewer deletes the extension's data.
    this.on('close', () => {
      this.#prepared = undefined
    })
  }

  /** Does what only reads, on the open database. */
  async read<T>(work: (sealer: Sealer) => PromiseLike<T>): Promise<T> {
    try {
      return await work(await this.#ready())
    } catch (error) {
      throw asStorageError(error)
    }
  }

  /**
   * Does what writes. On a full disk kept emotes and old messages of all rooms are let go and it is done once more: `work`
   * must change nothing when it fails.
   */
  async write<T>(work: (sealer: Sealer) => PromiseLike<T>): Promise<T> {
    try {
      const sealer = await this.#ready()
      try {
        return await work(sealer)
      } catch (error) {
        if (!isQuotaExceeded(error)) throw error
      }
      await this.emotes.clear()
      await pruneRooms(this, KEPT_WHEN_FULL)
      return await work(sealer)
    } catch (error) {
      throw asStorageError(error)
    }
  }

  value<Name extends keyof Values>(name: Name): Promise<Values[Name] | undefined> {
    return this.read(() => this.#value(name))
  }

  async setValue<Name extends keyof Values>(name: Name, value: Values[Name]): Promise<void> {
    await this.write(() => this.values.put({ name, value }))
  }

  /** What is stored under `name`, made by `make` if there is nothing; two callers at once get the same. */
  valueOr<Name extends keyof Values>(name: Name, make: () => Promise<Values[Name]>): Promise<Values[Name]> {
    return this.write(() => this.#valueOr(name, make))
  }

  async deleteValue(name: keyof Values): Promise<void> {
    await this.write(() => this.values.delete(name))
  }

  /** Forgets the device's keys, and in the same moment the lines that were theirs: new keys count from 0. */
  async forgetKeys(): Promise<void> {
    await this.write(() =>
      this.transaction('rw', this.values, this.lines, async () => {
        await this.values.delete('keys')
        await this.lines.clear()
      }),
    )
  }

  /** Resolves when the database is open and nothing in it is left to be sealed. */
  #ready(): Promise<Sealer> {
    this.#prepared ??= this.#prepare()
    return withinTime(this.#prepared)
  }

  async #prepare(): Promise<Sealer> {
    try {
      await this.open()
      const sealer = new Sealer(await this.#valueOr('storageKeys', makeStorageKeys))
      await sealVersion1(this, sealer)
      return sealer
    } catch (error) {
      // The next call tries again.
      this.#prepared = undefined
      throw error
    }
  }

  async #value<Name extends keyof Values>(name: Name): Promise<Values[Name] | undefined> {
    const row = await this.values.get(name)
    return (row as ValueRow<Name> | undefined)?.value as Values[Name] | undefined
  }

  async #valueOr<Name extends keyof Values>(
    name: Name,
    make: () => Promise<Values[Name]>,
  ): Promise<Values[Name]> {
    const stored = await this.#value(name)
    if (stored !== undefined) return stored
    // Made before the transaction opens: IndexedDB would commit while WebCrypto is awaited.
    const made = await make()
    await this.values.add({ name, value: made }).catch((error: unknown) => {
      if (!(error instanceof Dexie.ConstraintError)) throw error
    })
    return (await this.#value(name)) ?? made
  }
}

/** Opening goes on behind the back of whoever has waited too long, and later calls find it done. */
async function withinTime<T>(opening: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new StorageError('unavailable')), OPEN_MS)
  })
  try {
    return await Promise.race([opening, late])
  } finally {
    clearTimeout(timer)
  }
}
