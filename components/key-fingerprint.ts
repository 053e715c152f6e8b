import { fromBase64Url } from '../protocol/bytes'
import type { DeviceId } from '../protocol/device'

/**
 * A device's key as people compare it, for instance over the phone: the SHA-256 of the raw public key in hexadecimal, in
 * groups of four.
 */
export async function keyFingerprint(device: DeviceId): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', fromBase64Url(device)))
  const hex = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return hex.match(/.{4}/g)?.join(' ') ?? ''
}
