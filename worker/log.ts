/**
 * Structured log lines. Only what is named here ever goes in: no bodies, headers, addresses, codes or tokens,
 * and no error messages either, because a message may quote what it choked on.
 */
export function logFailure(method: string, route: string, error: unknown): void {
  const name = error instanceof Error ? error.name : typeof error
  const frames = error instanceof Error ? stackFrames(error) : []
  // biome-ignore lint/suspicious/noConsole: the Worker's log is its console
  console.error(JSON.stringify({ event: 'internal_error', method, route, name, frames }))
}

/** Members get no relay for a while. `reason` is one of our own words, never what a server answered. */
export function logRelayUnavailable(reason: string): void {
  // biome-ignore lint/suspicious/noConsole: the Worker's log is its console
  console.warn(JSON.stringify({ event: 'relay_unavailable', reason }))
}

const stackFrames = (error: Error) =>
  (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 6)
