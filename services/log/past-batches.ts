import { MAX_FRAME_BYTES } from '../../protocol/limits'
import type { SignedBytes } from '../../protocol/message'
import type { LoggedMessage } from './logged-message'

/** What the schema of a `past` frame allows, and what its encoding adds, rounded up (bytes). */
const MAX_MESSAGES = 64
const MAX_PASSPORTS = 16
const FRAME_OVERHEAD = 64
const MESSAGE_OVERHEAD = 64 + 24
const PASSPORT_OVERHEAD = 4

/** What goes into one `past` frame. */
export interface PastBatch {
  passports: string[]
  messages: SignedBytes[]
}

/**
 * Messages in batches that each fit into one frame. `vouched` are the passports that this answer has carried already;
 * any other comes along with the first message that needs it.
 */
export function pastBatches(messages: readonly LoggedMessage[], vouched: ReadonlySet<string>): PastBatch[] {
  const carried = new Set(vouched)
  const batches: PastBatch[] = []
  let batch: PastBatch | undefined
  let room = 0
  for (const { signed, passport } of messages) {
    const passports = carried.has(passport) ? [] : [passport]
    carried.add(passport)
    const passportBytes = passports.length * (passport.length + PASSPORT_OVERHEAD)
    const size = signed.bytes.length + MESSAGE_OVERHEAD + passportBytes
    const isFull =
      size > room ||
      batch?.messages.length === MAX_MESSAGES ||
      (batch?.passports.length ?? 0) + passports.length > MAX_PASSPORTS
    if (!batch || isFull) {
      batch = { passports: [], messages: [] }
      batches.push(batch)
      room = MAX_FRAME_BYTES - FRAME_OVERHEAD
    }
    batch.messages.push({ bytes: signed.bytes, sig: signed.sig })
    batch.passports.push(...passports)
    room -= size
  }
  return batches
}
