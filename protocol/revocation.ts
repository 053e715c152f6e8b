import { jwtVerify } from 'jose'
import { accountIdSchema, deviceIdSchema } from './device'
import { MAX_CLOCK_AHEAD_MS, MAX_REVOCATION_BYTES, MAX_REVOCATIONS_PER_FRAME } from './limits'
import type { KeySet, Passport } from './passport'
import { z } from './schema'

/** `typ` of a revocation; keeps anything else that the Worker signs from passing for one (RFC 8725 §3.11). */
export const REVOCATION_TYPE = 'sidestream-revocation+jwt'

/**
 * The Worker's word that passports it gave out count no more: those of account `sub`, of one `device` or, where none is
 * named, of all. Only those up to version `ver`: whoever signs in again, or is let in again, gets a higher one.
 */
export const revocationClaimsSchema = z.object({
  sub: accountIdSchema,
  device: deviceIdSchema.exactOptional(),
  ver: z.int().min(0),
  /** What the device signed under such a passport counts up to here (seconds). */
  iat: z.int(),
  exp: z.int(),
})
export type Revocation = z.infer<typeof revocationClaimsSchema>

/** Revocations (JWTs) as frames and socket messages carry them. */
export const revocationsSchema = z
  .array(z.string().max(MAX_REVOCATION_BYTES))
  .min(1)
  .max(MAX_REVOCATIONS_PER_FRAME)

/** Whether `passport` counts no more. */
export const revokes = (
  { sub, device, ver }: Pick<Revocation, 'sub' | 'device' | 'ver'>,
  passport: Pick<Passport, 'sub' | 'device' | 'ver'>,
): boolean =>
  passport.sub === sub && (device === undefined || passport.device === device) && passport.ver <= ver

/**
 * The claims of a revocation that one of `keys` signed and that has not expired at `now` (ms).
 * Throws otherwise: wrong type, algorithm, signature, shape, expired.
 */
export async function verifyRevocation(jwt: string, keys: KeySet, now: number): Promise<Revocation> {
  if (jwt.length > MAX_REVOCATION_BYTES) throw new RangeError('revocation too large')
  const { payload } = await jwtVerify(jwt, keys, {
    typ: REVOCATION_TYPE,
    algorithms: ['EdDSA'],
    currentDate: new Date(now),
    clockTolerance: MAX_CLOCK_AHEAD_MS / 1000,
    requiredClaims: ['exp', 'iat', 'sub'],
  })
  return revocationClaimsSchema.parse(payload)
}
