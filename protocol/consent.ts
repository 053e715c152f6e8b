import { fromBase64Url, toBase64Url } from './bytes'
import { decodeCanonical, encodeCanonical } from './codec'
import { type DeviceId, deviceIdSchema } from './device'
import { MAX_CLOCK_AHEAD_MS, MAX_CONSENT_AGE_MS, PROTOCOL_VERSION } from './limits'
import { type RoomId, roomIdSchema } from './room-id'
import { bytesOf, epochMs, z } from './schema'
import { isSignedBy, type Signer, signAs } from './signed'

/**
 * A device's signed word on whether it agrees to direct links in a room, and to which key signals for it are to be sealed. The
 * room object hands it out with introductions, so that two who agree can begin directly, and unread by it; it can neither
 * make nor change one. The newest `ms` of a device counts.
 */
const unsignedConsentSchema = z.strictObject({
  v: z.literal(PROTOCOL_VERSION),
  room: roomIdSchema,
  device: deviceIdSchema,
  ms: epochMs,
  direct: z.boolean(),
  seal: bytesOf(32),
})

/** What of a consent travels beside `device` and `direct`. */
export const consentProofSchema = z.strictObject({ ms: epochMs, seal: bytesOf(32), sig: bytesOf(64) })

/** The same with what it says, as a socket is opened with it. */
const termsSchema = z.strictObject({ direct: z.boolean(), ...consentProofSchema.shape })
export type SignedTerms = z.infer<typeof termsSchema>

type Words = Omit<SignedTerms, 'sig'>

const bytesFor = (room: RoomId, device: DeviceId, { ms, direct, seal }: Words) =>
  encodeCanonical(unsignedConsentSchema.parse({ v: PROTOCOL_VERSION, room, device, ms, direct, seal }))

/** Says at `ms` whether this device agrees to direct links in `room`, and that `seal` is its X25519 public key. */
export async function signConsent(signer: Signer, room: RoomId, words: Words): Promise<SignedTerms> {
  return { ...words, sig: await signAs(signer, 'consent', bytesFor(room, signer.device, words)) }
}

/** Whether `terms` are `device`'s own word on `room`, and not too old or from the future at `now` (ms). Never throws. */
export async function isConsentOf(
  device: DeviceId,
  room: RoomId,
  { sig, ...words }: SignedTerms,
  now: number,
): Promise<boolean> {
  const age = now - words.ms
  if (age > MAX_CONSENT_AGE_MS || age < -MAX_CLOCK_AHEAD_MS) return false
  return isSignedBy(device, 'consent', bytesFor(room, device, words), sig)
}

/** As a subprotocol that a socket is opened with (RFC 6455 §1.9): letters, digits, `-`, `_` and a dot. */
export const TERMS_PROTOCOL_PREFIX = 'terms.'
export const termsProtocol = (terms: SignedTerms): string =>
  TERMS_PROTOCOL_PREFIX + toBase64Url(encodeCanonical(terms))

/** The terms in such a subprotocol; `undefined` for anything else. */
export function termsIn(protocol: string): SignedTerms | undefined {
  if (!protocol.startsWith(TERMS_PROTOCOL_PREFIX) || protocol.length > 200) return undefined
  try {
    const encoded = protocol.slice(TERMS_PROTOCOL_PREFIX.length)
    const terms = termsSchema.parse(decodeCanonical(fromBase64Url(encoded)))
    // Base64 has more than one way to write the same bytes.
    return termsProtocol(terms) === protocol ? terms : undefined
  } catch {
    return undefined
  }
}
