import { base64url, createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { accountIdSchema, deviceIdSchema, sealKeySchema } from './device'
import { displayNameSchema } from './display-name'
import { MAX_CLOCK_AHEAD_MS, MAX_PASSPORT_BYTES, PASSPORT_LIFETIME_MS } from './limits'
import { LOGIN_PATTERN } from './login'
import { pictureHashSchema } from './picture-hash'
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
  seal: sealKeySchema,
  /** Content hash of the profile picture, when there is one. */
  avatar: pictureHashSchema.optional(),
  /** The account is linked to some Twitch account, which is no other account's here. */
  linked: z.literal(true).optional(),
  /** That Twitch account's login, only if the viewer shows it. */
  twitch: z.string().regex(LOGIN_PATTERN).optional(),
  iat: z.int(),
  exp: z.int(),
})
export type Passport = z.infer<typeof passportClaimsSchema>

/** The Worker's public keys, as fetched from its JWKS. */
export type KeySet = JWTVerifyGetKey
/** Whether a check failed because the key set lacks the passport's key, not because the passport is bad. */
export const isUnknownKey = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_JWKS_NO_MATCHING_KEY'

/**
 * `jwks` for checking. A key with an `exp` (seconds; OpenID Federation 1.0 §8.7) is retired: it vouches for what it
 * signed until then and for nothing later, so that whoever finds its private half in the end can say nothing new.
 */
export function keySetOf(jwks: JSONWebKeySet): KeySet {
  const keys = createLocalJWKSet(jwks)
  const ends = new Map(jwks.keys.map((key) => [key.kid, 'exp' in key ? key.exp : undefined]))
  return async (header, token) => {
    const key = await keys(header, token)
    const end = ends.get(header?.kid)
    if (end !== undefined && !(issuedAt(token.payload) <= Number(end)))
      throw new RangeError('key was retired')
    return key
  }
}

/** `iat` of a JWT's payload that nobody has checked yet (seconds); `NaN` where it has none. */
function issuedAt(payload: string | Uint8Array): number {
  const claims: unknown = JSON.parse(new TextDecoder().decode(base64url.decode(payload)))
  const { data } = z.object({ iat: z.int() }).safeParse(claims)
  return data?.iat ?? Number.NaN
}

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
  const claims = passportClaimsSchema.parse(payload)
  if ((claims.exp - claims.iat) * 1000 > PASSPORT_LIFETIME_MS) throw new RangeError('passport holds too long')
  return claims
}

/**
 * Whether a passport, or a role grant, held at `ms`. A stamp may be a little ahead of the Worker's clock, and so before what
 * the Worker signed.
 */
export const wasHeldAt = ({ iat, exp }: Pick<Passport, 'iat' | 'exp'>, ms: number): boolean =>
  iat * 1000 - MAX_CLOCK_AHEAD_MS <= ms && ms <= exp * 1000

/** The claims of a passport that held at `ms`, whether it does now or not. Throws for any other. */
export async function verifyPassportAt(jwt: string, keys: KeySet, ms: number): Promise<Passport> {
  const passport = await verifyPassport(jwt, keys, ms)
  if (!wasHeldAt(passport, ms)) throw new RangeError('passport of another time')
  return passport
}
