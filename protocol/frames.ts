import { decodeCanonical, encodeCanonical } from './codec'
import { MAX_FRAME_BYTES } from './limits'
import { signedBytesSchema } from './message'
import { z } from './schema'

/** What travels on a link between two browsers. */
const frameSchema = z.discriminatedUnion('t', [
  signedBytesSchema.extend({ t: z.literal('message') }),
  signedBytesSchema.extend({ t: z.literal('presence') }),
  z.strictObject({ t: z.literal('ping') }),
  z.strictObject({ t: z.literal('pong') }),
])
export type Frame = z.infer<typeof frameSchema>

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

/** Faults that an honest peer can come by when clocks or views differ: counted, but not held against the link. */
export const EXCUSABLE_FAULTS: ReadonlySet<FrameFault> = new Set([
  'unknown-author',
  'unknown-key',
  'from-the-future',
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
