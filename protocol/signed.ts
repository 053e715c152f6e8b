import { concat, utf8 } from './bytes'
import { type DeviceId, devicePublicKey } from './device'

/** What is signed. The name goes under the signature, so that one kind never passes for another. */
export type SignedKind = 'message' | 'presence' | 'typing' | 'ruling' | 'signal' | 'consent' | 'report'

/** Signs with this browser's device key: Ed25519 (RFC 8032), 64 bytes. The key itself never shows. */
export interface Signer {
  readonly device: DeviceId
  sign(data: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>
}

const signingInput = (kind: SignedKind, bytes: Uint8Array) => concat(utf8(`sidestream ${kind} v1\0`), bytes)

/** The signature of canonical `bytes` as a `kind`. */
export function signAs(signer: Signer, kind: SignedKind, bytes: Uint8Array) {
  return signer.sign(signingInput(kind, bytes))
}

/** Whether `signature` is `device`'s over `bytes` as a `kind`. Never throws: a bad key is a bad signature. */
export async function isSignedBy(
  device: DeviceId,
  kind: SignedKind,
  bytes: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  try {
    const key = await verificationKey(device)
    return await crypto.subtle.verify('Ed25519', key, new Uint8Array(signature), signingInput(kind, bytes))
  } catch {
    return false
  }
}

/** Keys that were imported, the one used longest ago first: most of what comes is of few devices. */
const keys = new Map<DeviceId, CryptoKey>()
const MAX_KEYS = 500

async function verificationKey(device: DeviceId): Promise<CryptoKey> {
  const known = keys.get(device)
  const key =
    known ?? (await crypto.subtle.importKey('raw', devicePublicKey(device), 'Ed25519', false, ['verify']))
  keys.delete(device)
  keys.set(device, key)
  const [oldest] = keys.size > MAX_KEYS ? keys.keys() : []
  if (oldest !== undefined) keys.delete(oldest)
  return key
}
