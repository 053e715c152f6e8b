import { calculateJwkThumbprint } from 'jose'
import { type DeviceId, devicePublicKey } from '../../protocol/device'

/** Device keys sign as `EdDSA` (RFC 8037) or by its newer name `Ed25519` (RFC 9864). */
export const DEVICE_ALGORITHMS = ['EdDSA', 'Ed25519']

/** The key that checks a device's signatures. Rejects for bytes that are no point on the curve. */
export function verificationKey(device: DeviceId): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', devicePublicKey(device), 'Ed25519', true, ['verify'])
}

/** RFC 7638 thumbprint of a device's key: `cnf.jkt` of its access tokens. */
export const deviceThumbprint = (device: DeviceId): Promise<string> =>
  calculateJwkThumbprint({ kty: 'OKP', crv: 'Ed25519', x: device })
