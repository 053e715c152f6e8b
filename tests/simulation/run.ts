import { parseArgs } from 'node:util'
import { CASES } from './cases/all'
import { drawPlots } from './report/plots'
import { printCase, rowsOf } from './report/table'

/** Members of a case where it only has to be quick. */
const QUICK_NODES = 300

const HELP = `npm run simulate -- [options]

  --case NAME    this one alone, of: ${CASES.map(({ name }) => name).join(', ')}
  --seeds N      runs of each case, 3 unless told
  --seed N       the first run's seed, 1 unless told
  --nodes N      members, instead of each case's own number
  --quick        ${QUICK_NODES} members at most
  --plots DIR    where the plots go, .output/simulation unless told
`

/** Runs the cases, prints the table, draws the plots. Returns whether every bar is met. */
export function simulate(args: string[]): boolean {
  const { values } = parseArgs({
    args,
    options: {
      help: { type: 'boolean', default: false },
      case: { type: 'string' },
      seeds: { type: 'string', default: '3' },
      seed: { type: 'string', default: '1' },
      nodes: { type: 'string' },
      quick: { type: 'boolean', default: false },
      plots: { type: 'string', default: '.output/simulation' },
    },
  })
  if (values.help) {
    console.log(HELP)
    return true
  }
  const cases = CASES.filter(({ name }) => values.case === undefined || values.case === name)
  if (cases.length === 0) throw new RangeError(HELP)
  let isAllMet = true
  for (const one of cases) {
    const most = values.quick ? QUICK_NODES : Number.POSITIVE_INFINITY
    const nodes = Math.min(most, Number(values.nodes ?? one.nodes))
    const outcomes = []
    const seconds: number[] = []
    for (let nth = 0; nth < Number(values.seeds); nth++) {
      const began = performance.now()
      const outcome = one.measure({ seed: Number(values.seed) + nth, nodes })
      seconds.push((performance.now() - began) / 1_000)
      if (nth === 0) drawPlots(values.plots, one.name, `${one.title}`, outcome)
      // A world of 10,000 is large: only its figures are kept.
      outcomes.push({ figures: outcome.figures })
    }
    const rows = rowsOf(one, outcomes)
    printCase(one, rows, seconds)
    if (rows.some(({ isMet }) => isMet === false)) isAllMet = false
  }
  return isAllMet
}
