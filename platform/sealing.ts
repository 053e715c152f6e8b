import { concat, toBase64Url, utf8 } from '../protocol/bytes'
import type { z } from '../protocol/schema'

/** What this browser keeps its records with. Neither key can be exported; both are made once. */
export interface StorageKeys {
  /** AES-GCM, 256 bits. */
  records: CryptoKey
  /** HMAC-SHA-256. */
  names: CryptoKey
}

/** The fields of a record that stay in the clear, its kind first: a seal holds for them and for no others. */
type Bound = readonly [kind: string, ...fields: (string | number)[]]

const decoder = new TextDecoder()

const IV_BYTES = 12
/** Of 32: names of rooms need no more to stay apart. */
const HASH_BYTES = 16

export async function makeStorageKeys(): Promise<StorageKeys> {
  const [records, names] = await Promise.all([
    crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']),
    crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign']),
  ])
  return { records, names }
}

/**
 * Makes records unreadable for whoever only has the database's files, and notices changed or exchanged ones. Whoever
 * copies the whole browser profile has the keys, too. Never call it within a transaction: IndexedDB would commit.
 */
export class Sealer {
  readonly #keys: StorageKeys

  constructor(keys: StorageKeys) {
    this.#keys = keys
  }

  /** A name for `fields` that tells nothing of them: 22 characters, base64url. */
  async hash(...fields: Bound): Promise<string> {
    const mac = await crypto.subtle.sign('HMAC', this.#keys.names, utf8(JSON.stringify(fields)))
    return toBase64Url(new Uint8Array(mac, 0, HASH_BYTES))
  }

  /** The IV, the ciphertext and its tag. */
  async seal(bound: Bound, content: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES))
    const sealed = await crypto.subtle.encrypt(cipher(iv, bound), this.#keys.records, content)
    return concat(iv, new Uint8Array(sealed))
  }

  /** What was sealed; `undefined` where it is damaged, not ours, or belongs to other fields. */
  async open(bound: Bound, sealed: unknown): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (!(sealed instanceof Uint8Array)) return undefined
    const bytes: Uint8Array<ArrayBuffer> = new Uint8Array(sealed)
    try {
      const params = cipher(bytes.subarray(0, IV_BYTES), bound)
      return new Uint8Array(await crypto.subtle.decrypt(params, this.#keys.records, bytes.subarray(IV_BYTES)))
    } catch {
      return undefined
    }
  }

  sealJson(bound: Bound, value: unknown): Promise<Uint8Array<ArrayBuffer>> {
    return this.seal(bound, utf8(JSON.stringify(value)))
  }

  async openJson<Schema extends z.ZodType>(
    bound: Bound,
    sealed: unknown,
    schema: Schema,
  ): Promise<z.output<Schema> | undefined> {
    const content = await this.open(bound, sealed)
    return content && parseJson(content, schema)
  }
}

/** The value of JSON bytes; `undefined` where `schema` does not accept it. */
export function parseJson<Schema extends z.ZodType>(
  bytes: Uint8Array,
  schema: Schema,
): z.output<Schema> | undefined {
  try {
    const parsed = schema.safeParse(JSON.parse(decoder.decode(bytes)))
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined
  }
}

const cipher = (iv: Uint8Array<ArrayBuffer>, bound: Bound): AesGcmParams => ({
  name: 'AES-GCM',
  iv,
  additionalData: utf8(JSON.stringify(bound)),
})
