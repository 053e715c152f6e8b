import { percentile, sorted } from './worker-figures.ts'

/** p50, p95 and p99 of milliseconds. */
export interface Spread {
  p50: number
  p95: number
  p99: number
}

/** What one room of N peers did. Times are milliseconds, CPU is seconds. */
export interface Figures {
  adapter: string
  n: number
  rep: number
  /** One connection between two tabs right before: until open, and one way. */
  floor: { setup: number; hop: number }
  join: {
    /** Until a peer heard one other: half of them by then. */
    first: number
    /** Until everybody heard everybody; `Infinity` if that did not happen. */
    all: number
    /** Of all pairs, how many heard each other. */
    heard: number
    /** Until no connection was made for a while any more. */
    settled: number
    /** The browser's, until everybody heard everybody, and until it had settled. */
    cpuHeard: number
    cpu: number
    /** Of the Worker or rendezvous and of this program. */
    cpuServers: number
  }
  /** Per peer: connections constructed so far; those that are connected once settled. */
  made: number
  connections: number
  /** Cores that the browser used while nobody did anything. */
  idle: number
  talk: {
    said: number
    took: Spread
    /** Of what was said, times those who were to hear it. */
    delivered: number
    again: number
    cpu: number
  }
  /** All peers' from the start of the join to the end of the talk: over connections, and over sockets to a server. */
  bytes: { rtc: number; socket: number; join: number }
  late?: { first: number; all: number }
}

export type Attempt = Figures | { adapter: string; n: number; rep: number; error: string }

export function spread(values: readonly number[]): Spread {
  const all = sorted(values)
  return { p50: percentile(all, 0.5), p95: percentile(all, 0.95), p99: percentile(all, 0.99) }
}

export function median(values: readonly number[]): number {
  const all = sorted(values.filter((value) => !Number.isNaN(value)))
  const middle = all.slice((all.length - 1) >> 1, (all.length >> 1) + 1)
  return middle.reduce((sum, value) => sum + value, 0) / middle.length
}
