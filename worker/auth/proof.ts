import { decodeProtectedHeader, jwtVerify } from 'jose'
import { DPOP_TYPE } from '../../protocol/api'
import { toBase64Url, utf8 } from '../../protocol/bytes'
import { type DeviceId, deviceIdSchema } from '../../protocol/device'
import { z } from '../../protocol/schema'
import { ProblemError } from '../problem'
import { DEVICE_ALGORITHMS, deviceThumbprint, verificationKey } from './device-key'
import { isLiveNonce } from './nonce'

const MAX_PROOF_LENGTH = 2_048

/** `d` must not be there: a proof that carries a private key comes from a broken client (RFC 9449 §4.3). */
const headerSchema = z.object({
  jwk: z.strictObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: deviceIdSchema }),
})

const claimsSchema = z.object({
  jti: z.string().min(16).max(64),
  htm: z.string(),
  htu: z.url(),
  iat: z.int(),
  ath: z.string(),
  nonce: z.string().default(''),
})

/** What a proof must be made for. */
interface Expected {
  method: string
  /** Public URL of the request. */
  url: string
  accessToken: string
  thumbprint: string
  nonceKey: string
  now: number
}

/**
 * Checks a DPoP proof by the steps of RFC 9449 §4.3, except that its `jti` is unused: the account knows that.
 * Its age is its nonce's (step 11), so the client's clock does not matter.
 * @throws ProblemError `proof_invalid`, or `use_dpop_nonce` when only the nonce is missing or old.
 */
export async function verifyProof(
  jwt: string,
  expected: Expected,
): Promise<{ device: DeviceId; jti: string }> {
  const proof = await verified(jwt, expected)
  if (!proof) throw new ProblemError('proof_invalid')
  if (!(await isLiveNonce(expected.nonceKey, proof.nonce, expected.now)))
    throw new ProblemError('use_dpop_nonce')
  return proof
}

async function verified(jwt: string, { method, url, accessToken, thumbprint }: Expected) {
  if (jwt.length > MAX_PROOF_LENGTH) return undefined
  try {
    const { jwk } = headerSchema.parse(decodeProtectedHeader(jwt))
    const { payload } = await jwtVerify(jwt, await verificationKey(jwk.x), {
      typ: DPOP_TYPE,
      algorithms: DEVICE_ALGORITHMS,
      // Only `iat` and the nonce date a proof; an `exp` or `nbf` would be on a clock that we do not know.
      currentDate: new Date(0),
    })
    const { jti, htm, htu, ath, nonce } = claimsSchema.parse(payload)
    const holds =
      htm === method &&
      comparable(htu) === comparable(url) &&
      ath === (await tokenHash(accessToken)) &&
      (await deviceThumbprint(jwk.x)) === thumbprint
    return holds ? { device: jwk.x, jti, nonce } : undefined
  } catch {
    return undefined
  }
}

/** A URL without query and fragment, decoded: `twitch%3Aname` and `twitch:name` are one path. */
function comparable(url: string): string {
  const { origin, pathname } = new URL(url)
  return origin + decodeURIComponent(pathname)
}

async function tokenHash(accessToken: string): Promise<string> {
  return toBase64Url(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(accessToken))))
}
