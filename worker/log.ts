/**
 * Structured log lines. Only what is named here ever goes in: no bodies, headers, addresses, codes, tokens, accounts
 * or rooms, and no error messages either, because a message may quote what it choked on.
 */

/** One answered request. */
export interface RequestLine {
  method: string
  /** The pattern that took it, `/rooms/:room/ticket`, never the path itself. */
  route: string
  status: number
  /** Until the answer was ready. */
  ms: number
  requestId: string
  /** The `code`, if the answer is a problem. */
  problem?: string
}

export function logRequest(line: RequestLine): void {
  // biome-ignore lint/suspicious/noConsole: the Worker's log is its console
  console.log(JSON.stringify({ event: 'request', ...line }))
}

export function logFailure(
  { method, route, requestId }: Pick<RequestLine, 'method' | 'route' | 'requestId'>,
  error: unknown,
): void {
  const name = error instanceof Error ? error.name : typeof error
  const frames = error instanceof Error ? stackFrames(error) : []
  // biome-ignore lint/suspicious/noConsole: the Worker's log is its console
  console.error(JSON.stringify({ event: 'internal_error', method, route, requestId, name, frames }))
}

/** A part of what an object's alarm is for; it is tried again. */
export function logAlarmFailure(error: unknown): void {
  const name = error instanceof Error ? error.name : typeof error
  const frames = error instanceof Error ? stackFrames(error) : []
  // biome-ignore lint/suspicious/noConsole: the Worker's log is its console
  console.error(JSON.stringify({ event: 'alarm_failed', name, frames }))
}

/** Members get no relay for a while. `reason` is one of our own words, never what a server answered. */
export function logRelayUnavailable(reason: string): void {
  // biome-ignore lint/suspicious/noConsole: the Worker's log is its console
  console.warn(JSON.stringify({ event: 'relay_unavailable', reason }))
}

/** Twitch could not be asked. `reason` is one of our own words, never what it answered. */
export function logTwitchUnavailable(reason: string): void {
  // biome-ignore lint/suspicious/noConsole: the Worker's log is its console
  console.warn(JSON.stringify({ event: 'twitch_unavailable', reason }))
}

const stackFrames = (error: Error) =>
  (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 6)
