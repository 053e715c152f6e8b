import { toBase64Url } from './bytes'
import { decodeCanonical, encodeCanonical } from './codec'
import { consentProofSchema } from './consent'
import { deviceIdSchema } from './device'
import { MAX_HUB_BYTES, MAX_INTRODUCTIONS, MAX_SIGNAL_BYTES, MAX_SOCKET_MESSAGE_BYTES } from './limits'
import { signedBytesSchema } from './message'
import { askedRulings, shortIds } from './reconciliation'
import { revocationsSchema } from './revocation'
import { bytesUpTo, epochMs, z } from './schema'

/**
 * The WebSocket between a member and its room object: binary messages, canonical CBOR. The text `ping` is
 * answered with `pong` by the runtime itself, without waking the object.
 */
export const SOCKET_PING = 'ping'
export const SOCKET_PONG = 'pong'

/** Close codes of the room object (RFC 6455 §7.4.2, private range). */
export const SocketClose = {
  /** The same device opened a newer socket. Whoever had the older one does not fight for the place. */
  replaced: 4001,
  /** What was sent broke the protocol. */
  malformed: 4002,
  /** Too much was sent. Reconnect later. */
  rateLimited: 4003,
  /** The device, or its account, has ended. */
  revoked: 4004,
  /** The socket has been open for a day: come back with a fresh ticket. */
  aged: 4005,
  /** Only linked accounts take part in the room, and this one is not. Come back once it is, or now and then. */
  unlinked: 4006,
  /** Somebody who runs or moderates the channel has banned the account. Come back now and then. */
  banned: 4007,
} as const

/**
 * The network (IPv4 /24, IPv6 /48) that a member's ticket was asked from, by this room's pseudonym for it: 8 bytes,
 * base64url, 11 characters. Says of two members of one room whether they share a network, and nothing in another room.
 */
export type NetworkBucket = string & { readonly __bucket: never }

const NETWORK_BUCKET = /^[A-Za-z0-9_-]{10}[AEIMQUYcgkosw048]$/

export const networkBucketSchema = z.custom<NetworkBucket>(
  (value) => typeof value === 'string' && NETWORK_BUCKET.test(value),
  'not a network bucket',
)

/** The bucket of 8 bytes. Throws for any other number. */
export const networkBucketOf = (bytes: Uint8Array): NetworkBucket =>
  networkBucketSchema.parse(toBase64Url(bytes))

/**
 * A member to dial, its network, and whether it agrees to direct links as far as the room object was told. Links to
 * members of several networks are what keeps the owner of one from being all of somebody's neighbours.
 */
const introductionSchema = z.strictObject({
  device: deviceIdSchema,
  bucket: networkBucketSchema,
  direct: z.boolean(),
  /** The member's own signature under that: see `consent.ts`. Without, nobody acts on it. */
  consent: consentProofSchema.exactOptional(),
})
export type Introduction = z.infer<typeof introductionSchema>
const members = z.array(introductionSchema).max(MAX_INTRODUCTIONS)

const fromMemberSchema = z.discriminatedUnion('t', [
  /** Pass this signed offer or answer on. */
  z.strictObject({ t: z.literal('signal'), to: deviceIdSchema, data: bytesUpTo(MAX_SIGNAL_BYTES) }),
  /** Pass this sealed frame on. */
  z.strictObject({ t: z.literal('hub'), to: deviceIdSchema, data: bytesUpTo(MAX_HUB_BYTES) }),
  /** Whether I agree to direct links; no, until it is said. Said again when it changes. */
  z.strictObject({
    t: z.literal('terms'),
    direct: z.boolean(),
    consent: consentProofSchema.exactOptional(),
  }),
  /** Name some live members again: my links are too few. */
  z.strictObject({ t: z.literal('introduce') }),
  /** Keep this ruling, mine or another's, and tell everybody. */
  signedBytesSchema.extend({ t: z.literal('rule') }),
  /** Tell me these rulings, by the first bytes of their ids. */
  z.strictObject({ t: z.literal('tell'), ids: askedRulings }),
])
export type FromMember = z.infer<typeof fromMemberSchema>

const toMemberSchema = z.discriminatedUnion('t', [
  /** First word. `now` is the Worker's clock (ms); `members` are random live ones to dial; `sockets` counts all. */
  z.strictObject({ t: z.literal('welcome'), now: epochMs, members, sockets: z.int().min(1) }),
  z.strictObject({ t: z.literal('introduced'), members }),
  /** `bucket`: the sender's network. */
  z.strictObject({
    t: z.literal('signal'),
    from: deviceIdSchema,
    bucket: networkBucketSchema,
    data: bytesUpTo(MAX_SIGNAL_BYTES),
  }),
  z.strictObject({ t: z.literal('hub'), from: deviceIdSchema, data: bytesUpTo(MAX_HUB_BYTES) }),
  /** The addressee has no socket here (any more). */
  z.strictObject({ t: z.literal('absent'), device: deviceIdSchema }),
  /** Passports that count no more: after the welcome those that are remembered here, later each as it comes. */
  z.strictObject({ t: z.literal('revoked'), revocations: revocationsSchema }),
  /** What was decided for the room: after the welcome what is remembered here, later each as it comes. */
  signedBytesSchema.extend({ t: z.literal('ruled') }),
  /** All rulings that are remembered here, by the first bytes of their ids: after the welcome. */
  z.strictObject({ t: z.literal('decided'), ids: shortIds }),
])
export type ToMember = z.infer<typeof toMemberSchema>

export const encodeFromMember = (message: FromMember) => encodeCanonical(message)
export const encodeToMember = (message: ToMember) => encodeCanonical(message)

/** Both throw for what is too large, not canonical, or breaks the schema. */
export const decodeFromMember = (data: Uint8Array) => fromMemberSchema.parse(decodeSized(data))
export const decodeToMember = (data: Uint8Array) => toMemberSchema.parse(decodeSized(data))

function decodeSized(data: Uint8Array): unknown {
  if (data.length > MAX_SOCKET_MESSAGE_BYTES) throw new RangeError('socket message too large')
  return decodeCanonical(data)
}
