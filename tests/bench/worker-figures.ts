import type { Carrier, Client } from './worker-load.ts'

/** Milliseconds, sorted. */
export type Sorted = readonly number[]
export const sorted = (values: readonly number[]): Sorted => values.toSorted((a, b) => a - b)
export const percentile = (values: Sorted, share: number): number =>
  values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.POSITIVE_INFINITY

const wait = (ms: number) => new Promise((done) => setTimeout(done, ms))

/** Opens `count` sockets, `abreast` at a time. Returns them and how many came up each second. */
export async function fill(carrier: Carrier, count: number, abreast: number) {
  const clients: Client[] = []
  const began = performance.now()
  let left = count
  const open = async () => {
    while (left-- > 0) {
      // Tickets live 30 s, so they are made on the way.
      await carrier.prepare(1)
      clients.push((await carrier.open()).client)
    }
  }
  await Promise.all(Array.from({ length: abreast }, open))
  return { clients, perSecond: count / ((performance.now() - began) / 1_000) }
}

/** `count` sockets that open within one second, each on its own time. `ready`: ms until the first message of each. */
export async function storm(carrier: Carrier, count: number) {
  await carrier.prepare(count)
  const began = performance.now()
  const openings = await Promise.allSettled(
    Array.from({ length: count }, async (_, index) => {
      await wait(began + (index * 1_000) / count - performance.now())
      return carrier.open()
    }),
  )
  const up = openings.flatMap((opening) => (opening.status === 'fulfilled' ? [opening.value] : []))
  return { clients: up.map(({ client }) => client), ready: sorted(up.map(({ ready }) => ready)) }
}

export interface RoundFigures {
  sent: number
  /** Latencies of those that arrived. */
  took: number[]
  /** Arrived more than once, or unasked. */
  astray: number
}

let numbers = 0

/** Has `clients` send `perSecond` messages a second in turn for `seconds`, and waits up to 3 s for the last. */
export async function round(
  carrier: Carrier,
  clients: readonly Client[],
  { perSecond, seconds }: { perSecond: number; seconds: number },
): Promise<RoundFigures> {
  const open = new Map<number, number>()
  const figures: RoundFigures = { sent: 0, took: [], astray: 0 }
  carrier.onArrival = (id) => {
    const at = open.get(id)
    if (at === undefined) figures.astray++
    else figures.took.push(performance.now() - at)
    open.delete(id)
  }
  const began = performance.now()
  const total = perSecond * seconds
  while (figures.sent < total) {
    const due = Math.min(total, Math.ceil(((performance.now() - began) / 1_000) * perSecond))
    for (; figures.sent < due; figures.sent++) {
      const id = numbers++
      open.set(id, performance.now())
      clients[figures.sent % clients.length]?.send(id)
    }
    await wait(2)
  }
  for (let waited = 0; waited < 300 && open.size > 0; waited++) await wait(10)
  return figures
}

/** One line of what was measured. */
export interface Row {
  what: string
  bar: string
  figure: string
  isMet: boolean
}

/** Prints the rows. The process ends with 1 if one of them is missed. */
export function report(rows: readonly Row[]): void {
  for (const { what, bar, figure, isMet } of rows)
    console.log(`${what.padEnd(52)} ${bar.padEnd(18)} ${figure.padEnd(62)} ${isMet ? 'ok' : 'MISSED'}`)
  if (rows.some(({ isMet }) => !isMet)) process.exitCode = 1
}
