import { decodeCanonical, encodeCanonical } from './codec'
import { deviceIdSchema } from './device'
import { MAX_PASSPORT_BYTES, MAX_ROLE_GRANT_BYTES, PROTOCOL_VERSION } from './limits'
import type { SignedBytes } from './message'
import type { Passport } from './passport'
import type { RoleGrant } from './role'
import { roomIdSchema } from './room-id'
import { epochMs, z } from './schema'
import { isSignedBy } from './signed'

const common = {
  v: z.literal(PROTOCOL_VERSION),
  room: roomIdSchema,
  device: deviceIdSchema,
  /** When it was made, and from when on it counts. */
  ms: epochMs,
  passport: z.string().max(MAX_PASSPORT_BYTES),
  /** The Worker's word for what this account is in the room; see `role.ts`. */
  role: z.string().max(MAX_ROLE_GRANT_BYTES),
}

/**
 * What somebody who runs or moderates a channel decides for its room. It carries whatever it takes to check it offline, at any
 * time: whose the device is, and that the account had the role when it was made.
 */
const unsignedRulingSchema = z.discriminatedUnion('act', [
  /** From then on only accounts that are linked to Twitch take part; or everybody again. */
  z.strictObject({ ...common, act: z.literal('linked-only'), on: z.boolean() }),
])
export type Ruling = z.infer<typeof unsignedRulingSchema>
/** What is decided. */
export type Act = Pick<Ruling, 'act' | 'on'>

export const encodeRuling = (ruling: Ruling): Uint8Array<ArrayBuffer> => encodeCanonical(ruling)

/** The ruling in `bytes`. Throws for what is not canonical or breaks the schema; checks no signature. */
export function decodeRuling(bytes: Uint8Array): Ruling {
  return unsignedRulingSchema.parse(decodeCanonical(bytes))
}

/** Claims of what held at `ms`. Both reject for anything else. */
export interface Vouching {
  passportAt(jwt: string, ms: number): Promise<Passport>
  roleAt(jwt: string, ms: number): Promise<RoleGrant>
}

/** `error`: what the check of the passport or the grant said, where that is why. */
export type CheckedRuling =
  | { passport: Passport }
  | { fault: 'bad-passport' | 'bad-role' | 'bad-signature'; error?: unknown }

/**
 * Whether `ruling`, read from `signed`, was made by who had a role in its room at the time. The passport comes first: it
 * was most likely seen before, and one of an unknown key costs nothing. Time and place are the caller's to judge.
 */
export async function checkRuling(
  { device, room, ms, passport: passportJwt, role }: Ruling,
  { bytes, sig }: SignedBytes,
  { passportAt, roleAt }: Vouching,
): Promise<CheckedRuling> {
  let passport: Passport
  try {
    passport = await passportAt(passportJwt, ms)
  } catch (error) {
    return { fault: 'bad-passport', error }
  }
  if (passport.device !== device) return { fault: 'bad-passport' }
  try {
    const grant = await roleAt(role, ms)
    if (grant.sub !== passport.sub || grant.room !== room) return { fault: 'bad-role' }
  } catch (error) {
    return { fault: 'bad-role', error }
  }
  return (await isSignedBy(device, 'ruling', bytes, sig)) ? { passport } : { fault: 'bad-signature' }
}
