import type { Row } from './rows'

/** Heights (px) of lines as the styles draw them; what is guessed wrong is set right once a row was drawn. */
const LINE = 20
const PADDING = 4
const HEAD = 28
/** What somebody does has no head, but is at least as high as the picture beside it, with what is around that. */
const DEED = { beside: 12, least: 42 } as const
const SMALL = { notice: 21, day: 33, unread: 25 } as const
/** What stands beside the text, and how wide a letter is on average (px). */
const BESIDE_TEXT = 62
const LETTER = 6.6

/** A guess for a row that has not been drawn `width` px wide yet. */
export function guessHeight(row: Row, width: number): number {
  if (row.kind !== 'message') return SMALL[row.kind]
  const perLine = Math.max(10, (width - BESIDE_TEXT) / LETTER)
  let lines = 0
  for (const part of row.line.text.split('\n')) lines += Math.max(1, Math.ceil(part.length / perLine))
  const text = (lines + (row.line.reply ? 1 : 0)) * LINE + PADDING
  if (row.line.me) return Math.max(DEED.least, text + DEED.beside)
  return text + (row.grouped ? 0 : HEAD)
}

/**
 * How high each row of a list is, as drawn or as guessed, and so where it lies. Places are px from the top of the first
 * row. Rows are known by their keys; heights of rows that left are forgotten.
 */
export class RowHeights {
  readonly #drawn = new Map<string, number>()
  #rows: readonly Row[] = []
  #width = 0
  /** The bottoms of the rows, as far as they are worked out. */
  #bottoms = new Float64Array(0)
  #known = 0

  get rows(): readonly Row[] {
    return this.#rows
  }

  /** All rows together. */
  get total(): number {
    return this.top(this.#rows.length)
  }

  setRows(rows: readonly Row[]): void {
    let same = 0
    const most = Math.min(this.#known, rows.length)
    // Nearly always rows are added at the end.
    while (same < most && rows[same]?.key === this.#rows[same]?.key) same += 1
    this.#rows = rows
    this.#known = same
    if (this.#drawn.size > 2 * rows.length + 100) this.#forget()
  }

  /** Another width breaks lines elsewhere: what was drawn before says nothing any more. */
  setWidth(width: number): void {
    if (width === this.#width) return
    this.#width = width
    this.#drawn.clear()
    this.#known = 0
  }

  /** How high rows from `start` up to `end` were drawn, by key. */
  draw(sizes: ReadonlyMap<string, number>, start: number, end: number): void {
    for (let index = start; index < end; index += 1) {
      const key = this.#rows[index]?.key
      const size = key === undefined ? undefined : sizes.get(key)
      if (key === undefined || size === undefined || this.#drawn.get(key) === size) continue
      this.#drawn.set(key, size)
      this.#known = Math.min(this.#known, index)
    }
  }

  /** Where the row at `index` begins; for the number of rows, where the last one ends. */
  top(index: number): number {
    if (index <= 0) return 0
    this.#workOut(index)
    return this.#bottoms[index - 1] ?? 0
  }

  /** The row at a place: the first one above all, the last one below all; -1 where there is none. */
  at(place: number): number {
    this.#workOut(this.#rows.length)
    let low = 0
    let high = this.#rows.length - 1
    if (high < 0) return -1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#bottoms[middle] ?? 0) > place) high = middle
      else low = middle + 1
    }
    return low
  }

  /** Where the row with `key` is in the list, looked for from `near` up and then down; -1 where it is not. */
  indexOf(key: string, near = this.#rows.length - 1): number {
    for (let index = Math.min(near, this.#rows.length - 1); index >= 0; index -= 1)
      if (this.#rows[index]?.key === key) return index
    for (let index = Math.max(0, near + 1); index < this.#rows.length; index += 1)
      if (this.#rows[index]?.key === key) return index
    return -1
  }

  #workOut(count: number): void {
    if (this.#known >= count) return
    if (this.#bottoms.length < this.#rows.length) {
      const more = new Float64Array(Math.ceil(this.#rows.length * 1.5))
      more.set(this.#bottoms.subarray(0, this.#known))
      this.#bottoms = more
    }
    let bottom = this.#known > 0 ? (this.#bottoms[this.#known - 1] ?? 0) : 0
    for (let index = this.#known; index < count; index += 1) {
      const row = this.#rows[index]
      if (row) bottom += this.#drawn.get(row.key) ?? guessHeight(row, this.#width)
      this.#bottoms[index] = bottom
    }
    this.#known = count
  }

  #forget(): void {
    const keys = new Set(this.#rows.map(({ key }) => key))
    for (const key of this.#drawn.keys()) if (!keys.has(key)) this.#drawn.delete(key)
  }
}
