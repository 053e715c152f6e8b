import { describe, expect, it } from 'vitest'
import { nameFault } from '../../protocol/display-name-check'
import { NAME_POOLS, NameGenerator } from '../../protocol/display-name-generator'
import { isReservedName } from '../../worker/names/reserved'
import { randomBelow } from '../../worker/random'

const generator = new NameGenerator()

describe('the name generator in the Worker', () => {
  it('draws names that may be had, and hardly one twice', () => {
    const drawn = Array.from({ length: 5_000 }, () => generator.draw(randomBelow))
    for (const name of drawn) {
      expect(nameFault(name)).toBeNull()
      expect(isReservedName(name)).toBe(false)
    }
    // The birthday of 5,000 among more than ten million: 1.25 pairs at most are to be expected.
    expect(new Set(drawn).size).toBeGreaterThan(4_985)
  })

  it('draws no name that is reserved, whatever it draws', () => {
    const { adjectives, nouns, numbers } = NAME_POOLS
    const pairs = adjectives.flatMap((adjective) => nouns.map((noun) => adjective + noun))
    expect(pairs.filter((pair) => isReservedName(pair))).toEqual([])
    expect(nouns.flatMap((noun) => numbers.map((number) => noun + number)).filter(isReservedName)).toEqual([])
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
