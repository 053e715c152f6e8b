import { jwtVerify } from 'jose'
import { accountIdSchema } from './device'
import { MAX_CLOCK_AHEAD_MS, MAX_ROLE_GRANT_BYTES, ROLE_GRANT_LIFETIME_MS } from './limits'
import { type KeySet, wasHeldAt } from './passport'
import { roomIdSchema } from './room-id'
import { z } from './schema'

/** `typ` of a role grant; keeps passports, tokens and tickets from passing for one (RFC 8725 §3.11). */
export const ROLE_GRANT_TYPE = 'sidestream-role+jwt'

/** What somebody may be in a channel's room, the lowest first. */
export const ROLES = ['moderator', 'broadcaster'] as const
export const roleSchema = z.enum(ROLES)
export type Role = z.infer<typeof roleSchema>

/** Whether `role` says more than `other`. */
export const isHigher = (role: Role, other: Role): boolean => ROLES.indexOf(role) > ROLES.indexOf(other)

/** Twitch's numeric id of a user, and so of a channel: unlike logins, ids are never given to somebody else. */
export const twitchIdSchema = z.string().regex(/^\d{1,20}$/)

/** What an account is in one channel's room, as the Worker attests it after Twitch's word: for 24 h. */
const roleGrantSchema = z.object({
  sub: accountIdSchema,
  /** The room of the login that `channel` had when this was signed. */
  room: roomIdSchema,
  channel: twitchIdSchema,
  role: roleSchema,
  iat: z.int(),
  exp: z.int(),
})
export type RoleGrant = z.infer<typeof roleGrantSchema>

/**
 * The claims of a grant that one of the Worker's `keys` signed and that holds at `now` (ms). It says nothing by itself:
 * whoever uses it compares `sub` and `room`. Throws otherwise: type, algorithm, signature, shape, not yet or no longer valid.
 */
export async function verifyRoleGrant(jwt: string, keys: KeySet, now: number): Promise<RoleGrant> {
  if (jwt.length > MAX_ROLE_GRANT_BYTES) throw new RangeError('role grant too large')
  const { payload } = await jwtVerify(jwt, keys, {
    typ: ROLE_GRANT_TYPE,
    algorithms: ['EdDSA'],
    currentDate: new Date(now),
    clockTolerance: MAX_CLOCK_AHEAD_MS / 1000,
    requiredClaims: ['exp', 'iat', 'sub'],
  })
  const grant = roleGrantSchema.parse(payload)
  if ((grant.exp - grant.iat) * 1000 > ROLE_GRANT_LIFETIME_MS)
    throw new RangeError('role grant holds too long')
  return grant
}

/** The claims of a grant that held at `ms`, whether it does now or not. Throws for any other. */
export async function verifyRoleGrantAt(jwt: string, keys: KeySet, ms: number): Promise<RoleGrant> {
  const grant = await verifyRoleGrant(jwt, keys, ms)
  if (!wasHeldAt(grant, ms)) throw new RangeError('role grant of another time')
  return grant
}
