import { fromBase64Url, toBase64Url } from './bytes'
import { z } from './schema'

/**
 * A device: one browser profile of one account, named by its Ed25519 public key (32 bytes, base64url, 43
 * characters). Devices, not accounts, sign; the passport says whose they are.
 */
export type DeviceId = string & { readonly __device: never }

const DEVICE_ID = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/

export const deviceIdSchema = z
  .custom<DeviceId>((value) => typeof value === 'string' && DEVICE_ID.test(value), 'not a device key')
  .meta({ type: 'string', pattern: DEVICE_ID.source })

/** What is sealed to a device is sealed under its X25519 public key: raw, base64url. */
export const sealKeySchema = z.string().regex(/^[A-Za-z0-9_-]{43}$/)

/** An account's pseudonym: 16 random bytes, base64url. */
export type AccountId = string & { readonly __account: never }

const ACCOUNT_ID = /^[A-Za-z0-9_-]{21}[AQgw]$/

export const accountIdSchema = z
  .custom<AccountId>((value) => typeof value === 'string' && ACCOUNT_ID.test(value), 'not an account id')
  .meta({ type: 'string', pattern: ACCOUNT_ID.source })

/** The id of a raw public key. Throws a `TypeError` unless it is 32 bytes. */
export function deviceIdOf(publicKey: Uint8Array): DeviceId {
  return deviceIdSchema.parse(toBase64Url(publicKey))
}

/** The raw 32-byte public key behind an id. */
export const devicePublicKey = (device: DeviceId): Uint8Array<ArrayBuffer> => fromBase64Url(device)
