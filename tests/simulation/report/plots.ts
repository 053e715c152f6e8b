import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Outcome } from '../cases/case'
import { degreeOf } from '../metrics'
import { type Chart, svgOf } from './svg'

/** A step of the curve over time (ms). */
const STEP_MS = 20

/** Draws one case into `folder`: how links are spread, how fast messages are, and over how many links they come. */
export function drawPlots(folder: string, name: string, title: string, outcome: Outcome): void {
  if (!outcome.drawn) return
  mkdirSync(folder, { recursive: true })
  const { crowd, said } = outcome.drawn
  const members = crowd.honest
  const charts: Record<string, Chart> = {
    degrees: {
      title: 'Links of a member',
      about: title,
      x: 'links',
      y: 'members',
      kind: 'bars',
      series: [{ name: 'members', points: counted(members.map(degreeOf)) }],
    },
    delivery: {
      title: 'Who has a message by when',
      about: title,
      x: 'ms since it was said',
      y: '% of members',
      kind: 'lines',
      series: [
        {
          name: 'members',
          points: cumulative(
            said.flatMap((broadcast) => members.map(({ index }) => broadcast.delayTo(index))),
          ),
        },
      ],
    },
    hops: {
      title: 'Links that a message takes',
      about: title,
      x: 'links',
      y: '% of members, % of messages',
      kind: 'bars',
      series: [
        {
          name: 'to a member',
          points: shares(
            said
              .flatMap((broadcast) => members.map(({ index }) => broadcast.hopsTo(index)))
              .filter((hops) => hops < 255),
          ),
        },
        { name: 'to the last one', points: shares(said.map(({ lastHop }) => lastHop)) },
      ],
    },
  }
  for (const [kind, chart] of Object.entries(charts))
    writeFileSync(join(folder, `${name}-${kind}.svg`), svgOf(chart))
}

function counted(values: readonly number[]): [number, number][] {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].sort(([a], [b]) => a - b)
}

const shares = (values: readonly number[]): [number, number][] =>
  counted(values).map(([value, count]) => [value, (100 * count) / values.length])

function cumulative(delays: readonly number[]): [number, number][] {
  const sorted = [...delays].sort((a, b) => a - b)
  const arrived = sorted.filter((delay) => Number.isFinite(delay)).length
  // The slowest thousandth would only press the curve to the left.
  const end = sorted[Math.min(arrived - 1, Math.floor(0.999 * arrived))] ?? 0
  const points: [number, number][] = []
  let passed = 0
  for (let at = 0; at <= end + STEP_MS; at += STEP_MS) {
    while (passed < sorted.length && (sorted[passed] ?? 0) <= at) passed++
    points.push([at, (100 * passed) / sorted.length])
  }
  return points
}
