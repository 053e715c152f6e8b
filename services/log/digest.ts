import { concat, utf8 } from '../../protocol/bytes'
import type { DeviceId } from '../../protocol/device'
import { DIGEST_BUCKETS, DIGEST_HASH_BYTES } from '../../protocol/limits'
import type { Digest } from '../../protocol/reconciliation'
import type { LoggedMessage } from './logged-message'
import type { MessageLog } from './message-log'
import { packIds, shortIdOf } from './short-id'

/*
 * Why a hash over sorted ids and not their XOR: XOR is linear. Whoever says some 64 messages finds by elimination a set
 * of them whose ids cancel out, gives it to one half of a room, and both halves' digests agree for ever. Against
 * SHA-256 cut to 8 bytes one has to find a second set with a given hash (2^64 tries), or two of one's own choosing
 * (2^32, guessing both logs whole); and as boundaries follow each member's own log, which every message shifts, that
 * hides something from one pull and not from the next.
 */

/** What `log` holds, roughly: boundaries are quantiles of its own times, so that each bucket holds as many messages. */
export async function digestOf(log: MessageLog): Promise<Digest> {
  const messages = log.all
  const starts = startsOf(messages, horizonOf(log, messages[0]))
  return {
    starts,
    hashes: concat(...(await hashesOf(messages, starts))),
    voided: await hashOfVoided(log.proofs),
  }
}

export interface Difference {
  /** What we hold in the buckets that differ, newest first. */
  messages: LoggedMessage[]
  areBucketsAlike: boolean
  /** Whether the same devices are void. */
  areVoidedAlike: boolean
}

/** How `log` differs from what another member's `digest` tells. Nothing before its horizon counts. */
export async function differenceTo(digest: Digest, log: MessageLog): Promise<Difference> {
  const [voided, messages] = [log.proofs, log.all]
  const areVoidedAlike = isEqual(await hashOfVoided(voided), digest.voided)
  const hashes = await hashesOf(messages, digest.starts)
  const differing = hashes.map(
    (hash, index) =>
      !isEqual(hash, digest.hashes.subarray(index * DIGEST_HASH_BYTES, (index + 1) * DIGEST_HASH_BYTES)),
  )
  const held = bucketsOf(messages, digest.starts).flatMap((bucket, index) => (differing[index] ? bucket : []))
  return { messages: held.reverse(), areBucketsAlike: !differing.includes(true), areVoidedAlike }
}

/** From when on (ms) messages are wanted: a full log has no place for older ones. */
function horizonOf(log: MessageLog, oldest: LoggedMessage | undefined): number {
  if (log.isFull && oldest) return oldest.time.ms
  return log.clearedUntil > 0 ? log.clearedUntil + 1 : 0
}

function startsOf(messages: readonly LoggedMessage[], horizon: number): number[] {
  const count = Math.min(DIGEST_BUCKETS, messages.length)
  const starts = [horizon]
  for (let bucket = 1; bucket < count; bucket++) {
    const start = messages[Math.floor((bucket * messages.length) / count)]?.time.ms ?? 0
    if (start > (starts.at(-1) ?? start)) starts.push(start)
  }
  return starts
}

/** Messages by the bucket they were stamped in; both lists are in order. */
function bucketsOf(messages: readonly LoggedMessage[], starts: readonly number[]): LoggedMessage[][] {
  const buckets = starts.map((): LoggedMessage[] => [])
  let bucket = -1
  for (const message of messages) {
    while (message.time.ms >= (starts[bucket + 1] ?? Number.POSITIVE_INFINITY)) bucket++
    buckets[bucket]?.push(message)
  }
  return buckets
}

const hashesOf = (messages: readonly LoggedMessage[], starts: readonly number[]) =>
  Promise.all(
    bucketsOf(messages, starts).map((bucket) => hash(packIds(bucket.map(({ id }) => shortIdOf(id)).sort()))),
  )

const hashOfVoided = (voided: ReadonlyMap<DeviceId, unknown>) => hash(utf8([...voided.keys()].sort().join()))

async function hash(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)).subarray(0, DIGEST_HASH_BYTES)
}

const isEqual = (a: Uint8Array, b: Uint8Array) =>
  a.length === b.length && a.every((byte, index) => byte === b[index])
