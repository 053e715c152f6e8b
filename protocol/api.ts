import { abuseContactSchema } from './abuse-contact'
import { accountIdSchema, deviceIdSchema, sealKeySchema } from './device'
import { displayNameSchema } from './display-name'
import { emailSchema } from './email'
import {
  CODE_DIGITS,
  MAX_NAME_BYTES,
  MAX_PASSPORT_BYTES,
  MAX_REPORT_BYTES,
  MAX_ROLE_GRANT_BYTES,
} from './limits'
import { LOGIN_PATTERN } from './login'
import { pictureHashSchema } from './picture-hash'
import { roleSchema } from './role'
import { epochMs, z } from './schema'
import { leavesSecret } from './seal-key'

/**
 * Bodies of the Worker's routes, both directions. Times are ms since the epoch on the Worker's clock.
 * A device proves itself with an assertion: a JWT signed by its key (RFC 7523 §3), `typ` ASSERTION_TYPE.
 */
export const ASSERTION_TYPE = 'sidestream-assertion+jwt'
export const ACCESS_TOKEN_TYPE = 'at+jwt'
export const DPOP_TYPE = 'dpop+jwt'

export const codeSchema = z.string().regex(new RegExp(`^\\d{${CODE_DIGITS}}$`))

/**
 * What a browser shows to be known again by one address, signed in or not: an HMAC of the address under a secret that
 * never leaves the browser (32 bytes, base64url), so that no two addresses are told the same. Is worth a place in the
 * queue for mails, and nothing else.
 */
export const returningSchema = z.string().regex(/^[A-Za-z0-9_-]{43}$/)

/** The name of a product, such as `Chrome` or `Windows`. */
const productSchema = z.string().regex(/^[A-Za-z0-9 .+-]{1,24}$/)
/** What a device runs on, as it says itself: for its owner to tell their devices apart. */
export const devicePlatformSchema = z.object({ browser: productSchema, system: productSchema })
export type DevicePlatform = z.infer<typeof devicePlatformSchema>

/** `POST /auth/code`: mail a one-time code. Answers 202 alike for known and unknown addresses. */
export const codeRequestSchema = z.object({
  email: emailSchema,
  device: deviceIdSchema,
  returning: returningSchema.exactOptional(),
})
export const codeResponseSchema = z.object({ expiresAt: epochMs })

/** `POST /auth/verify`: trade the code for an account; registers the device that signs `assertion`. */
export const verifyRequestSchema = z.object({
  email: emailSchema,
  code: codeSchema,
  device: deviceIdSchema,
  seal: sealKeySchema.refine(leavesSecret, 'a key that leaves no secret'),
  assertion: z.string().max(2_048),
  returning: returningSchema.exactOptional(),
  platform: devicePlatformSchema.exactOptional(),
})
export const accountSchema = z.object({ accountId: accountIdSchema, displayName: displayNameSchema })
export type Account = z.infer<typeof accountSchema>

/** `POST /auth/token`: the registered device key is the session; no refresh token exists. */
export const tokenRequestSchema = z.object({ assertion: z.string().max(2_048) })
export const tokenResponseSchema = z.object({
  accessToken: z.string(),
  tokenType: z.literal('DPoP'),
  /** Seconds. */
  expiresIn: z.int().positive(),
  serverTime: epochMs,
})
export type TokenResponse = z.infer<typeof tokenResponseSchema>

/** `POST /reports`: a signed report in base64url, for the operator; its own bytes say who sends it. */
export const reportRequestSchema = z.object({
  report: z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/)
    .max(Math.ceil((MAX_REPORT_BYTES * 4) / 3)),
  sig: z.string().regex(/^[A-Za-z0-9_-]{86}$/),
})

/** The Twitch account that an account of ours is linked to. */
export const twitchLinkSchema = z.object({
  login: z.string().regex(LOGIN_PATTERN),
  /** Whether passports carry the login, so that everybody in a room sees it. */
  shown: z.boolean(),
  /** `gone`: Twitch does not vouch for it any more, because its owner withdrew the consent there. */
  state: z.enum(['linked', 'gone']),
  /** Known to stream: an affiliate or partner, or has been in the room of their own channel. */
  broadcaster: z.boolean(),
})
export type TwitchLink = z.infer<typeof twitchLinkSchema>

/** A device that is signed in. `current`: the one that asks. */
export const deviceViewSchema = z.object({
  device: deviceIdSchema,
  createdAt: epochMs,
  /** When it last asked the Worker for anything; up to an hour behind. */
  seenAt: epochMs,
  current: z.boolean(),
  platform: devicePlatformSchema.exactOptional(),
})
export type DeviceView = z.infer<typeof deviceViewSchema>

/** `GET /devices` (DPoP): the one that asks first, then the one seen last. */
export const devicesResponseSchema = z.object({ devices: z.array(deviceViewSchema) })

