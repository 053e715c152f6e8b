import type { Bar, Case, Outcome } from '../cases/case'
import { median } from '../metrics'

export interface Row {
  readonly what: string
  readonly bar: string
  readonly figure: string
  /** `undefined`: nothing was asked of it. */
  readonly isMet?: boolean
}

/** The rows of one case, from the outcomes of its seeds. */
export function rowsOf(given: Case, outcomes: readonly Outcome[]): Row[] {
  return Object.entries(given.bars).map(([name, bar]) => {
    const values = outcomes.map(({ figures }) => figures[name] ?? Number.NaN)
    const counted = bar.counts === 'worst' ? worst(bar, values) : median(values)
    const others = values.map((value) => shown(bar, value)).join(', ')
    const isAsked = bar.least !== undefined || bar.most !== undefined
    return {
      what: bar.what,
      bar: askedOf(bar),
      figure: values.length > 1 ? `${shown(bar, counted)} (${others})` : shown(bar, counted),
      ...(isAsked && { isMet: meets(bar, counted) }),
    }
  })
}

export function printCase(given: Case, rows: readonly Row[], seconds: readonly number[]): void {
  console.log(`\n${given.name}: ${given.title} (${seconds.map((value) => value.toFixed(0)).join(', ')} s)`)
  for (const { what, bar, figure, isMet } of rows)
    console.log(
      `  ${what.padEnd(52)} ${bar.padEnd(12)} ${figure.padEnd(36)} ${isMet === undefined ? '' : isMet ? 'ok' : 'MISSED'}`.trimEnd(),
    )
}

const worst = (bar: Bar, values: readonly number[]) =>
  bar.least === undefined ? Math.max(...values) : Math.min(...values)

const meets = ({ least, most }: Bar, value: number) =>
  (least === undefined || value >= least) && (most === undefined || value <= most)

const shown = (bar: Bar, value: number) =>
  `${Number.isFinite(value) ? value.toFixed(bar.digits ?? 0) : 'never'}${bar.unit && Number.isFinite(value) ? ` ${bar.unit}` : ''}`

function askedOf({ least, most, unit }: Bar): string {
  const limit = least === undefined ? most : least
  if (limit === undefined) return ''
  return `${least === undefined ? '<=' : '>='} ${limit}${unit ? ` ${unit}` : ''}`
}
