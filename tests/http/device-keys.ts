import { toBase64Url } from '../../protocol/bytes'
import { deviceIdOf } from '../../protocol/device'
import type { DeviceKeys } from '../../services/identity/device-keys'

/** Keys of a new device, in memory. */
export async function newKeys(): Promise<DeviceKeys> {
  const signing = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify'])
  const sealing = await crypto.subtle.generateKey('X25519', false, ['deriveBits'])
  if (!('privateKey' in signing) || !('privateKey' in sealing)) throw new TypeError('no pairs')
  const raw = async (key: CryptoKey) => new Uint8Array(await crypto.subtle.exportKey('raw', key))
  return {
    device: deviceIdOf(await raw(signing.publicKey)),
    signingKey: signing.privateKey,
    seal: toBase64Url(await raw(sealing.publicKey)),
  }
}
