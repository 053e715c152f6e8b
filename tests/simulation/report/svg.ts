/** A chart in a colour that shows on light and on dark paper alike. */
const INK = '#7d8590'
const COLOURS = ['#3b82f6', '#f97316', '#22a06b', '#a855f7'] as const
const SIZE = { width: 640, height: 320 } as const
const MARGIN = { left: 64, right: 24, top: 44, bottom: 52 } as const

export interface Series {
  readonly name: string
  readonly points: readonly (readonly [x: number, y: number])[]
}

export interface Chart {
  readonly title: string
  /** A second line, smaller. */
  readonly about: string
  readonly x: string
  readonly y: string
  readonly kind: 'bars' | 'lines'
  readonly series: readonly Series[]
}

/** The chart as an SVG document. Axes begin at zero. */
export function svgOf({ title, about, x, y, kind, series }: Chart): string {
  const points = series.flatMap((one) => one.points)
  const scale = {
    x: axis(Math.max(...points.map(([value]) => value)), SIZE.width - MARGIN.left - MARGIN.right),
    y: axis(Math.max(...points.map(([, value]) => value)), SIZE.height - MARGIN.top - MARGIN.bottom),
  }
  const base = SIZE.height - MARGIN.bottom
  const atX = (value: number) => round(MARGIN.left + value * scale.x.perUnit)
  const atY = (value: number) => round(base - value * scale.y.perUnit)
  const end = SIZE.width - MARGIN.right
  const grid = [
    ...ticks(scale.y).map((value) =>
      [
        `<path d="M${MARGIN.left} ${atY(value)}H${end}" stroke="${INK}" stroke-opacity="0.25"/>`,
        text(MARGIN.left - 8, atY(value) + 4, String(value), 'end'),
      ].join(''),
    ),
    ...ticks(scale.x).map((value) => text(atX(value), base + 18, String(value), 'middle')),
  ]
  const drawn = series.map(({ name, points }, nth) => {
    const colour = COLOURS[nth % COLOURS.length]
    const legend =
      series.length > 1
        ? `<rect x="${end - 130}" y="${MARGIN.top + nth * 18 - 8}" width="10" height="10" fill="${colour}"/>${text(end - 114, MARGIN.top + nth * 18 + 1, name, 'start')}`
        : ''
    if (kind === 'lines')
      return `<path d="M${points.map(([px, py]) => `${atX(px)} ${atY(py)}`).join('L')}" fill="none" stroke="${colour}" stroke-width="2"/>${legend}`
    const width = round(Math.max(2, (0.8 * scale.x.perUnit) / series.length))
    const bars = points.map(
      ([px, py]) =>
        `<rect x="${round(atX(px) - (width * series.length) / 2 + nth * width)}" y="${atY(py)}" width="${width}" height="${round(base - atY(py))}" fill="${colour}"/>`,
    )
    return bars.join('') + legend
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE.width} ${SIZE.height}" role="img" aria-label="${escaped(`${title}: ${about}`)}" font-family="system-ui, sans-serif" font-size="12" fill="${INK}">`,
    text(MARGIN.left, 18, title, 'start', 14),
    text(MARGIN.left, 35, about, 'start'),
    ...grid,
    `<path d="M${MARGIN.left} ${base}H${end}" stroke="${INK}"/>`,
    ...drawn,
    text((MARGIN.left + end) / 2, SIZE.height - 12, x, 'middle'),
    `<g transform="translate(16 ${(MARGIN.top + base) / 2}) rotate(-90)">${text(0, 0, y, 'middle')}</g>`,
    '</svg>\n',
  ].join('\n')
}

interface Axis {
  readonly step: number
  readonly end: number
  readonly perUnit: number
}

function axis(most: number, length: number): Axis {
  const rough = Math.max(most, 1e-9) / 6
  const power = 10 ** Math.floor(Math.log10(rough))
  const step =
    [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? 10 * power
  const end = Math.ceil((most + step / 2) / step) * step
  return { step, end, perUnit: length / end }
}

const ticks = ({ step, end }: Axis): number[] =>
  Array.from({ length: Math.round(end / step) }, (_, nth) => Number((nth * step).toPrecision(6)))

const text = (x: number, y: number, words: string, anchor: string, size = 12) =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}" font-size="${size}">${escaped(words)}</text>`

const escaped = (words: string) =>
  words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')

const round = (value: number) => Math.round(value * 10) / 10
