import { toBase64Url } from './bytes'
import { decodeCanonical, encodeCanonical } from './codec'
import { type DeviceId, deviceIdSchema } from './device'
import { MAX_TEXT_BYTES, MAX_TEXT_CODE_POINTS, PROTOCOL_VERSION } from './limits'
import { kindSchema, type MessageId, messageIdSchema } from './message-id'
import { roomIdSchema } from './room-id'
import { bytesOf, bytesUpTo, epochMs, z } from './schema'

/** A hybrid logical time: wall-clock milliseconds and a counter that orders what shares one (Kulkarni et al. 2014). */
export const hybridTimeSchema = z.strictObject({ ms: epochMs, count: z.int().min(0).max(0xffff) })
export type HybridTime = z.infer<typeof hybridTimeSchema>

/** Text that may be said: not empty, at most 500 code points and 2,000 bytes, no lone surrogates. */
export const textSchema = z
  .string()
  .min(1)
  .refine((text) => text.trim().length > 0)
  .refine((text) => text.isWellFormed())
  .refine((text) => [...text].length <= MAX_TEXT_CODE_POINTS)
  .refine((text) => new TextEncoder().encode(text).length <= MAX_TEXT_BYTES)

// Whoever only reads what is stored needs no codec.
export { type MessageId, messageIdSchema }

/** What a device signs when it says something. `seq` counts from 0 per device and room, without gaps. */
const unsignedMessageSchema = z.strictObject({
  v: z.literal(PROTOCOL_VERSION),
  room: roomIdSchema,
  device: deviceIdSchema,
  seq: z.int().min(0),
  time: hybridTimeSchema,
  kind: kindSchema,
  body: textSchema,
  /** The message that this answers. Whoever reads it looks it up: nothing here says what it said, or that it exists. */
  reply: messageIdSchema.exactOptional(),
})
export type UnsignedMessage = z.infer<typeof unsignedMessageSchema>

/** A message on a wire: the exact bytes that were signed, and the signature. */
export const signedBytesSchema = z.strictObject({ bytes: bytesUpTo(4_096), sig: bytesOf(64) })
export type SignedBytes = z.infer<typeof signedBytesSchema>

export interface Message extends UnsignedMessage {
  readonly id: MessageId
}

export const encodeMessage = (message: UnsignedMessage): Uint8Array<ArrayBuffer> => encodeCanonical(message)

/** The message in `bytes`. Throws for what is not canonical or breaks the schema; checks no signature. */
export function decodeMessage(bytes: Uint8Array): UnsignedMessage {
  return unsignedMessageSchema.parse(decodeCanonical(bytes))
}

/** Each is hashed once: what is kept of others is named anew to every fresh link. Nobody changes bytes that were signed. */
const ids = new WeakMap<Uint8Array, Promise<MessageId>>()

export function messageId(bytes: Uint8Array): Promise<MessageId> {
  const known = ids.get(bytes)
  if (known) return known
  const id = hashed(bytes)
  ids.set(bytes, id)
  return id
}

async function hashed(bytes: Uint8Array): Promise<MessageId> {
  const digest = await crypto.subtle.digest('SHA-256', new Uint8Array(bytes))
  return toBase64Url(new Uint8Array(digest)) as MessageId
}

/** The order of hybrid times: negative if `a` is the earlier, 0 if they are the same. */
export const compareTimes = (a: HybridTime, b: HybridTime): number => a.ms - b.ms || a.count - b.count

/** Total order of messages: hybrid time, then device, so that every log sorts alike. */
export function compareMessages(a: OrderedMessage, b: OrderedMessage): number {
  return compareTimes(a.time, b.time) || compareText(a.device, b.device) || a.seq - b.seq
}
type OrderedMessage = { time: HybridTime; device: DeviceId; seq: number }

const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
