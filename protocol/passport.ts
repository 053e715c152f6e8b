import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { accountIdSchema, deviceIdSchema } from './device'
import { displayNameSchema } from './display-name'
import { MAX_CLOCK_AHEAD_MS, MAX_PASSPORT_BYTES } from './limits'
import { z } from './schema'

/** `typ` of a passport; keeps access tokens and tickets from passing for one (RFC 8725 §3.11). */
export const PASSPORT_TYPE = 'sidestream-passport+jwt'

/** Who a device belongs to, as the Worker attests it: 24 h, `ver` rises with every change of the account. */
const passportClaimsSchema = z.object({
  sub: accountIdSchema,
  name: displayNameSchema,
  ver: z.int().min(1),
  /** Ed25519 and X25519 public keys of the device. */
  device: deviceIdSchema,
  seal: z.string().length(43),
  /** Content hash of the profile picture, when there is one. */
  avatar: z.string().max(64).optional(),
  /** Only if the viewer shows it. */
  twitch: z.string().max(25).optional(),
  iat: z.int(),
  exp: z.int(),
})
export type Passport = z.infer<typeof passportClaimsSchema>

/** The Worker's public keys, as fetched from its JWKS. */
export type KeySet = JWTVerifyGetKey
/** Whether a check failed because the key set lacks the passport's key, not because the passport is bad. */
export const isUnknownKey = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_JWKS_NO_MATCHING_KEY'

export const keySetOf = (jwks: JSONWebKeySet): KeySet => createLocalJWKSet(jwks)

/**
 * The claims of a passport that one of `keys` signed and that holds at `now` (ms).
 * Throws otherwise: wrong type, algorithm, signature, shape, not yet or no longer valid.
 */
export async function verifyPassport(jwt: string, keys: KeySet, now: number): Promise<Passport> {
  if (jwt.length > MAX_PASSPORT_BYTES) throw new RangeError('passport too large')
  const { payload } = await jwtVerify(jwt, keys, {
    typ: PASSPORT_TYPE,
    algorithms: ['EdDSA'],
    currentDate: new Date(now),
    clockTolerance: MAX_CLOCK_AHEAD_MS / 1000,
    requiredClaims: ['exp', 'iat', 'sub'],
  })
  return passportClaimsSchema.parse(payload)
}
