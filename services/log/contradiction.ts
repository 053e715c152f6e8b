import type { DeviceId } from '../../protocol/device'
import { SAY_PACE, type SayPace } from '../../protocol/limits'
import { compareTimes, type HybridTime, type MessageId } from '../../protocol/message'
import type { RoomId } from '../../protocol/room-id'

/** A message as far as its place in its author's line goes. */
export interface Spoken {
  readonly id: MessageId
  readonly room: RoomId
  readonly device: DeviceId
  readonly seq: number
  readonly time: HybridTime
}

/**
 * Whether two messages of one device and room contradict each other, so that no correct device signs both: one `seq` for
 * two of them, stamps that do not rise with `seq`, or more said than the pace allows. Only signed data count, so
 * everybody judges alike, whenever and in whatever order the two arrive.
 *
 * Pairs suffice. Where a device's whole line is known, "message n + 20 comes at least 30 s after message n" is the case
 * of a distance of 20; whatever is further apart follows from chains of such steps and rising stamps. A pair still
 * tells when those between them are missing or were pruned: 40 apart must be 60 s apart, whatever was between.
 * A gap in `seq` is no contradiction: what is missing may have been said to somebody else, and is asked for.
 */
export function contradicts(a: Spoken, b: Spoken, pace: SayPace = SAY_PACE): boolean {
  if (a.device !== b.device || a.room !== b.room || a.id === b.id) return false
  if (a.seq === b.seq) return true
  const [former, latter] = a.seq < b.seq ? [a, b] : [b, a]
  if (compareTimes(former.time, latter.time) >= 0) return true
  const due = Math.floor((latter.seq - former.seq) / pace.messages) * pace.ms
  return latter.time.ms - former.time.ms < due
}
