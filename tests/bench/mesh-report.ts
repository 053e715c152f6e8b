import { type Attempt, type Figures, median } from './mesh-figures.ts'
import type { Row } from './worker-figures.ts'

/** Where the bars are. */
export const BAR_N = 32

const isDone = (attempt: Attempt): attempt is Figures => !('error' in attempt)
const ms = (value: number) => (Number.isFinite(value) ? `${Math.round(value)}` : '–')
const percent = (share: number) => `${(share * 100).toFixed(share === 1 ? 0 : 2)} %`
const kilobytes = (bytes: number) => `${Math.round(bytes / 1_000)}`

type Columns = Record<string, (of: (figure: (one: Figures) => number) => number) => string>

/** One line a column; `of`: the median of a figure over all rounds. */
const COLUMNS: Columns = {
  'first peer, ms': (of) => ms(of(({ join }) => join.first)),
  'everyone, ms': (of) => ms(of(({ join }) => join.all)),
  'settled, ms': (of) => ms(of(({ join }) => join.settled)),
  'join CPU, s': (of) =>
    `${of(({ join }) => join.cpuHeard).toFixed(1)} / ${of(({ join }) => join.cpu).toFixed(1)}`,
  'server CPU, s': (of) => of(({ join }) => join.cpuServers).toFixed(1),
  'connections made / kept': (of) =>
    `${of(({ made }) => made).toFixed(1)} / ${of(({ connections }) => connections).toFixed(1)}`,
  'idle cores': (of) => of(({ idle }) => idle).toFixed(3),
  'broadcast p50 / p95 / p99, ms': (of) =>
    [of(({ talk }) => talk.took.p50), of(({ talk }) => talk.took.p95), of(({ talk }) => talk.took.p99)]
      .map((value) => value.toFixed(1))
      .join(' / '),
  delivered: (of) => percent(of(({ talk }) => talk.delivered)),
  'talk CPU, s': (of) => of(({ talk }) => talk.cpu).toFixed(1),
  'kB join / talk / sockets': (of) =>
    [
      of(({ bytes }) => bytes.join),
      of(({ bytes }) => bytes.rtc - bytes.join),
      of(({ bytes }) => bytes.socket),
    ]
      .map(kilobytes)
      .join(' / '),
  'late: first / everyone, ms': (of) =>
    `${ms(of(({ late }) => late?.first ?? Number.NaN))} / ${ms(of(({ late }) => late?.all ?? Number.NaN))}`,
  'floor: set-up / hop, ms': (of) =>
    `${of(({ floor }) => floor.setup).toFixed(0)} / ${of(({ floor }) => floor.hop).toFixed(2)}`,
}

