import type { Page } from 'playwright-core'
import { type Figures, spread } from './mesh-figures.ts'
import type { Floor, FloorPage } from './mesh-floor.ts'
import type { PeerPage } from './mesh-page.ts'
import { haveThemJoin, haveThemTalk, heardFigures, now, type PeerRoom, pause } from './mesh-room.ts'
import { type AdapterName, launchPeers, type MeshStand, type PeerBrowser } from './mesh-stand.ts'
import type { Wire, Wiretap } from './mesh-wire.ts'
import { cpuSeconds } from './process-cpu.ts'

/** How long a peer may take to hear everybody, the room to settle, and the late one to hear everybody (ms). */
const LONGEST_JOIN_MS = 60_000
const LONGEST_SETTLING_MS = 45_000
const LONGEST_LATE_MS = 30_000
const IDLE_MS = 4_000
/** What the pace of a room allows one member in half a minute, and how much is said a second at most. */
const TEXTS_EACH = 20
const TEXTS_PER_SECOND = 20
/** Tabs that are opened and signed in at once. */
const ABREAST = 4
const SETUPS = 8
const HOPS = 150

export interface RunOptions {
  adapter: AdapterName
  n: number
  rep: number
  /** For how long peers talk (s). */
  seconds: number
  /** Ends everything; the run rejects. */
  signal: AbortSignal
}

/** One room of `n` tabs in a browser of its own: they join at once, are left alone, talk; then another one comes. */
export async function runMesh(stand: MeshStand, options: RunOptions): Promise<Figures> {
  const browser = await launchPeers(stand)
  options.signal.addEventListener('abort', () => void browser.close())
  try {
    return await measure(stand, browser, options)
  } finally {
    await browser.close()
  }
}

async function measure(
  stand: MeshStand,
  browser: PeerBrowser,
  { adapter, n, rep, seconds }: RunOptions,
): Promise<Figures> {
  const floor = await measureFloor(browser)
  const name = `bench${adapter}${n}x${rep}`
  const [late, ...pages] = await openPeers(stand, browser, adapter, n + 1, name)
  const room = roomOf(pages, browser)
  const beginning = { room: name, longest: LONGEST_JOIN_MS, settling: LONGEST_SETTLING_MS }
  const { join, wire: joined } = await haveThemJoin(room, beginning)

  const idleFrom = room.cpu().peers
  await pause(IDLE_MS)
  const idle = (room.cpu().peers - idleFrom) / (IDLE_MS / 1_000)

  const perSecond = Math.min(TEXTS_PER_SECOND, (n * TEXTS_EACH) / seconds)
  const talk = await haveThemTalk(room, { phase: 'talk', perSecond, seconds })
  const { rtc, socket } = await room.wire()
  const figures: Figures = {
    adapter,
    n,
    rep,
    floor,
    join,
    made: joined.made / n,
    connections: joined.connected / n,
    idle,
    talk,
    bytes: { rtc, socket, join: joined.rtc },
  }
  if (!late) return figures
  const one = await call(late, 'join', { room: name, at: now(), others: n, timeout: LONGEST_LATE_MS })
  const { first, all } = heardFigures([one], n)
  return { ...figures, late: { first, all } }
}

function roomOf(pages: readonly Page[], { pid }: PeerBrowser): PeerRoom {
  return {
    peers: pages.map((page) => ({
      join: (joining) => call(page, 'join', joining),
      talk: (talk) => call(page, 'talk', talk),
      arrivals: (phase) => call(page, 'arrivals', phase),
    })),
    made: async () => (await Promise.all(pages.map(tap('made')))).reduce((sum, made) => sum + made, 0),
    wire: async () => {
      const wires = await Promise.all(pages.map(tap('wire')))
      const total = (of: keyof Wire) => wires.reduce((sum, wire) => sum + wire[of], 0)
      return {
        made: total('made'),
        connected: total('connected'),
        rtc: total('rtc'),
        socket: total('socket'),
      }
    },
    cpu: () => ({ peers: cpuSeconds(pid), all: cpuSeconds(process.pid) }),
  }
}

async function openPeers(
  stand: MeshStand,
  browser: PeerBrowser,
  adapter: AdapterName,
  count: number,
  name: string,
): Promise<Page[]> {
  const { origin, rendezvous } = stand
  const pages: Page[] = []
  await abreast(count, ABREAST, async (index) => {
    const page = await browser.tab(adapter)
    await call(page, 'prepare', { origin, rendezvous, email: `${name}-${index}@example.com` })
    pages.push(page)
  })
  return pages
}

/** Does `task` for 0 … `count - 1`, so many at a time. */
export async function abreast(
  count: number,
  atOnce: number,
  task: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0
  const work = async () => {
    for (let index = next++; index < count; index = next++) await task(index)
  }
  await Promise.all(Array.from({ length: atOnce }, work))
}

async function measureFloor(browser: PeerBrowser): Promise<Figures['floor']> {
  const [callee, caller] = [await browser.tab('floor'), await browser.tab('floor')]
  await callee.evaluate(() => (globalThis as unknown as { floor: FloorPage }).floor.answer())
  const { setups, hops }: Floor = await caller.evaluate(
    ([setups, hops]) => (globalThis as unknown as { floor: FloorPage }).floor.measure(setups, hops),
    [SETUPS, HOPS] as const,
  )
  await Promise.all([callee.close(), caller.close()])
  return { setup: spread(setups).p50, hop: spread(hops).p50 }
}

type Called<Of extends keyof PeerPage> = Promise<Awaited<ReturnType<PeerPage[Of]>>>

function call<Name extends keyof PeerPage>(
  page: Page,
  name: Name,
  ...args: Parameters<PeerPage[Name]>
): Called<Name> {
  return page.evaluate(
    ([name, args]) => {
      const { page } = globalThis as unknown as { page: Record<string, (...args: unknown[]) => unknown> }
      return page[name]?.(...args)
    },
    [name, args] as const,
  ) as Called<Name>
}

function tap<Name extends keyof Wiretap>(name: Name) {
  return (page: Page) =>
    page.evaluate((name) => {
      const { wiretap } = globalThis as unknown as { wiretap: Record<string, () => unknown> }
      return wiretap[name]?.()
    }, name) as Promise<Awaited<ReturnType<Wiretap[Name]>>>
}
