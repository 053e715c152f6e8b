import { MAX_PASSPORT_BYTES } from './limits'
import { signedBytesSchema } from './message'
import { z } from './schema'

/**
 * Two signed messages of one device and room that no correct device signs both, and the passport that says whose the
 * device is. Whoever checks it needs nobody's word; it voids all that the device said in the room.
 */
export const proofSchema = z.strictObject({
  first: signedBytesSchema,
  second: signedBytesSchema,
  passport: z.string().max(MAX_PASSPORT_BYTES),
})
export type Proof = z.infer<typeof proofSchema>
