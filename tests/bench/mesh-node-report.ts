import type { NodeAttempt, NodeFigures } from './mesh-node.ts'
import type { Row } from './worker-figures.ts'

const percent = (share: number) => `${(share * 100).toFixed(share === 1 ? 0 : 3)} %`
const name = (n: number) => `${n} peers in Node`

/** What a room of peers in Node did, for people to read. */
export function nodeLines(attempt: NodeAttempt): string[] {
  if ('error' in attempt) return [`${name(attempt.n)}: ${attempt.error}`]
  const { n, join, made, connections, bytes, talks }: NodeFigures = attempt
  const megabytes = (count: number) => `${(count / 1e6).toFixed(1)} MB`
  return [
    `${name(n)}: first ${join.first.toFixed(0)} ms, everyone ${join.all.toFixed(0)} ms (${percent(join.heard)} of pairs), settled ${join.settled.toFixed(0)} ms; CPU ${join.cpu.toFixed(1)} s, servers ${join.cpuServers.toFixed(1)} s; connections ${made.toFixed(1)} made, ${connections.toFixed(1)} kept; ${megabytes(bytes.rtc)} over links, ${megabytes(bytes.socket)} over sockets`,
    ...talks.map(
      ({ perSecond, said, took, delivered, again, cpu }) =>
        `  ${perSecond} a second: ${said} texts, ${percent(delivered)}, ${again} twice; p50 ${took.p50.toFixed(1)}, p95 ${took.p95.toFixed(1)}, p99 ${took.p99.toFixed(1)} ms; CPU ${cpu.toFixed(1)} s`,
    ),
  ]
}

/** All that was said must have reached everybody, once, at each rate. */
export function nodeBars(attempts: readonly NodeAttempt[]): Row[] {
  return attempts.flatMap((attempt): Row[] => {
    if ('error' in attempt)
      return [{ what: name(attempt.n), bar: 'ends', figure: attempt.error, isMet: false }]
    return attempt.talks.map(({ perSecond, delivered, again, said }) => ({
      what: `${name(attempt.n)}, ${perSecond} a second: delivered`,
      bar: '100 %, once',
      figure: `${percent(delivered)} of ${said} texts; ${again} twice`,
      isMet: delivered === 1 && again === 0,
    }))
  })
}
