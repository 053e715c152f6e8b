import { toBase64Url } from '../protocol/bytes'
import { deviceIdOf } from '../protocol/device'
import type { DeviceKeys } from '../services/identity/device-keys'
import type { IdentityRecord, IdentityStore } from '../services/identity/identity'
import type { Database, KeyPairs } from './database'

/** Keys and identity in IndexedDB, where background and host both read them. */
export class StoredIdentity implements IdentityStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async load(): Promise<IdentityRecord> {
    return (await this.#database.value('identity')) ?? {}
  }

  async save(record: IdentityRecord): Promise<void> {
    await this.#database.setValue('identity', record)
  }

  async keys(): Promise<DeviceKeys> {
    const { signing, sealing } = await this.#database.valueOr('keys', makeKeyPairs)
    return {
      device: deviceIdOf(await rawPublicKey(signing)),
      signingKey: signing.privateKey,
      seal: toBase64Url(await rawPublicKey(sealing)),
    }
  }

  async forgetKeys(): Promise<void> {
    await this.#database.deleteValue('keys')
    await this.#database.forgetSequences()
  }
}

async function makeKeyPairs(): Promise<KeyPairs> {
  const [signing, sealing] = await Promise.all([
    crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']),
    crypto.subtle.generateKey('X25519', false, ['deriveBits']),
  ])
  return { signing: asPair(signing), sealing: asPair(sealing) }
}

/** The platform types name a single key, too; these algorithms always make a pair. */
function asPair(made: CryptoKey | CryptoKeyPair): CryptoKeyPair {
  if ('privateKey' in made) return made
  throw new TypeError('expected a key pair')
}

async function rawPublicKey({ publicKey }: CryptoKeyPair): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.exportKey('raw', publicKey))
}
