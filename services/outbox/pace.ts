import { MAX_CLOCK_AHEAD_MS, type SayPace } from '../../protocol/limits'
import type { HybridTime } from '../../protocol/message'
import type { Line } from '../history/archive'

/**
 * When (ms) the next message of a line may be stamped at the earliest: `pace.ms` after the one `pace.messages` before
 * it. In the past when there is no need to wait.
 */
export function earliestStamp({ recent }: Line, { messages, ms }: SayPace): number {
  const before = recent.at(-messages)
  return before === undefined || recent.length < messages ? 0 : before + ms
}

/** The line after one more message with that stamp. */
export function lineAfter({ recent }: Line, seq: number, time: HybridTime, { messages }: SayPace): Line {
  return { next: seq + 1, last: time, recent: [...recent, time.ms].slice(-messages) }
}

/**
 * The line without stamps so far ahead that nobody can have taken them: our clock was wrong when they were made. Its
 * numbers go on, so that none is given out twice.
 */
export function withoutFuture(line: Line, now: number): Line {
  if (line.last.ms <= now + MAX_CLOCK_AHEAD_MS) return line
  const recent = line.recent.filter((ms) => ms <= now)
  return { ...line, recent, last: { ms: recent.at(-1) ?? 0, count: 0xffff } }
}
