import { SignJWT } from 'jose'
import { ASSERTION_TYPE, DPOP_TYPE } from '../../protocol/api'
import { toBase64Url, utf8 } from '../../protocol/bytes'
import { PROOF_MAX_AGE_MS } from '../../protocol/limits'
import type { DeviceKeys } from './device-keys'

const seconds = (ms: number) => Math.floor(ms / 1000)

export interface AssertionRequest {
  /** The account for `/auth/token`, the device itself for `/auth/verify`. */
  subject: string
  /** The Worker's origin. */
  audience: string
  /** The Worker's latest nonce: it dates the assertion, so that our clock does not matter. */
  nonce: string | undefined
}

/** A device's word that it is itself (RFC 7523 §3). `now` in ms. */
export function makeAssertion(keys: DeviceKeys, request: AssertionRequest, now: number): Promise<string> {
  const { subject, audience, nonce } = request
  return new SignJWT(nonce === undefined ? {} : { nonce })
    .setProtectedHeader({ alg: 'EdDSA', typ: ASSERTION_TYPE })
    .setIssuer(keys.device)
    .setSubject(subject)
    .setAudience(audience)
    .setIssuedAt(seconds(now))
    .setExpirationTime(seconds(now + PROOF_MAX_AGE_MS))
    .setJti(crypto.randomUUID())
    .sign(keys.signingKey)
}

export interface ProofRequest {
  method: string
  /** Without query and fragment (RFC 9449 §4.2). */
  url: string
  accessToken: string
  nonce: string | undefined
}

/** A DPoP proof for one request (RFC 9449 §4.2), bound to its access token. */
export async function makeProof(keys: DeviceKeys, request: ProofRequest, now: number): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', utf8(request.accessToken))
  return new SignJWT({
    htm: request.method,
    htu: request.url,
    ath: toBase64Url(new Uint8Array(digest)),
    ...(request.nonce !== undefined && { nonce: request.nonce }),
  })
    .setProtectedHeader({
      alg: 'EdDSA',
      typ: DPOP_TYPE,
      jwk: { kty: 'OKP', crv: 'Ed25519', x: keys.device },
    })
    .setIssuedAt(seconds(now))
    .setJti(crypto.randomUUID())
    .sign(keys.signingKey)
}
