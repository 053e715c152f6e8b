import { type ChildProcess, fork } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'vite'
import { sidestreamDir } from '../../scripts/stage/paths.ts'
import type { Figures } from './mesh-figures.ts'
import type { Mailed, Order, Report } from './mesh-node-peers.ts'
import { haveThemJoin, haveThemTalk, type PeerRoom } from './mesh-room.ts'
import { abreast } from './mesh-run.ts'
import type { MeshStand } from './mesh-stand.ts'
import type { Wire } from './mesh-wire.ts'
import { cpuSeconds } from './process-cpu.ts'

/** Peers share these, as many as the bench's machine has processors at least. */
const PROCESSES = 2
const LONGEST_JOIN_MS = 180_000
const LONGEST_SETTLING_MS = 60_000
const TALK_SECONDS = 20
const RATES = [20, 5] as const
const ABREAST = 8

/** What a room of peers in Node did, and at each rate (texts a second). */
export interface NodeFigures extends Pick<Figures, 'n' | 'join' | 'made' | 'connections'> {
  bytes: { rtc: number; socket: number }
  talks: (Figures['talk'] & { perSecond: number })[]
}

export type NodeAttempt = NodeFigures | { n: number; error: string }

/**
 * More real WebRTC peers than one browser holds tabs: Sidestream's session over `node-datachannel` (libdatachannel) instead of
 * a browser's connections, joined to the same Worker.
 */
export async function runNodeMesh(stand: MeshStand, n: number, signal: AbortSignal): Promise<NodeFigures> {
  await mkdir(sidestreamDir, { recursive: true })
  // Within the repository, so that the native library is found from there.
  const dir = await mkdtemp(join(sidestreamDir, 'bench-'))
  const processes: PeerProcess[] = []
  signal.addEventListener('abort', () => {
    for (const each of processes) each.kill()
  })
  try {
    const script = await bundlePeers(dir)
    for (let count = 0; count < PROCESSES; count++) processes.push(new PeerProcess(script, stand))
    return await measure(stand, processes, n)
  } finally {
    for (const each of processes) each.stop()
    await rm(dir, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function measure(
  { origin, rendezvous }: MeshStand,
  processes: readonly PeerProcess[],
  n: number,
): Promise<NodeFigures> {
  const name = `benchnode${n}`
  const room = roomOf(processes, n)
  const processOf = (peer: number) => processes[peer % processes.length]
  await abreast(n, ABREAST, async (peer) => {
    const stand = { origin, rendezvous, email: `${name}-${peer}@example.com` }
    await processOf(peer)?.ask({ peer, call: 'prepare', args: [stand] })
  })
  const beginning = { room: name, longest: LONGEST_JOIN_MS, settling: LONGEST_SETTLING_MS }
  const { join, wire } = await haveThemJoin(room, beginning)
  const talks: NodeFigures['talks'] = []
  for (const perSecond of RATES) {
    const talk = await haveThemTalk(room, { phase: `${perSecond}`, perSecond, seconds: TALK_SECONDS })
    talks.push({ perSecond, ...talk })
  }
  const { rtc, socket } = await room.wire()
  return { n, join, made: wire.made / n, connections: wire.connected / n, bytes: { rtc, socket }, talks }
}

function roomOf(processes: readonly PeerProcess[], n: number): PeerRoom {
  const peers = Array.from({ length: n }, (_, peer) => {
    const ask = (call: 'join' | 'talk' | 'arrivals') => (arg: unknown) =>
      processes[peer % processes.length]?.ask({ peer, call, args: [arg] }) as Promise<never>
    return { join: ask('join'), talk: ask('talk'), arrivals: ask('arrivals') }
  })
  const ofAll = (call: 'made' | 'wire') => Promise.all(processes.map((each) => each.ask({ call })))
  return {
    peers,
    made: async () => ((await ofAll('made')) as number[]).reduce((sum, made) => sum + made, 0),
    wire: async () =>
      ((await ofAll('wire')) as Wire[]).reduce((sum, wire) => ({
        made: sum.made + wire.made,
        connected: sum.connected + wire.connected,
        rtc: sum.rtc + wire.rtc,
        socket: sum.socket + wire.socket,
      })),
    cpu: () => ({
      peers: processes.reduce((sum, { pid }) => sum + cpuSeconds(pid), 0),
      all: cpuSeconds(process.pid),
    }),
  }
}

type Asked<One> = One extends unknown ? Omit<One, 'id'> : never

/** A process that holds every so-manieth peer. */
class PeerProcess {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>()
  #orders = 0

  constructor(script: string, { codeFor }: MeshStand) {
    this.#child = fork(script, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    this.#child.on('message', (report: Report) => {
      if (!('codeFor' in report)) return this.#settle(report)
      const { codeFor: email } = report
      void codeFor(email).then((code) => this.#child.send({ email, code } satisfies Mailed))
    })
    this.#child.on('exit', (code) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`a process of peers ended: ${code}`))
    })
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  ask(order: Asked<Order>): Promise<unknown> {
    const id = this.#orders++
    const answer = Promise.withResolvers<unknown>()
    this.#waiting.set(id, answer)
    this.#child.send({ ...order, id })
    return answer.promise
  }

  /** It says what went wrong, and ends. */
  stop(): void {
    if (this.#child.connected) this.#child.disconnect()
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  #settle({ id, value, error }: Exclude<Report, { codeFor: string }>): void {
    const answer = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (error === undefined) answer?.resolve(value)
    else answer?.reject(new Error(error))
  }
}

/** Returns the script that `fork` takes. */
async function bundlePeers(outDir: string): Promise<string> {
  await build({
    configFile: false,
    logLevel: 'warn',
    define: { global: 'globalThis' },
    ssr: { noExternal: true, external: ['node-datachannel'] },
    build: {
      ssr: true,
      outDir,
      target: 'node22',
      rolldownOptions: {
        input: join(import.meta.dirname, 'mesh-node-peers.ts'),
        output: { entryFileNames: '[name].mjs', chunkFileNames: '[name].mjs' },
      },
    },
  })
  return join(outDir, 'mesh-node-peers.mjs')
}
