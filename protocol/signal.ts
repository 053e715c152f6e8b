import { decodeCanonical, encodeCanonical } from './codec'
import { deviceIdSchema } from './device'
import { MAX_PASSPORT_BYTES, MAX_SDP_BYTES, MAX_SIGNAL_BYTES, PROTOCOL_VERSION } from './limits'
import { signedBytesSchema } from './message'
import { roomIdSchema } from './room-id'
import { bytesOf, bytesUpTo, epochMs, z } from './schema'

const common = {
  v: z.literal(PROTOCOL_VERSION),
  room: roomIdSchema,
  from: deviceIdSchema,
  to: deviceIdSchema,
  nonce: bytesOf(16),
  ms: epochMs,
  /** `decline`: the sender has no way that fits the offer; what it can do stands in `via`. `full`: it has no place free. */
  type: z.enum(['offer', 'answer', 'decline', 'full']),
  /** Of an offer: whether the addressee is asked to make room if it has to. */
  urgent: z.boolean(),
  /** Whether the sender agrees to connect directly, which shows each end the other's address. */
  direct: z.boolean(),
  passport: z.string().max(MAX_PASSPORT_BYTES),
}

/**
 * An offer, an answer, or a no. The signature covers the SDP and with it the DTLS fingerprint, or the ephemeral key of a
 * link through the room object, so nobody who passes it on can put itself in the middle; `nonce` ties an answer to its
 * offer and makes a replay worthless.
 */
const unsignedSignalSchema = z.discriminatedUnion('via', [
  /** A WebRTC link. `sdp` is empty in a `decline` and in a `full` only. */
  z.strictObject({ ...common, via: z.literal('rtc'), sdp: z.string().max(MAX_SDP_BYTES) }),
  /**
   * Frames through the room object, sealed from end to end. `key`: an X25519 public key made for this link alone; zeros in
   * a `decline` and in a `full`.
   */
  z.strictObject({ ...common, via: z.literal('hub'), key: bytesOf(32) }),
])
export type Signal = z.infer<typeof unsignedSignalSchema>

export const encodeSignal = (signal: Signal): Uint8Array<ArrayBuffer> => encodeCanonical(signal)

/** The signal in `bytes`. Throws for what is not canonical or breaks the schema; checks no signature. */
export function decodeSignal(bytes: Uint8Array): Signal {
  return unsignedSignalSchema.parse(decodeCanonical(bytes))
}

/** A signal and its signature in one piece: what is sealed, and what travels where the addressee's key is not known. */
export function signedEnvelope(bytes: Uint8Array, sig: Uint8Array): Uint8Array<ArrayBuffer> {
  return encodeCanonical({ bytes, sig })
}

/** `enc`: the sender's X25519 key for this alone; `box`: a signed envelope, sealed with HPKE. See `sealed.ts`. */
const sealedSignalSchema = z.strictObject({ enc: bytesOf(32), box: bytesUpTo(MAX_SIGNAL_BYTES) })
export type SealedSignal = z.infer<typeof sealedSignalSchema>

/** The same as it travels: whoever passes it on reads nothing. Throws a `RangeError` for what is too large to be passed on. */
export function sealedEnvelope(sealed: SealedSignal): Uint8Array<ArrayBuffer> {
  return sized(encodeCanonical(sealed))
}

const envelopeSchema = z.union([signedBytesSchema, sealedSignalSchema])
/** A signed signal, or a sealed one: which, it tells by its fields. */
export type Envelope = z.infer<typeof envelopeSchema>

/** What was passed on. Throws for what is too large or malformed. */
export const decodeEnvelope = (envelope: Uint8Array): Envelope =>
  envelopeSchema.parse(decodeCanonical(sized(envelope)))

/** The two parts of a signed envelope. Throws for what is too large or malformed, and for a sealed one. */
export const openSigned = (envelope: Uint8Array) => signedBytesSchema.parse(decodeCanonical(sized(envelope)))

function sized<Bytes extends Uint8Array>(envelope: Bytes): Bytes {
  if (envelope.length > MAX_SIGNAL_BYTES) throw new RangeError('signal too large')
  return envelope
}
