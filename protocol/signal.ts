import { decodeCanonical, encodeCanonical } from './codec'
import { deviceIdSchema } from './device'
import { MAX_PASSPORT_BYTES, MAX_SDP_BYTES, MAX_SIGNAL_BYTES, PROTOCOL_VERSION } from './limits'
import { signedBytesSchema } from './message'
import { roomIdSchema } from './room-id'
import { bytesOf, epochMs, z } from './schema'

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

/** A signal and its signature in one piece, as the room object passes it on without reading it. */
export function sealSignal(bytes: Uint8Array, sig: Uint8Array): Uint8Array<ArrayBuffer> {
  return encodeCanonical({ bytes, sig })
}

/** The two parts of a passed-on signal. Throws for what is too large or malformed. */
export function openSignal(envelope: Uint8Array) {
  if (envelope.length > MAX_SIGNAL_BYTES) throw new RangeError('signal too large')
  return signedBytesSchema.parse(decodeCanonical(envelope))
}
