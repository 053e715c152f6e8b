import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { hueOf, identiconPath } from '../../../components/pseudonym'

type Colour = readonly [red: number, green: number, blue: number]

const css = readFileSync('components/theme.css', 'utf8')
const block = (start: string) => css.slice(css.indexOf(start)).split('}')[0] ?? ''
const property = (of: string, name: string) => new RegExp(`--${name}: ([^;]+);`).exec(of)?.[1] ?? ''

/** OKLCH to sRGB (Ottosson 2020), clipped as browsers do at the edge of the gamut. */
function oklch(lightness: number, chroma: number, hue: number): Colour {
  const a = chroma * Math.cos((hue * Math.PI) / 180)
  const b = chroma * Math.sin((hue * Math.PI) / 180)
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
  const clip = (value: number) => Math.min(1, Math.max(0, value))
  return [
    clip(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    clip(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    clip(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ]
}

const linear = (value: number) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
function hex(colour: string): Colour {
  const part = (from: number) => linear(Number.parseInt(colour.slice(from, from + 2), 16) / 255)
  return [part(1), part(3), part(5)]
}
const luminance = ([red, green, blue]: Colour) => 0.2126 * red + 0.7152 * green + 0.0722 * blue
function contrast(one: Colour, other: Colour): number {
  const [dark, light] = [luminance(one), luminance(other)].toSorted((a, b) => a - b)
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05)
}

describe.each([
  ['dark', block(':root {')],
  ['light', block(':root[data-theme="light"]')],
])('the %s theme', (_theme, rules) => {
  const surfaces = ['surface', 'surface-raised', 'surface-sunken'].map((name) => hex(property(rules, name)))
  const worst = (colour: Colour) => Math.min(...surfaces.map((surface) => contrast(colour, surface)))

  it('gives every name AA contrast on every surface', () => {
    const lightness = Number(property(rules, 'name-lightness'))
    const chroma = Number(property(rules, 'name-chroma'))
    expect(lightness).toBeGreaterThan(0)
    for (let hue = 0; hue < 360; hue += 1) expect(worst(oklch(lightness, chroma, hue))).toBeGreaterThan(4.5)
  })

  it.each(['accent-tint', 'mention-tint'])('keeps names and words readable on lines with %s', (tint) => {
    const [red = 0, green = 0, blue = 0, percent = 0] = [
      ...property(rules, tint).matchAll(/\d+(?=[ %)])/g),
    ].map(Number)
    const surface = property(rules, 'surface')
    const mixed = [red, green, blue].map((part, index) => {
      const below = Number.parseInt(surface.slice(1 + 2 * index, 3 + 2 * index), 16)
      return linear((part * percent + below * (100 - percent)) / 100 / 255)
    })
    const ground: Colour = [mixed[0] ?? 0, mixed[1] ?? 0, mixed[2] ?? 0]
    expect(percent).toBeGreaterThan(0)
    const lightness = Number(property(rules, 'name-lightness'))
    const chroma = Number(property(rules, 'name-chroma'))
    for (let hue = 0; hue < 360; hue += 1)
      expect(contrast(oklch(lightness, chroma, hue), ground)).toBeGreaterThan(4.5)
    for (const name of ['text', 'text-quiet', 'accent'])
      expect(contrast(hex(property(rules, name)), ground)).toBeGreaterThan(4.5)
  })

  it.each(['bad', 'good', 'wait'])('gives badges and marks on %s AA contrast', (name) => {
    expect(contrast(hex(property(rules, 'surface')), hex(property(rules, name)))).toBeGreaterThan(4.5)
  })

  it.each(['text', 'text-quiet', 'accent', 'bad'])('gives %s AA contrast on every surface', (name) => {
    expect(worst(hex(property(rules, name)))).toBeGreaterThan(4.5)
  })

  it('gives fields an edge that can be seen', () => {
    expect(worst(hex(property(rules, 'field-line')))).toBeGreaterThan(3)
  })

  it.each(['accent-fill', 'accent-fill-hover'])('gives words on %s AA contrast', (name) => {
    const on = property(rules, 'on-accent') || property(block(':root {'), 'on-accent')
    expect(contrast(hex(on), hex(property(rules, name)))).toBeGreaterThan(4.5)
  })
})

describe('pseudonyms', () => {
  const accounts = Array.from({ length: 500 }, (_, i) => `${i}`.padStart(21, 'q').concat('A'))

  it('look the same every time', () => {
    expect(hueOf('meAAAAAAAAAAAAAAAAAAAA')).toBe(hueOf('meAAAAAAAAAAAAAAAAAAAA'))
    expect(identiconPath('meAAAAAAAAAAAAAAAAAAAA')).toBe(identiconPath('meAAAAAAAAAAAAAAAAAAAA'))
  })

  it('look different from each other', () => {
    expect(new Set(accounts.map(hueOf)).size).toBeGreaterThan(200)
    expect(new Set(accounts.map((id) => identiconPath(id) + hueOf(id))).size).toBeGreaterThan(495)
  })

  it('are neither blank nor solid', () => {
    for (const account of accounts) {
      const cells = identiconPath(account).split('z').length - 1
      expect(cells).toBeGreaterThanOrEqual(6)
      expect(cells).toBeLessThanOrEqual(19)
    }
  })
})
