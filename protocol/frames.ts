import { decodeCanonical, encodeCanonical } from './codec'
import { MAX_FRAME_BYTES } from './limits'
import { signedBytesSchema } from './message'
import { hopsSchema, overlayFrameSchemas } from './overlay'
import { proofSchema } from './proof'
import { askedRulings, digestSchema, haveSchema, pastSchema, shortIds, wantSchema } from './reconciliation'
import { sealedReportSchema } from './report'
import { revocationsSchema } from './revocation'
import { z } from './schema'

/** What travels on a link between two browsers. */
const broadcastSchema = signedBytesSchema.extend({ hops: hopsSchema.exactOptional() })
const frameSchema = z.discriminatedUnion('t', [
  broadcastSchema.extend({ t: z.literal('message') }),
  broadcastSchema.extend({ t: z.literal('presence') }),
  broadcastSchema.extend({ t: z.literal('typing') }),
  proofSchema.extend({ t: z.literal('proof') }),
  digestSchema.extend({ t: z.literal('digest') }),
  haveSchema.extend({ t: z.literal('have') }),
  wantSchema.extend({ t: z.literal('want') }),
  pastSchema.extend({ t: z.literal('past') }),
  z.strictObject({ t: z.literal('revoked'), revocations: revocationsSchema }),
  signedBytesSchema.extend({ t: z.literal('ruling') }),
  /** Which rulings I hold, and which of those you hold I want. */
  z.strictObject({ t: z.literal('decided'), ids: shortIds }),
  z.strictObject({ t: z.literal('tell'), ids: askedRulings }),
  /** For moderators only; whoever passes it on cannot tell from whom it is. */
  sealedReportSchema.extend({ t: z.literal('report') }),
  z.strictObject({ t: z.literal('ping') }),
  z.strictObject({ t: z.literal('pong') }),
  ...overlayFrameSchemas,
])
export type Frame = z.infer<typeof frameSchema>

/** What is meant for everybody in the room. */
export type BroadcastFrame = Extract<Frame, { t: 'message' | 'presence' | 'typing' }>
/** What neighbours say about the room's links. */
export type OverlayWireFrame = Extract<
  Frame,
  { t: 'walk' | 'shuffle' | 'shuffled' | 'bye' | 'ihave' | 'graft' | 'prune' | 'signal' }
>

export const encodeFrame = (frame: Frame): Uint8Array<ArrayBuffer> => encodeCanonical(frame)

/** Why a frame was refused; counted by this name. */
export type FrameFault =
  | 'oversized'
  | 'malformed'
  | 'wrong-room'
  | 'bad-signature'
  | 'bad-passport'
  | 'unknown-key'
  | 'unknown-author'
  | 'replayed'
  | 'stale'
  | 'from-the-future'
  | 'void-author'
  | 'unsolicited'
  | 'no-proof'
  | 'revoked'
  | 'bad-revocation'
  | 'bad-role'
  | 'unlinked'
  | 'banned'

/** Faults that an honest peer can come by when clocks or views differ: counted, but not held against the link. */
export const EXCUSABLE_FAULTS: ReadonlySet<FrameFault> = new Set([
  // It was asked for while it was on its way.
  'replayed',
  'unknown-author',
  'unknown-key',
  'from-the-future',
  'void-author',
  'revoked',
  'stale',
  'unlinked',
  'banned',
])

export type DecodedFrame = { frame: Frame } | { fault: FrameFault }

/** The frame in `bytes`, or what is wrong with it. The size is looked at before anything is parsed. */
export function decodeFrame(bytes: Uint8Array): DecodedFrame {
  if (bytes.length > MAX_FRAME_BYTES) return { fault: 'oversized' }
  try {
    return { frame: frameSchema.parse(decodeCanonical(bytes)) }
  } catch {
    return { fault: 'malformed' }
  }
}
