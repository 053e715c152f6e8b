import { decodeJwt } from 'jose'
import { decodeCanonical, encodeCanonical } from './codec'
import { type AccountId, accountIdSchema, deviceIdSchema } from './device'
import { displayNameSchema } from './display-name'
import {
  MAX_CLOCK_AHEAD_MS,
  MAX_HEARD_DEVICES,
  MAX_PASSPORT_BYTES,
  MAX_ROLE_GRANT_BYTES,
  MAX_SLOW_SECONDS,
  MAX_TIMEOUT_MS,
  PROTOCOL_VERSION,
} from './limits'
import type { SignedBytes } from './message'
import { type MessageId, messageIdSchema } from './message-id'
import type { Passport } from './passport'
import { type Role, type RoleGrant, roleSchema } from './role'
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

/** Whom it is about. `name`: what they were called then, for those who never met them. */
const target = { account: accountIdSchema, name: displayNameSchema }

/**
 * The last message of each device of that account that counts; of devices that are not named none does. A stamp can be set
 * back, a number cannot: what comes after it counts for nothing, whenever it says it was said.
 */
const heard = z
  .array(z.strictObject({ device: deviceIdSchema, seq: z.int().min(0) }))
  .max(MAX_HEARD_DEVICES)
  .refine((all) => new Set(all.map(({ device }) => device)).size === all.length)
export type Heard = z.infer<typeof heard>

/**
 * What somebody who runs or moderates a channel decides for its room. It carries whatever it takes to check it offline, at any
 * time: whose the device is, and that the account had the role when it was made.
 */
const unsignedRulingSchema = z.discriminatedUnion('act', [
  /** From then on only accounts that are linked to Twitch take part; or everybody again. */
  z.strictObject({ ...common, act: z.literal('linked-only'), on: z.boolean() }),
  /** From then on an account says something every `seconds` at most; 0: as often as it likes. */
  z.strictObject({ ...common, act: z.literal('slow'), seconds: z.int().min(0).max(MAX_SLOW_SECONDS) }),
  /** What was stamped until `before` (ms) counts no more, whoever said it. */
  z
    .strictObject({ ...common, act: z.literal('clear'), before: epochMs })
    .refine(({ before, ms }) => before <= ms),
  /** One message of `account`, stamped `at` (ms), counts no more. */
  z
    .strictObject({ ...common, act: z.literal('delete'), ...target, message: messageIdSchema, at: epochMs })
    .refine(({ at, ms }) => at <= ms + MAX_CLOCK_AHEAD_MS),
  /** Until then an account may listen, and what it says counts for nothing. */
  z
    .strictObject({ ...common, act: z.literal('timeout'), ...target, heard, until: epochMs })
    .refine(({ until, ms }) => ms < until && until <= ms + MAX_TIMEOUT_MS),
  /** From then on an account takes no part. */
  z.strictObject({ ...common, act: z.literal('ban'), ...target, heard }),
  /** An account takes part again. What it said after `heard` and before this stays without effect. */
  z.strictObject({ ...common, act: z.literal('unban'), ...target, heard }),
  /** Shows that its own account has a role: what moderators decide about it does not count. */
  z.strictObject({ ...common, act: z.literal('staff') }),
])
export type Ruling = z.infer<typeof unsignedRulingSchema>

/** A checked ruling. `id`: the SHA-256 of its bytes, as of a message. */
export interface HeldRuling {
  readonly id: MessageId
  readonly ruling: Ruling
  readonly signed: SignedBytes
}

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never
/** What is decided. */
export type Act = Without<Ruling, keyof typeof common>
/** A ruling that says whether an account may speak. */
export type BarRuling = Extract<Ruling, { act: 'timeout' | 'ban' | 'unban' }>
export type DeleteRuling = Extract<Ruling, { act: 'delete' }>

export const isBar = (ruling: Ruling): ruling is BarRuling =>
  ruling.act === 'timeout' || ruling.act === 'ban' || ruling.act === 'unban'

export const encodeRuling = (ruling: Ruling): Uint8Array<ArrayBuffer> => encodeCanonical(ruling)

/** The ruling in `bytes`. Throws for what is not canonical or breaks the schema; checks no signature. */
export function decodeRuling(bytes: Uint8Array): Ruling {
  return unsignedRulingSchema.parse(decodeCanonical(bytes))
}

/** Who decided, by the passport and the grant that a ruling carries. */
export interface Ruler {
  readonly account: AccountId
  readonly name: string
  readonly role: Role
  /** Until when (ms) the grant holds. */
  readonly until: number
}

const bearerSchema = z.object({ sub: accountIdSchema, name: z.string() })
const grantSchema = z.object({ role: roleSchema, exp: z.int() })
const rulers = new WeakMap<Ruling, Ruler>()

/** What a ruling that was checked says of who made it. Without a role that can be read, as little as can be. */
export function rulerOf(ruling: Ruling): Ruler | undefined {
  const known = rulers.get(ruling)
  if (known) return known
  try {
    const { sub: account, name } = bearerSchema.parse(decodeJwt(ruling.passport))
    const { role, exp } = grantSchema.parse(decodeJwt(ruling.role))
    const ruler = { account, name, role, until: exp * 1000 }
    rulers.set(ruling, ruler)
    return ruler
  } catch {
    return undefined
  }
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