/** All that was measured, medians over the rounds, as a Markdown table. */
export function markdown(attempts: readonly Attempt[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const head = ['peers', 'library', 'rounds', ...Object.keys(COLUMNS)]
  const lines = [line(head), line(head.map(() => '---'))]
  for (const group of groups(attempts)) {
    const { n, adapter } = group[0] ?? { n: 0, adapter: '' }
    const of = (figure: (one: Figures) => number) => median(group.map(figure))
    lines.push(line([`${n}`, adapter, `${group.length}`, ...Object.values(COLUMNS).map((show) => show(of))]))
  }
  return lines.join('\n')
}

function groups(attempts: readonly Attempt[]): Figures[][] {
  const done = attempts.filter(isDone)
  const byName = new Map<string, Figures[]>()
  for (const one of done) {
    const name = `${one.n} ${one.adapter}`
    byName.set(name, [...(byName.get(name) ?? []), one])
  }
  return [...byName.values()].sort(([a], [b]) => (a?.n ?? 0) - (b?.n ?? 0))
}

/** What is asked of Sidestream: that everything arrives, and at `BAR_N` peers how it compares to a raw full mesh. */
export function bars(attempts: readonly Attempt[]): Row[] {
  const rows: Row[] = []
  for (const attempt of attempts)
    if ('error' in attempt)
      rows.push({
        what: `${attempt.adapter}, ${attempt.n} peers, round ${attempt.rep + 1}`,
        bar: 'ends',
        figure: attempt.error,
        isMet: false,
      })
  const all = groups(attempts)
  for (const ours of all.filter(([one]) => one?.adapter === 'sidestream')) {
    const { n } = ours[0] ?? { n: 0 }
    rows.push(completeRow(n, ours))
    const of = (adapter: string) => all.find(([one]) => one?.adapter === adapter && one.n === n)
    const [raw, sparse] = [of('raw'), of('sparse')]
    if (raw) rows.push(...comparison(n, ours, raw))
    if (raw && sparse) rows.push(...floorRows(n, sparse, raw))
  }
  return rows
}

/** No median: a single text that was lost is one too many. */
function completeRow(n: number, ours: readonly Figures[]): Row {
  const heard = Math.min(...ours.map(({ join }) => join.heard))
  const delivered = Math.min(...ours.map(({ talk }) => talk.delivered))
  const said = ours.reduce((sum, { talk }) => sum + talk.said, 0)
  const repeated = ours.reduce((sum, { talk }) => sum + talk.again, 0)
  return {
    what: `${n} peers: heard each other, and all that was said`,
    bar: '100 %, once',
    figure: `${percent(heard)} of pairs; ${percent(delivered)} of ${said} texts; ${repeated} twice`,
    isMet: heard === 1 && delivered === 1 && repeated === 0,
  }
}

function comparison(n: number, ours: readonly Figures[], raw: readonly Figures[]): Row[] {
  const row = (what: string, most: number, figure: (one: Figures) => number, than = figure): Row => {
    const [mine, theirs] = [median(ours.map(figure)), median(raw.map(than))]
    // Next to what did not come to an end, everything would do.
    const isMet = Number.isFinite(theirs) && mine <= most * theirs
    const shown = `${(mine / theirs).toFixed(2)} (${mine.toFixed(1)} : ${theirs.toFixed(1)})`
    return verdict(n, { what, bar: `<= ${most} x raw`, figure: shown, isMet })
  }
  const connections = median(ours.map((one) => one.connections))
  return [
    row('until everyone hears everyone, ms', 0.25, ({ join }) => join.all),
    row('CPU of joining, s', 0.25, ({ join }) => join.cpu),
    verdict(n, {
      what: 'connections a peer',
      bar: '<= 6',
      figure: connections.toFixed(2),
      isMet: connections <= 6,
    }),
    row('broadcast p50, ms', 3, ({ talk }) => talk.took.p50),
    row('bytes of all, kB', 1, ({ bytes }) => (bytes.rtc + bytes.socket) / 1_000),
    row(
      "late one hears everyone : raw's late one its first, ms",
      1,
      ({ late }) => late?.all ?? Number.POSITIVE_INFINITY,
      ({ late }) => late?.first ?? Number.NaN,
    ),
  ]
}

/** What the bars leave to a protocol: what as many bare connections take of them. Decides nothing. */
function floorRows(n: number, sparse: readonly Figures[], raw: readonly Figures[]): Row[] {
  const row = (what: string, figure: (one: Figures) => number): Row => {
    const [least, theirs] = [median(sparse.map(figure)), median(raw.map(figure))]
    const shown = `${(least / theirs).toFixed(2)} (${least.toFixed(1)} : ${theirs.toFixed(1)})`
    return { what: `${n} peers, bare and sparse: ${what}`, bar: '(the floor)', figure: shown, isMet: true }
  }
  return [
    row('until everyone hears everyone, ms', ({ join }) => join.all),
    row('CPU of joining, s', ({ join }) => join.cpu),
    row('bytes of all, kB', ({ bytes }) => (bytes.rtc + bytes.socket) / 1_000),
  ]
}

/** In smaller rooms the same is shown, and decides nothing. */
function verdict(n: number, row: Row): Row {
  const what = `${n} peers: ${row.what}`
  return n === BAR_N ? { ...row, what } : { ...row, what, bar: `(${row.bar})`, isMet: true }
}
