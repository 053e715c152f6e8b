/**
 * What a flooding member costs the others: `npm run bench:flood`. Linux only: it reads /proc.
 *
 * Three honest viewers, each with a Chromium of their own and the extension that ships, chat in one room of the Worker
 * that ships, linked directly. A fourth member, signed in like anybody, is in the room. It keeps quiet for a while, and then floods: it
 * sends 10,000 frames a second over its links (valid ones, invalid ones, ones that are excused), or to the room object, and
 * tries again at once whatever it lost. Each flood is a new member's, because one that was pruned is let in by nobody for a while.
 *
 * Measured: processor time of the honest viewers' processes (not of the flooder's), each flood next to the quiet time before it,
 * because figures of a busy machine mean something only next to each other; and that every message of an honest viewer is in
 * the history of each. A flood here is short, so what its first moment costs counts for more than it does in a long one. Takes
 * less than three minutes. Ends with 1 where a bar is missed.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { until } from '../../scripts/stage/until.ts'
import type { FloodFigures, FloodKind } from './flood-page.ts'
import { type FloodRoom, type Honest, openFloodRoom } from './flood-room.ts'

const KINDS: readonly FloodKind[] = ['valid', 'invalid', 'excusable', 'room', 'patient']

/** Others may be asked for on the command line. */
const asked = process.argv.slice(2).flatMap((word) => KINDS.find((kind) => kind === word) ?? [])
const FLOODS: readonly FloodKind[] =
  asked.length > 0 ? asked : ['valid', 'invalid', 'excusable', 'room', 'valid']
const PER_SECOND = 10_000
/** Just below what three links may bring without being ended. */
const PATIENT_PER_SECOND = 27
const QUIET_SECONDS = 7
const FLOODED_SECONDS = 12
/** What a flood may cost, of what the same room costs without. */
const MAX_RATIO = 1.2
/** Within the pace of a room. */
const SAY_EVERY_MS = 1_800
const SETTLE_MS = 1_500
const ARRIVAL_MS = 20_000
const MOST_MS = 178_000

interface Said {
  kind: FloodKind
  text: string
}

interface Round extends FloodFigures {
  kind: FloodKind
  /** Processor time of the honest viewers, in seconds a second. */
  quiet: number
  flooded: number
}

/** Lines that were said so far. */
let lines = 0

const guard = setTimeout(() => {
  console.error(`not done within ${MOST_MS} ms`)
  process.exit(1)
}, MOST_MS)

const dir = await mkdtemp(join(tmpdir(), 'sidestream-bench-'))
try {
  const room = await openFloodRoom(dir, FLOODS.length)
  try {
    await measure(room)
  } finally {
    await room.close()
  }
} finally {
  await rm(dir, { recursive: true, force: true, maxRetries: 5 })
  clearTimeout(guard)
}

async function measure(room: FloodRoom): Promise<void> {
  const { honest } = room
  const said: Said[] = []
  const rounds: Round[] = []
  for (const [index, kind] of FLOODS.entries()) {
    const options = {
      kind,
      perSecond: kind === 'patient' ? PATIENT_PER_SECOND : PER_SECOND,
      seconds: FLOODED_SECONDS,
      victims: honest.map(({ device }) => device),
    }
    const talk = (seconds: number) => chat(honest, seconds, (text) => said.push({ kind, text }))
    await room.enter(index)
    await pause(SETTLE_MS)
    const quiet = await cpuWhile(honest, () => talk(QUIET_SECONDS))
    await room.prepare(index, options)
    let figures: FloodFigures = { due: 0, took: 0, sent: 0, relinked: 0 }
    const flooded = await cpuWhile(honest, async () => {
      const flood = room.flood(index, options)
      await talk(FLOODED_SECONDS)
      figures = await flood
    })
    rounds.push({ kind, quiet, flooded, ...figures })
    await room.leave(index)
  }
  report(rounds, said.length, await missing(honest, said))
}

