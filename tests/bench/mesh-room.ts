import { type Figures, median, spread } from './mesh-figures.ts'
import type { Arrivals, Heard, Joining, Talk } from './mesh-peer.ts'
import type { Wire } from './mesh-wire.ts'

/** A peer in a page or process of its own, as the bench sees it. */
export interface RemotePeer {
  join(joining: Joining): Promise<Heard>
  talk(talk: Talk): Promise<void>
  arrivals(phase: string): Promise<Arrivals>
}

/** All peers of a room. */
export interface PeerRoom {
  readonly peers: readonly RemotePeer[]
  /** Connections that were constructed so far. */
  made(): Promise<number>
  wire(): Promise<Wire>
  /** What the processes in which peers live used of a processor so far (s), and all that take part. */
  cpu(): { peers: number; all: number }
}

/** Joined as well as it will be: for so long no connection was made, or so long after the start (ms). */
const SETTLED_MS = 2_000
/** All peers begin at this moment from now (ms). */
const LEAD_MS = 600
const TEXT_BYTES = 200
/** What was said has so long to arrive (ms). */
const ARRIVAL_MS = 10_000

export const pause = (ms: number) => new Promise((done) => setTimeout(done, ms))
export const now = () => performance.timeOrigin + performance.now()
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

/** How a room of N peers begins. */
export interface Beginning {
  room: string
  /** How long a peer may take to hear everybody, and the room to settle (ms). */
  longest: number
  settling: number
}

/** All join at one moment; then nothing happens until nobody makes connections any more. */
export async function haveThemJoin(
  { peers, made, wire, cpu }: PeerRoom,
  { room, longest, settling }: Beginning,
): Promise<{ join: Figures['join']; wire: Wire }> {
  const before = cpu()
  const at = now() + LEAD_MS
  const others = peers.length - 1
  const heard = await Promise.all(peers.map((peer) => peer.join({ room, at, others, timeout: longest })))
  const afterHeard = cpu()
  let [count, since] = [-1, now()]
  while (now() - since < SETTLED_MS && now() - at < settling) {
    const current = await made()
    if (current !== count) [count, since] = [current, now()]
    await pause(SETTLED_MS / 4)
  }
  const after = cpu()
  const used = after.peers - before.peers
  const join = {
    ...heardFigures(heard, others),
    settled: since - at,
    cpuHeard: afterHeard.peers - before.peers,
    cpu: used,
    cpuServers: after.all - before.all - used,
  }
  return { join, wire: await wire() }
}

/** When half of the peers had heard somebody, when the last one had heard all `others`, and of how many. */
export function heardFigures(heard: readonly Heard[], others: number) {
  const at = ({ after }: Heard, count: number) => after[count - 1] ?? Number.POSITIVE_INFINITY
  return {
    first: median(heard.map((one) => at(one, 1))),
    all: Math.max(...heard.map((one) => at(one, others))),
    heard: sum(heard.map(({ after }) => Math.min(others, after.length))) / (others * heard.length),
  }
}

/** Peers say `perSecond` texts a second between them, in turn, for so many `seconds`. */
export async function haveThemTalk(
  { peers, cpu }: PeerRoom,
  { phase, perSecond, seconds }: { phase: string; perSecond: number; seconds: number },
): Promise<Figures['talk']> {
  const before = cpu().peers
  const said = Math.round(perSecond * seconds)
  const at = now() + LEAD_MS
  await Promise.all(
    peers.map((peer, index) => {
      const count = Math.max(0, Math.ceil((said - index) / peers.length))
      const gap = (peers.length * 1_000) / perSecond
      const begin = at + (index * 1_000) / perSecond
      return peer.talk({ phase, index, count, gap, at: begin, bytes: TEXT_BYTES })
    }),
  )
  const deadline = now() + ARRIVAL_MS
  const expected = said * (peers.length - 1)
  for (;;) {
    const arrivals = await Promise.all(peers.map((peer) => peer.arrivals(phase)))
    const took = arrivals.flatMap((each) => each.took)
    if (took.length < expected && now() < deadline) {
      await pause(250)
      continue
    }
    const again = sum(arrivals.map((each) => each.again))
    const delivered = took.length / expected
    return { said, took: spread(took), delivered, again, cpu: cpu().peers - before }
  }
}
