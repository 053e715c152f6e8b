import { fromBase64Url, toBase64Url, utf8 } from '../../protocol/bytes'

/** What a keyed hash is for. Goes under the hash, so that one purpose's value never serves another. */
export type HashPurpose =
  | 'address'
  | 'network'
  | 'bucket'
  | 'returning'
  | 'code'
  | 'nonce'
  | 'relay'
  | 'twitch'

const input = (purpose: HashPurpose, parts: string[]) =>
  utf8(JSON.stringify(['sidestream', purpose, ...parts]))

/** HMAC-SHA-256 (RFC 2104) of `parts` under a base64url `secret`, as base64url. */
export async function keyedHash(secret: string, purpose: HashPurpose, ...parts: string[]): Promise<string> {
  const mac = await crypto.subtle.sign('HMAC', await importSecret(secret), input(purpose, parts))
  return toBase64Url(new Uint8Array(mac))
}

/** Whether `hash` is the keyed hash of `parts`; compared in constant time by the runtime. */
export async function isKeyedHash(
  secret: string,
  hash: string,
  purpose: HashPurpose,
  ...parts: string[]
): Promise<boolean> {
  return crypto.subtle.verify('HMAC', await importSecret(secret), fromBase64Url(hash), input(purpose, parts))
}

/** Throws unless the secret has its 32 bytes: a Worker that was not configured must not run on a guessable key. */
async function importSecret(secret: string): Promise<CryptoKey> {
  const bytes = fromBase64Url(secret)
  if (bytes.length < 32) throw new RangeError('secret too short')
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])
}
