import { describe, expect, test } from 'vitest'
import type { Attempt, Figures } from '../../bench/mesh-figures'
import { bars, markdown } from '../../bench/mesh-report'

/** A room in which each bar is met exactly, if the other one is of `raw`. */
function room(adapter: 'raw' | 'sidestream', n = 32): Figures {
  const [time, cpu, latency] = adapter === 'raw' ? [8_000, 12, 10] : [2_000, 3, 30]
  return {
    adapter,
    n,
    rep: 0,
    floor: { setup: 20, hop: 0.5 },
    join: { first: 400, all: time, heard: 1, settled: time, cpuHeard: cpu, cpu, cpuServers: 1 },
    made: 6,
    connections: 6,
    idle: 0,
    talk: {
      said: 400,
      took: { p50: latency, p95: latency, p99: latency },
      delivered: 1,
      again: 0,
      cpu: 1,
    },
    bytes: { rtc: 1_000, socket: 500, join: 500 },
    late: { first: 700, all: 700 },
  }
}

const missed = (...attempts: Attempt[]) => bars(attempts).flatMap(({ what, isMet }) => (isMet ? [] : what))
const ours = room('sidestream')

describe('bars of bench:mesh', () => {
  test('are met exactly', () => {
    expect(missed(room('raw'), ours)).toEqual([])
    expect(bars([room('raw'), ours])).toHaveLength(7)
  })

  test.each<[string, Figures]>([
    ['everyone', { ...ours, join: { ...ours.join, all: 2_001 } }],
    ['CPU', { ...ours, join: { ...ours.join, cpu: 3.1 } }],
    ['connections', { ...ours, connections: 6.01 }],
    ['p50', { ...ours, talk: { ...ours.talk, took: { ...ours.talk.took, p50: 30.1 } } }],
    ['bytes', { ...ours, bytes: { ...ours.bytes, socket: 501 } }],
    ['late', { ...ours, late: { first: 1, all: 701 } }],
    ['late', (({ late: _, ...rest }) => rest)(ours)],
    ['all that was said', { ...ours, talk: { ...ours.talk, delivered: 0.9999 } }],
    ['all that was said', { ...ours, talk: { ...ours.talk, again: 1 } }],
    ['all that was said', { ...ours, join: { ...ours.join, heard: 0.999 } }],
  ])('are missed by one alone: %s', (what, room32) => {
    expect(missed(room('raw'), room32)).toEqual([expect.stringContaining(what)])
  })

  test('count for nothing next to a room that never came together', () => {
    const broken = { ...room('raw'), join: { ...room('raw').join, all: Number.POSITIVE_INFINITY } }
    expect(missed(broken, ours)).toEqual([expect.stringContaining('everyone')])
  })

  test('are not for smaller rooms, where everything must arrive all the same', () => {
    const slow = { ...room('sidestream', 8), connections: 7, bytes: { rtc: 1e9, socket: 0, join: 0 } }
    expect(missed(room('raw', 8), slow)).toEqual([])
    expect(missed(room('raw', 8), { ...slow, talk: { ...slow.talk, delivered: 0.5 } })).toHaveLength(1)
  })

  test('a lost text in one of many rounds is one too many', () => {
    const lossy = { ...ours, talk: { ...ours.talk, delivered: 0.99 } }
    expect(missed(room('raw'), ours, ours, lossy, ours)).toHaveLength(1)
  })

  test('what did not end is missed', () => {
    expect(missed({ adapter: 'raw', n: 4, rep: 0, error: 'not done' })).toEqual([
      expect.stringContaining('raw, 4'),
    ])
  })
})

test('the table has a line for each library and size, medians over the rounds', () => {
  const lines = markdown([ours, { ...ours, made: 8 }, { ...ours, made: 7 }, room('raw', 4)]).split('\n')
  expect(lines).toHaveLength(4)
  expect(lines[2]).toMatch(/^\| 4 \| raw \| 1 /)
  expect(lines[3]).toContain('| 7.0 / 6.0 |')
})
