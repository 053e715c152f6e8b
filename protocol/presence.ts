import { decodeCanonical, encodeCanonical } from './codec'
import { deviceIdSchema } from './device'
import { MAX_CROWD, MAX_PASSPORT_BYTES, MAX_ROLE_GRANT_BYTES, PROTOCOL_VERSION } from './limits'
import { roomIdSchema } from './room-id'
import { epochMs, z } from './schema'

/**
 * A member's signed word that it is in a room, or has left it. It carries the passport, so whoever holds it
 * can check the name offline; the newest `ms` of a device counts.
 */
const unsignedPresenceSchema = z.strictObject({
  v: z.literal(PROTOCOL_VERSION),
  room: roomIdSchema,
  device: deviceIdSchema,
  ms: epochMs,
  /** When this visit began: whoever came later has not seen this member arrive. */
  since: epochMs,
  /** `away`: here, but with no tab of the room in sight for a while. */
  state: z.enum(['here', 'away', 'left']),
  /** Whether this device agrees to connect directly with those who agree, too. */
  direct: z.boolean(),
  passport: z.string().max(MAX_PASSPORT_BYTES),
  /** In a crowd: how many members this one believes to be here, when it was by chance that it speaks up. */
  crowd: z.int().min(1).max(MAX_CROWD).exactOptional(),
  /** The Worker's word for what this member is here, from who shows their Twitch account; see `role.ts`. */
  role: z.string().max(MAX_ROLE_GRANT_BYTES).exactOptional(),
})
export type Presence = z.infer<typeof unsignedPresenceSchema>

export const encodePresence = (presence: Presence): Uint8Array<ArrayBuffer> => encodeCanonical(presence)

/** The presence in `bytes`. Throws for what is not canonical or breaks the schema; checks no signature. */
export function decodePresence(bytes: Uint8Array): Presence {
  return unsignedPresenceSchema.parse(decodeCanonical(bytes))
}
