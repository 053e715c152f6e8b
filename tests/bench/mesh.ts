/**
 * How peers find and hear each other, by Sidestream, by Trystero and by a full mesh of bare connections, in one run:
 * `npm run bench:mesh`. A fourth, `sparse`, is no library: as many bare connections as Sidestream keeps, without any protocol,
 * which is what is possible. Linux only: it reads /proc.
 *
 * Each peer is a tab of its own, that is a process of its own, in a real Chromium. A room of N peers: all join at one moment;
 * once nobody makes connections any more they are left alone for a while; then they talk, each as much as the pace of a room
 * allows; then one more comes. Signing in is done before, the join (ticket, socket, introductions, links) is measured.
 * Everyone heard everyone once each peer has got a greeting of each other: a signed presence with Sidestream, else a word over
 * each channel that opens. Libraries take turns within each round, and each room is preceded by a measurement of what one
 * connection takes, because figures of a busy machine mean something only next to each other.
 *
 * CPU is that of the browser's processes. The bar on the CPU of joining holds until a room has settled, so that what is put
 * off counts. Bytes are those of ICE transports and of sockets to the server together. Ends with 1 where a bar is missed.
 *
 * `--n 4,8,16,32`, `--node 100,200` (peers in Node), `--reps 3`, `--only sidestream,raw`, `--quick`, `--markdown`.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { sidestreamDir } from '../../scripts/stage/paths.ts'
import type { Attempt, Figures } from './mesh-figures.ts'
import { type NodeAttempt, runNodeMesh } from './mesh-node.ts'
import { nodeBars, nodeLines } from './mesh-node-report.ts'
import { bars, markdown } from './mesh-report.ts'
import { runMesh } from './mesh-run.ts'
import { ADAPTERS, type AdapterName, type MeshStand, openMeshStand } from './mesh-stand.ts'
import { report } from './worker-figures.ts'

const { values: options } = parseArgs({
  options: {
    n: { type: 'string' },
    reps: { type: 'string', default: '1' },
    only: { type: 'string', default: ADAPTERS.join() },
    node: { type: 'string', default: '' },
    quick: { type: 'boolean', default: false },
    markdown: { type: 'boolean', default: false },
  },
})
const numbers = (list: string) => list.split(',').filter(Boolean).map(Number)
const IN_NODE = numbers(options.node)
const SIZES = numbers(options.n ?? (IN_NODE.length > 0 ? '' : options.quick ? '4,8' : '4,8,16,32'))
const REPS = Number(options.reps)
const NAMES = ADAPTERS.filter((name) => options.only.split(',').includes(name))
/** One browser holds full meshes of about this many. */
const FULL_MESH_PEERS = 48
const FULL_MESHES: readonly AdapterName[] = ['raw', 'trystero']
const TALK_SECONDS = options.quick ? 6 : 20
/** No room takes longer (ms), however many are in it. */
const roomMs = (n: number) => 150_000 + n * 3_000

const attempts: Attempt[] = []
const inNode: NodeAttempt[] = []
const dir = await mkdtemp(join(tmpdir(), 'sidestream-bench-'))
const stand = await openMeshStand(dir)
try {
  for (const { adapter, n, rep } of plan()) {
    const attempt = await attemptRoom(stand, adapter, n, rep)
    attempts.push(attempt)
    console.log(line(attempt))
  }
  for (const n of IN_NODE) {
    const attempt = await orError(
      n,
      (signal) => runNodeMesh(stand, n, signal),
      (error) => ({ n, error }),
    )
    inNode.push(attempt)
    for (const text of nodeLines(attempt)) console.log(text)
  }
} finally {
  await stand.stop()
  await rm(dir, { recursive: true, force: true, maxRetries: 5 })
}
if (options.markdown) console.log(`\n${markdown(attempts)}\n`)
report([...bars(attempts), ...nodeBars(inNode)])
await save()
process.exit()

/** Each round begins with another library. */
function plan() {
  const turns = (rep: number) => [...NAMES.slice(rep % NAMES.length), ...NAMES.slice(0, rep % NAMES.length)]
  return Array.from({ length: REPS }, (_, rep) => rep).flatMap((rep) =>
    SIZES.flatMap((n) =>
      turns(rep)
        .filter((adapter) => !FULL_MESHES.includes(adapter) || n <= FULL_MESH_PEERS)
        .map((adapter) => ({ adapter, n, rep })),
    ),
  )
}

function attemptRoom(stand: MeshStand, adapter: AdapterName, n: number, rep: number): Promise<Attempt> {
  return orError(
    n,
    (signal) => runMesh(stand, { adapter, n, rep, seconds: TALK_SECONDS, signal }),
    (error) => ({ adapter, n, rep, error }),
  )
}

/** One room that fails, or hangs, is a miss, and not the end of all others. */
async function orError<Done, Failed>(
  n: number,
  room: (signal: AbortSignal) => Promise<Done>,
  failed: (error: string) => Failed,
): Promise<Done | Failed> {
  const signal = AbortSignal.timeout(roomMs(n))
  try {
    return await room(signal)
  } catch (error) {
    return failed(signal.aborted ? `not done within ${roomMs(n)} ms` : String(error).slice(0, 300))
  }
}

function line(attempt: Attempt): string {
  const head = `${attempt.adapter} ${attempt.n} (round ${attempt.rep + 1}):`
  if ('error' in attempt) return `${head} ${attempt.error}`
  const { join, talk, connections, late }: Figures = attempt
  const ms = (value = Number.NaN) => `${value.toFixed(0)} ms`
  return [
    `${head} first ${ms(join.first)}, everyone ${ms(join.all)}, settled ${ms(join.settled)}`,
    `CPU ${join.cpuHeard.toFixed(1)}/${join.cpu.toFixed(1)} s`,
    `${connections.toFixed(1)} connections`,
    `broadcast p50 ${talk.took.p50.toFixed(1)} ms, ${(talk.delivered * 100).toFixed(2)} %`,
    `late ${ms(late?.first)}/${ms(late?.all)}`,
  ].join('; ')
}

async function save(): Promise<void> {
  const folder = join(sidestreamDir, 'bench')
  await mkdir(folder, { recursive: true })
  const file = join(folder, 'mesh.json')
  await writeFile(file, JSON.stringify({ when: new Date().toISOString(), attempts, inNode }, undefined, 1))
  console.log(`all figures: ${file}`)
}
