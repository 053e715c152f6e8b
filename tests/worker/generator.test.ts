import { describe, expect, it } from 'vitest'
import { displayNameSchema } from '../../protocol/display-name'
import { drawDisplayName, NAME_POOLS, nameCombinations } from '../../protocol/display-name-generator'
import { isReservedName } from '../../worker/names/reserved'
import { randomBelow } from '../../worker/random'
import { UNWELCOME } from './support/unwelcome-words'

const { adjectives, nouns, numbers } = NAME_POOLS

describe('the name generator', () => {
  it('knows more than ten million names', () => {
    expect(nameCombinations(NAME_POOLS)).toBeGreaterThan(10_000_000)
    for (const pool of [adjectives, nouns, numbers]) expect(new Set<unknown>(pool).size).toBe(pool.length)
    expect(adjectives.filter((word) => nouns.includes(word))).toEqual([])
  })

  it('draws names that may be had: CamelCase, at most 25 graphemes, not reserved', () => {
    for (const word of [...adjectives, ...nouns]) expect(word).toMatch(/^[A-Z][a-z]{1,9}$/)
    for (const number of numbers) expect(String(number)).toMatch(/^\d{2,3}$/)
    for (let draw = 0; draw < 5_000; draw++) {
      const name = drawDisplayName(randomBelow)
      expect(displayNameSchema.safeParse(name).success).toBe(true)
      expect(isReservedName(name)).toBe(false)
    }
  })

  it('never puts two words together that make a third', () => {
    const found = []
    for (const adjective of adjectives) {
      for (const noun of nouns) {
        const pair = (adjective + noun).toLowerCase()
        const word = UNWELCOME.find((unwelcome) => pair.includes(unwelcome))
        if (word) found.push(`${adjective}${noun}: ${word}`)
      }
    }
    expect(found).toEqual([])
  })

  it('depends on nothing but its random function and pools', () => {
    const pools = { adjectives: ['Amber', 'Brave'], nouns: ['Otter'], numbers: [417] }
    expect(drawDisplayName(() => 0, pools)).toBe('AmberOtter417')
    expect(drawDisplayName((below) => below - 1, pools)).toBe('BraveOtter417')
    expect(() => drawDisplayName((below) => below, pools)).toThrow(RangeError)
    const asked: number[] = []
    drawDisplayName((below) => {
      asked.push(below)
      return 0
    })
    expect(asked).toEqual([adjectives.length, nouns.length, numbers.length])
  })
})

describe('randomBelow', () => {
  it('is uniform and stays in its range', () => {
    const counts = Array<number>(7).fill(0)
    for (let draw = 0; draw < 70_000; draw++) {
      const drawn = randomBelow(7)
      counts[drawn] = (counts[drawn] ?? Number.NaN) + 1
    }
    // Chi-squared, 6 degrees of freedom: above 37.3 once in a million.
    const chi = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0)
    expect(chi).toBeLessThan(37.3)
    expect(() => randomBelow(0)).toThrow(RangeError)
    expect(() => randomBelow(1.5)).toThrow(RangeError)
    expect(() => randomBelow(2 ** 33)).toThrow(RangeError)
  })
})
