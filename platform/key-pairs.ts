import { toBase64Url } from '../protocol/bytes'
import { type DeviceId, deviceIdOf } from '../protocol/device'

/** A pair of this browser's keys. The private halves are non-extractable. */
export interface KeyPairs {
  signing: CryptoKeyPair
  sealing: CryptoKeyPair
}

export async function makeKeyPairs(): Promise<KeyPairs> {
  const [signing, sealing] = await Promise.all([
    crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']),
    crypto.subtle.generateKey('X25519', false, ['deriveBits']),
  ])
  return { signing: asPair(signing), sealing: asPair(sealing) }
}

/** The device that these keys make. */
export const deviceOf = async ({ signing }: KeyPairs): Promise<DeviceId> =>
  deviceIdOf(await rawPublicKey(signing))

/** The X25519 public key, raw, base64url. */
export const sealOf = async ({ sealing }: KeyPairs): Promise<string> =>
  toBase64Url(await rawPublicKey(sealing))

/** The platform types name a single key, too; these algorithms always make a pair. */
function asPair(made: CryptoKey | CryptoKeyPair): CryptoKeyPair {
  if ('privateKey' in made) return made
  throw new TypeError('expected a key pair')
}

async function rawPublicKey({ publicKey }: CryptoKeyPair): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.exportKey('raw', publicKey))
}
