import { SignJWT } from 'jose'
import { REVOCATION_TYPE, type Revocation } from '../protocol/revocation'
import type { Keys } from './keys'

/**
 * The Worker's word that passports count no more. Peers check it by `verifyRevocation`. The same claims make the same
 * text as long as the same key signs, so that one who was told twice knows it.
 */
export async function signRevocation(
  keys: Keys,
  { sub, device, ver, iat, exp }: Revocation,
  now: number,
): Promise<string> {
  const { kid, key } = await keys.signing(now)
  return new SignJWT({ ...(device !== undefined && { device }), ver })
    .setProtectedHeader({ alg: 'EdDSA', typ: REVOCATION_TYPE, kid })
    .setSubject(sub)
    .setIssuedAt(iat)
    .setExpirationTime(exp)
    .sign(key)
}
