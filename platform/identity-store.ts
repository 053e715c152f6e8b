import type { HostKeys } from '../services/identity/device-keys'
import type { IdentityRecord, IdentityStore } from '../services/identity/kept-identity'
import type { Database } from './database'
import { openIdentity, sealIdentity } from './identity-record'
import { deviceOf, makeKeyPairs, sealOf } from './key-pairs'

/** Keys and identity in IndexedDB, where background and host both read them; the identity sealed. */
export class StoredIdentity implements IdentityStore {
  readonly #database: Database
  #saving: Promise<unknown> = Promise.resolve()

  constructor(database: Database) {
    this.#database = database
  }

  /** Nobody's where there is none, or where what there is cannot be read. */
  load(): Promise<IdentityRecord> {
    return this.#database.read(async (sealer) => {
      const row = await this.#database.values.get('sealedIdentity')
      return (row && (await openIdentity(sealer, row.value))) ?? {}
    })
  }

  /** One after the other: sealing takes its time, and the last call must win. */
  save(record: IdentityRecord): Promise<void> {
    const saved = this.#saving.then(() => this.#save(record))
    this.#saving = saved.catch(() => {})
    return saved
  }

  async keys(): Promise<HostKeys> {
    const keys = await this.#database.valueOr('keys', makeKeyPairs)
    return {
      device: await deviceOf(keys),
      signingKey: keys.signing.privateKey,
      seal: await sealOf(keys),
      sealing: keys.sealing,
    }
  }

  async forgetKeys(): Promise<void> {
    await this.#database.forgetKeys()
  }

  async #save(record: IdentityRecord): Promise<void> {
    await this.#database.write(async (sealer) => {
      const value = await sealIdentity(sealer, record)
      await this.#database.values.put({ name: 'sealedIdentity', value })
    })
  }
}
