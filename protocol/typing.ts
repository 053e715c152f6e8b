import { decodeCanonical, encodeCanonical } from './codec'
import { deviceIdSchema } from './device'
import { PROTOCOL_VERSION } from './limits'
import { roomIdSchema } from './room-id'
import { epochMs, z } from './schema'

/** A member's signed word that it is writing, or no more; the newest `ms` of a device counts. */
const unsignedTypingSchema = z.strictObject({
  v: z.literal(PROTOCOL_VERSION),
  room: roomIdSchema,
  device: deviceIdSchema,
  ms: epochMs,
  writing: z.boolean(),
})
export type Typing = z.infer<typeof unsignedTypingSchema>

export const encodeTyping = (typing: Typing): Uint8Array<ArrayBuffer> => encodeCanonical(typing)

/** The statement in `bytes`. Throws for what is not canonical or breaks the schema; checks no signature. */
export function decodeTyping(bytes: Uint8Array): Typing {
  return unsignedTypingSchema.parse(decodeCanonical(bytes))
}
