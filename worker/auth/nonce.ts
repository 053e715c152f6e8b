import { PROOF_MAX_AGE_MS } from '../../protocol/limits'
import { NONCE_SPAN_MS } from '../limits'
import { isKeyedHash, keyedHash } from './keyed-hash'

/**
 * Server nonces (RFC 9449 §8): an HMAC over a span of time, so no state is kept. A proof is as old as its
 * nonce, whatever the client's clock says, and a client whose clock is wrong needs no offset.
 */
export async function nonceAt(key: string, now: number): Promise<string> {
  const span = Math.floor(now / NONCE_SPAN_MS).toString(36)
  return `${span}.${await keyedHash(key, 'nonce', span)}`
}

/** The spans of time that a nonce may be old; `PROOF_MAX_AGE_MS` at least. */
const LIVE_SPANS = Math.ceil(PROOF_MAX_AGE_MS / NONCE_SPAN_MS)

/** A proof that was taken once can be taken no more after this long (ms). */
export const NONCE_LIFETIME_MS = (LIVE_SPANS + 1) * NONCE_SPAN_MS

/** Whether we gave `nonce` out, and lately. */
export async function isLiveNonce(key: string, nonce: string, now: number): Promise<boolean> {
  const match = /^([0-9a-z]{1,9})\.([\w-]{43})$/.exec(nonce)
  if (!match) return false
  const [, span = '', mac = ''] = match
  const age = Math.floor(now / NONCE_SPAN_MS) - Number.parseInt(span, 36)
  return age >= 0 && age <= LIVE_SPANS && (await isKeyedHash(key, mac, 'nonce', span))
}