/** `POST /passport` (DPoP). */
export const passportResponseSchema = z.object({
  passport: z.string().max(MAX_PASSPORT_BYTES),
  expiresAt: epochMs,
  /** Told to this device alone; the passport tells others less. */
  twitch: twitchLinkSchema.nullable(),
})

/** `GET` and `PUT /user/display-name` (DPoP). */
export const displayNameBodySchema = z.object({ displayName: displayNameSchema })

/**
 * `GET /names/:name/availability` (DPoP): whether a rename would work now. `yours` with `available`: another spelling of
 * one's own name, or one given up lately; without: the very name one has.
 */
export const nameAvailabilitySchema = z.object({
  available: z.boolean(),
  reason: z.enum(['taken', 'reserved', 'not_allowed', 'yours']).exactOptional(),
})
export type NameAvailability = z.infer<typeof nameAvailabilitySchema>

/** `GET /names/suggest` (DPoP): names that were free a moment ago. `like`: what they shall resemble. */
export const nameSuggestionQuerySchema = z.object({ like: z.string().max(MAX_NAME_BYTES).optional() })
export const nameSuggestionsSchema = z.object({ names: z.array(displayNameSchema) })

/** `GET /twitch` and `PUT /twitch/visibility` (DPoP). `available`: whether this Worker can link at all. */
export const twitchResponseSchema = z.object({ available: z.boolean(), link: twitchLinkSchema.nullable() })
export type TwitchResponse = z.infer<typeof twitchResponseSchema>

/** `POST /twitch/attempt` (DPoP): `redirect` is this extension's own `identity.getRedirectURL()`. */
export const twitchAttemptRequestSchema = z.object({ redirect: z.string().max(256) })
/** `url` is for `identity.launchWebAuthFlow`; it may be opened again until Twitch has answered. */
export const twitchAttemptResponseSchema = z.object({ url: z.string().max(2_048), expiresAt: epochMs })

/** `POST /twitch/link` (DPoP): `result` as it came with the redirect, once and by the device that began. */
export const twitchLinkRequestSchema = z.object({ result: z.string().regex(/^[A-Za-z0-9_-]{43}$/) })

/** `PUT /twitch/visibility` (DPoP). */
export const twitchVisibilitySchema = z.object({ shown: z.boolean() })

/** `GET /rooms/:login/role` (DPoP). */
export const roleResponseSchema = z.object({
  /** What this account is in the channel's room; `null`: a viewer like everybody. */
  role: roleSchema.nullable(),
  /** The Worker's word for it, which peers check by `verifyRoleGrant`. */
  grant: z.string().max(MAX_ROLE_GRANT_BYTES).nullable(),
  /** When it is worth asking again (ms since the epoch): Twitch was asked before then. */
  askAgainAt: epochMs,
})
export type RoleResponse = z.infer<typeof roleResponseSchema>

/** `GET`, `POST` and `DELETE /user/profile-picture` (DPoP): the hash of the picture there is now. */
export const profilePictureSchema = z.object({ avatar: pictureHashSchema.nullable() })

/** `POST /rooms/:room/ticket` (DPoP): opens one socket within 30 s. */
export const ticketResponseSchema = z.object({ ticket: z.string().max(2_048), expiresAt: epochMs })

/** `GET /ice` (DPoP): what `RTCPeerConnection` takes as `iceServers`, and until when it may be used. */
export const iceResponseSchema = z.object({
  /** ms since the epoch; at most an hour from now. */
  expiresAt: epochMs,
  iceServers: z.array(
    z.object({
      urls: z.array(z.string()),
      username: z.string().exactOptional(),
      credential: z.string().exactOptional(),
    }),
  ),
})
export type IceServers = z.infer<typeof iceResponseSchema>['iceServers']

/**
 * `GET /account/export` (DPoP): everything that the Worker knows of an account. Addresses of e-mail are known by their
 * keyed hash alone; `parts` are as their own code says, for example `picture`, `twitch`, `name`.
 */
export const accountExportSchema = z.object({
  format: z.literal('sidestream-account'),
  version: z.literal(1),
  /** ISO 8601. */
  exportedAt: z.string(),
  accountId: accountIdSchema,
  createdAt: z.string(),
  displayName: z.string().nullable(),
  /** What the account's passports count up. */
  passportVersion: z.int(),
  addresses: z.array(z.string()),
  devices: z.array(deviceViewSchema),
  /** Rooms for which a device had a ticket in the last day. */
  rooms: z.array(z.object({ room: z.string(), device: deviceIdSchema, until: z.string() })),
  parts: z.record(z.string(), z.unknown()),
})
export type AccountExport = z.infer<typeof accountExportSchema>

/** `GET /health`. */
export const healthSchema = z.object({
  ok: z.literal(true),
  version: z.string(),
  serverTime: epochMs,
  /** Where its operator wants to be told of abuse: a `mailto:` or `https:` URL. */
  abuse: abuseContactSchema.exactOptional(),
})
