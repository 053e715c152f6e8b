import { jwtVerify, SignJWT } from 'jose'
import { ACCESS_TOKEN_TYPE } from '../../protocol/api'
import { type AccountId, accountIdSchema, type DeviceId } from '../../protocol/device'
import { ACCESS_TOKEN_LIFETIME_MS } from '../../protocol/limits'
import { z } from '../../protocol/schema'
import type { Keys } from '../keys'
import { ProblemError } from '../problem'
import { randomId } from '../random'
import { deviceThumbprint } from './device-key'

/** `client_id` of every token (RFC 9068 §2.2): there is one client. */
const CLIENT_ID = 'sidestream-extension'

const claimsSchema = z.object({ sub: accountIdSchema, cnf: z.object({ jkt: z.string() }) })

/** An access token (RFC 9068) that is worth something only with the device's key (RFC 9449 §6.1). */
export async function issueAccessToken(
  keys: Keys,
  holder: { account: AccountId; device: DeviceId },
  { origin, now }: { origin: string; now: number },
): Promise<string> {
  const { kid, key } = await keys.signing(now)
  const seconds = Math.floor(now / 1000)
  return new SignJWT({ client_id: CLIENT_ID, cnf: { jkt: await deviceThumbprint(holder.device) } })
    .setProtectedHeader({ alg: 'EdDSA', typ: ACCESS_TOKEN_TYPE, kid })
    .setIssuer(origin)
    .setAudience(origin)
    .setSubject(holder.account)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + ACCESS_TOKEN_LIFETIME_MS / 1000)
    .setJti(randomId(16))
    .sign(key)
}

/**
 * Whose token it is, and the thumbprint of the key that must prove itself along with it.
 * @throws ProblemError `token_invalid`.
 */
export async function verifyAccessToken(
  keys: Keys,
  token: string,
  { origin, now }: { origin: string; now: number },
): Promise<{ account: AccountId; thumbprint: string }> {
  try {
    const { payload } = await jwtVerify(token, keys.verification, {
      typ: ACCESS_TOKEN_TYPE,
      algorithms: ['EdDSA'],
      issuer: origin,
      audience: origin,
      currentDate: new Date(now),
      requiredClaims: ['exp'],
    })
    const { sub, cnf } = claimsSchema.parse(payload)
    return { account: sub, thumbprint: cnf.jkt }
  } catch {
    throw new ProblemError('token_invalid')
  }
}
