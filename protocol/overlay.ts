import { deviceIdSchema } from './device'
import {
  BROADCAST_ID_BYTES,
  MAX_ANNOUNCED_IDS,
  MAX_HOPS,
  MAX_SHUFFLED,
  MAX_SIGNAL_BYTES,
  MAX_STEPS,
} from './limits'
import { bytesOf, bytesUpTo, z } from './schema'

const DEVICE_BYTES = 32

/** How many links a broadcast has taken when it arrives. Without, it was told to one link alone. */
export const hopsSchema = z.int().min(1).max(MAX_HOPS)

const steps = z.int().min(1).max(MAX_STEPS)
const whole = (bytes: Uint8Array, unit: number) => bytes.length % unit === 0
/** Device keys in one piece. */
const devices = bytesUpTo(MAX_SHUFFLED * DEVICE_BYTES).refine((bytes) => whole(bytes, DEVICE_BYTES))
/** The first bytes of broadcasts' SHA-256, in one piece. */
const ids = bytesUpTo(MAX_ANNOUNCED_IDS * BROADCAST_ID_BYTES).refine((bytes) =>
  whole(bytes, BROADCAST_ID_BYTES),
)

/**
 * What members of a room say to each other about its links: HyParView (Leitão, Pereira, Rodrigues, DSN 2007) and Plumtree
 * (SRDS 2007). Unsigned: each says no more than what a neighbour may say, and is bounded by what it may cost.
 */
export const overlayFrameSchemas = [
  /** `origin` looks for a member with a place free. */
  z.strictObject({ t: z.literal('walk'), origin: deviceIdSchema, ttl: steps }),
  z.strictObject({ t: z.literal('shuffle'), origin: deviceIdSchema, ttl: steps, peers: devices }),
  z.strictObject({ t: z.literal('shuffled'), to: deviceIdSchema, ttl: steps, peers: devices }),
  /** This link ends in peace. `instead`: who took its place. */
  z.strictObject({ t: z.literal('bye'), instead: deviceIdSchema.exactOptional() }),
  /** I have these; each took so many links to me. */
  z
    .strictObject({ t: z.literal('ihave'), ids, hops: bytesUpTo(MAX_ANNOUNCED_IDS) })
    .refine(({ ids: { length }, hops }) => length === hops.length * BROADCAST_ID_BYTES),
  /** Send me these, and from now on all that is new. */
  z.strictObject({ t: z.literal('graft'), ids }),
  /** Announce to me only. */
  z.strictObject({ t: z.literal('prune') }),
  /** A sealed signal on its way over links. With a `nonce` it goes everywhere, once. */
  z.strictObject({
    t: z.literal('signal'),
    from: deviceIdSchema,
    to: deviceIdSchema,
    ttl: steps,
    data: bytesUpTo(MAX_SIGNAL_BYTES),
    nonce: bytesOf(8).exactOptional(),
  }),
] as const
