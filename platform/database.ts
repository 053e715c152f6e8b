import { Dexie, type Table } from 'dexie'
import type { IdentityRecord } from '../services/identity/identity'

/** A pair of this browser's keys. The private halves are non-extractable. */
export interface KeyPairs {
  signing: CryptoKeyPair
  sealing: CryptoKeyPair
}

/** Small single values, by name. */
interface Values {
  keys: KeyPairs
  identity: IdentityRecord
  collapsed: boolean
}

interface ValueRow<Name extends keyof Values = keyof Values> {
  name: Name
  value: Values[Name]
}

/** The one database of all extension contexts: background, host and pages share its origin. */
export class Database extends Dexie {
  readonly #values: Table<ValueRow, string>
  readonly #sequences: Table<{ room: string; next: number }, string>

  constructor(name = 'sidestream') {
    super(name)
    this.version(1).stores({ values: 'name', sequences: 'room' })
    this.#values = this.table('values')
    this.#sequences = this.table('sequences')
  }

  async value<Name extends keyof Values>(name: Name): Promise<Values[Name] | undefined> {
    const row = await (this.#values as unknown as Table<ValueRow<Name>, string>).get(name)
    return row?.value
  }

  async setValue<Name extends keyof Values>(name: Name, value: Values[Name]): Promise<void> {
    await this.#values.put({ name, value })
  }

  /** What is stored under `name`, made by `make` if there is nothing; two callers at once get the same. */
  async valueOr<Name extends keyof Values>(
    name: Name,
    make: () => Promise<Values[Name]>,
  ): Promise<Values[Name]> {
    const stored = await this.value(name)
    if (stored !== undefined) return stored
    // Made before the transaction opens: IndexedDB would commit while WebCrypto is awaited.
    const made = await make()
    await this.#values.add({ name, value: made }).catch((error: unknown) => {
      if (!(error instanceof Dexie.ConstraintError)) throw error
    })
    return (await this.value(name)) ?? made
  }

  async deleteValue(name: keyof Values): Promise<void> {
    await this.#values.delete(name)
  }

  /** The next sequence number of a room, from 0, each given out once. */
  nextSeq(room: string): Promise<number> {
    return this.transaction('rw', this.#sequences, async () => {
      const next = (await this.#sequences.get(room))?.next ?? 0
      await this.#sequences.put({ room, next: next + 1 })
      return next
    })
  }

  /** Sequence numbers belong to a device key: a new key starts from 0 again. */
  async forgetSequences(): Promise<void> {
    await this.#sequences.clear()
  }
}