/** Processor time of `viewers` while `task` runs, in seconds a second. */
async function cpuWhile(viewers: readonly Honest[], task: () => Promise<void>): Promise<number> {
  const used = () => viewers.reduce((sum, viewer) => sum + viewer.cpu(), 0)
  const [before, began] = [used(), performance.now()]
  await task()
  return (used() - before) / ((performance.now() - began) / 1_000)
}

/** Everybody says something again and again, for as long as a phase takes. */
async function chat(
  viewers: readonly Honest[],
  seconds: number,
  onSaid: (text: string) => void,
): Promise<void> {
  const end = performance.now() + seconds * 1_000
  const talk = async (viewer: Honest, index: number) => {
    await pause((index * SAY_EVERY_MS) / viewers.length)
    for (let next = performance.now(); next < end - SAY_EVERY_MS / 2; next += SAY_EVERY_MS) {
      await pause(Math.max(0, next - performance.now()))
      const text = `line ${++lines} of ${viewer.name}`
      onSaid(text)
      await viewer.say(text)
    }
  }
  await Promise.all(viewers.map(talk))
  await pause(Math.max(0, end - performance.now()))
}

/** What is not in the history of each, by whose and in which round it was said. */
async function missing(viewers: readonly Honest[], said: readonly Said[]): Promise<string[]> {
  const look = async () => {
    const lost: string[] = []
    for (const viewer of viewers) {
      const log = new Set(await viewer.log())
      for (const { kind, text } of said)
        if (!log.has(text)) lost.push(`${viewer.name} lacks "${text}" (${kind})`)
    }
    return lost
  }
  let lost: string[] = []
  const isWhole = async () => {
    lost = await look()
    return lost.length === 0
  }
  await until(isWhole, { what: 'whole histories', timeout: ARRIVAL_MS, interval: 1_000 }).catch(() => {})
  return lost
}

function report(rounds: readonly Round[], saidCount: number, lost: readonly string[]): void {
  const percent = (cores: number) => `${(cores * 100).toFixed(1)} %`
  const rowOf = (what: string, of: readonly Round[], figure: string) => {
    const value = median(of.map(({ flooded, quiet }) => flooded / quiet))
    return { what, bar: `< ${MAX_RATIO}`, figure: `${value.toFixed(2)} ${figure}`, isMet: value < MAX_RATIO }
  }
  const rows = [...new Set(FLOODS)].map((kind) => {
    const of = rounds.filter((round) => round.kind === kind)
    const each = of.map(
      ({ flooded, quiet, sent, relinked }) =>
        `${percent(flooded)} : ${percent(quiet)} of a core; ${sent} sent, ${relinked} new links`,
    )
    return rowOf(`${kind}: flooded : quiet`, of, `(${each.join(' | ')})`)
  })
  rows.push(rowOf('all floods: flooded : quiet', rounds, ''))
  const fast = rounds.filter(({ kind }) => kind !== 'patient').map(({ due, took }) => due / took)
  const slowest = Math.min(PER_SECOND, ...fast)
  rows.push({
    what: 'frames a second that were tried, at least',
    bar: `>= ${PER_SECOND * 0.99}`,
    figure: slowest.toFixed(0),
    // Without links at its beginning a flood would be none.
    isMet: slowest >= PER_SECOND * 0.99 && rounds.every(({ sent }) => sent > 0),
  })
  rows.push({
    what: 'honest messages said; lost by somebody',
    bar: '0 lost',
    figure: `${saidCount}; ${lost.length}`,
    isMet: saidCount > 0 && lost.length === 0,
  })
  for (const { what, bar, figure, isMet } of rows)
    console.log(`${what.padEnd(42)} ${bar.padEnd(8)} ${isMet ? 'ok    ' : 'MISSED'} ${figure}`)
  for (const line of lost.slice(0, 10)) console.log(`  ${line}`)
  if (rows.some(({ isMet }) => !isMet)) process.exitCode = 1
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.slice((sorted.length - 1) >> 1, (sorted.length >> 1) + 1)
  return middle.reduce((sum, value) => sum + value, 0) / middle.length
}
