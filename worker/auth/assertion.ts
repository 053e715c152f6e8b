import { decodeJwt, jwtVerify } from 'jose'
import { ASSERTION_TYPE } from '../../protocol/api'
import { type DeviceId, deviceIdSchema } from '../../protocol/device'
import { PROOF_MAX_AGE_MS } from '../../protocol/limits'
import { z } from '../../protocol/schema'
import { ProblemError } from '../problem'
import { DEVICE_ALGORITHMS, verificationKey } from './device-key'
import { isLiveNonce } from './nonce'

/** An assertion's claims (RFC 7523 §3): who signs, for whom, to whom, and the server nonce that dates it. */
const assertionSchema = z.object({
  iss: deviceIdSchema,
  sub: z.string().max(64),
  aud: z.string().max(512),
  iat: z.int(),
  exp: z.int(),
  jti: z.string().min(16).max(64),
  nonce: z.string().max(64),
})

export interface Assertion {
  device: DeviceId
  subject: string
  jti: string
}

interface Context {
  /** Our public origin: what `aud` must be. */
  audience: string
  nonceKey: string
  now: number
}

/**
 * The assertion of a device that holds its key. `iat` and `exp` are on the device's clock and checked against
 * each other only; the nonce is what dates it.
 * @throws ProblemError `device_refused`, or `use_dpop_nonce` when only the nonce is missing or old.
 */
export async function verifyAssertion(jwt: string, { audience, nonceKey, now }: Context): Promise<Assertion> {
  const { iss, sub, jti, nonce } = await verified(jwt, audience)
  if (!(await isLiveNonce(nonceKey, nonce, now))) throw new ProblemError('use_dpop_nonce')
  return { device: iss, subject: sub, jti }
}

async function verified(jwt: string, audience: string) {
  try {
    const { iss, iat } = assertionSchema.parse({ nonce: '', ...decodeJwt(jwt) })
    const { payload } = await jwtVerify(jwt, await verificationKey(iss), {
      typ: ASSERTION_TYPE,
      algorithms: DEVICE_ALGORITHMS,
      audience,
      currentDate: new Date(iat * 1000),
    })
    const claims = assertionSchema.parse({ nonce: '', ...payload })
    if ((claims.exp - claims.iat) * 1000 > PROOF_MAX_AGE_MS) throw new RangeError('lives too long')
    return claims
  } catch {
    throw new ProblemError('device_refused', { detail: 'The assertion does not hold.' })
  }
}
