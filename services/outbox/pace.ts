import { MAX_CLOCK_AHEAD_MS, type SayPace } from '../../protocol/limits'
import type { HybridTime } from '../../protocol/message'
import type { Line } from '../history/archive'

/**
 * Nobody takes what is stamped further ahead of time than this (ms), whatever is wrong with their own clock. Far more than
 * `MAX_CLOCK_AHEAD_MS`, by which each judges after a clock of its own.
 */
export const UNHEARD_AHEAD_MS = 5 * 60_000

/**
 * When (ms) the next message of a line may be stamped at the earliest: `pace.ms` after the one `pace.messages` before
 * it, and not while the latest stamp is so far ahead of time that nobody would take a later one. In the past when there is
 * no need to wait.
 *
 * Whether our clock was ahead then or is behind now cannot be told from here, so nothing is ever stamped before the
 * latest stamp: two stamps that do not rise void their author for good.
 */
export function earliestStamp({ recent, last }: Line, { messages, ms }: SayPace): number {
  const before = recent.length < messages ? undefined : recent.at(-messages)
  return Math.max(before === undefined ? 0 : before + ms, last.ms - MAX_CLOCK_AHEAD_MS)
}

/** The line after one more message with that stamp. Numbers that it skips count as if stamped just then. */
export function lineAfter(
  { next, recent }: Line,
  seq: number,
  time: HybridTime,
  { messages }: SayPace,
): Line {
  const stamps = Array.from({ length: Math.min(seq + 1 - next, messages) }, () => time.ms)
  return { next: seq + 1, last: time, recent: [...recent, ...stamps].slice(-messages) }
}

/**
 * The line without stamps so far ahead that nobody can have taken them: our clock was wrong when they were made. Only for
 * a `now` that the Worker has told. Numbers go on, so that none is given out twice; for the pace it is as if they were
 * stamped now.
 */
export function withoutFuture(line: Line, now: number): Line {
  const limit = now + UNHEARD_AHEAD_MS
  if (line.last.ms <= limit) return line
  const heard = line.recent.filter((ms) => ms <= limit)
  const recent = line.recent.map((ms) => (ms <= limit ? ms : now))
  return { ...line, recent, last: { ms: heard.at(-1) ?? 0, count: 0xffff } }
}
