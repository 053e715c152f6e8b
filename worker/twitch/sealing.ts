import { concat, fromBase64Url, toBase64Url, utf8 } from '../../protocol/bytes'
import { z } from '../../protocol/schema'

/**
 * The secret `SEALING_KEYS`: a JWK Set of 256-bit keys (RFC 7518 §6.4). The first one seals, all of them open. To
 * rotate: put a new key first; tokens are sealed anew whenever they change. Dropping the old one unlinks who is left.
 */
const sealingKeysSchema = z.object({
  keys: z
    .array(
      z.object({ kty: z.literal('oct'), kid: z.string().regex(/^[\w-]{1,64}$/), k: z.string().length(43) }),
    )
    .min(1),
})

/** What a seal is for; one purpose's never opens as another's. */
export type SealPurpose = 'twitch-start' | 'twitch-state' | 'twitch-answer' | 'twitch-tokens'

const IV_BYTES = 12
const decoder = new TextDecoder()

/**
 * `value` as JSON under AES-256-GCM: `<key id>.<IV, ciphertext, tag>` in base64url. It opens for the same `purpose` and
 * `owner` alone. Throws for a malformed secret.
 */
export async function seal(
  secret: string,
  purpose: SealPurpose,
  owner: string,
  value: unknown,
): Promise<string> {
  const [{ kid, key }] = await sealingKeys(secret)
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES))
  const params = cipher(iv, purpose, owner)
  const sealed = await crypto.subtle.encrypt(params, key, utf8(JSON.stringify(value)))
  return `${kid}.${toBase64Url(concat(iv, new Uint8Array(sealed)))}`
}

/** Whether `secret` can seal and open: set, and as the schema has it. */
export const canSeal = (secret: string): boolean => jwksOf(secret) !== undefined

/** What was sealed; `undefined` where it is not ours, was changed, is for something else, or its key or the secret is gone. */
export async function unseal<Schema extends z.ZodType>(
  secret: string,
  purpose: SealPurpose,
  owner: string,
  sealed: string,
  schema: Schema,
): Promise<z.output<Schema> | undefined> {
  const [, id, content] = /^([\w-]{1,64})\.([\w-]{38,8192})$/.exec(sealed) ?? []
  if (!canSeal(secret)) return undefined
  try {
    const key = (await sealingKeys(secret)).find(({ kid }) => kid === id)?.key
    if (key === undefined || content === undefined) return undefined
    const bytes = fromBase64Url(content)
    const params = cipher(bytes.subarray(0, IV_BYTES), purpose, owner)
    const opened = await crypto.subtle.decrypt(params, key, bytes.subarray(IV_BYTES))
    return schema.safeParse(JSON.parse(decoder.decode(opened))).data
  } catch {
    return undefined
  }
}

const cipher = (iv: Uint8Array<ArrayBuffer>, purpose: SealPurpose, owner: string) => ({
  name: 'AES-GCM',
  iv,
  additionalData: utf8(JSON.stringify(['sidestream', purpose, owner])),
})

interface SealingKey {
  kid: string
  key: CryptoKey
}
type SealingKeys = [SealingKey, ...SealingKey[]]

let cached: { secret: string; keys: Promise<SealingKeys> } | undefined

/** Imported once per isolate. */
function sealingKeys(secret: string): Promise<SealingKeys> {
  if (cached?.secret !== secret) cached = { secret, keys: importKeys(secret) }
  return cached.keys
}

function jwksOf(secret: string) {
  try {
    return sealingKeysSchema.safeParse(JSON.parse(secret)).data
  } catch {
    return undefined
  }
}

async function importKeys(secret: string): Promise<SealingKeys> {
  const imported = await Promise.all(
    (jwksOf(secret)?.keys ?? []).map(async ({ kid, k }) => ({
      kid,
      key: await crypto.subtle.importKey('raw', fromBase64Url(k), 'AES-GCM', false, ['encrypt', 'decrypt']),
    })),
  )
  const [first, ...rest] = imported
  if (first === undefined) throw new RangeError('no sealing key')
  return [first, ...rest]
}
