import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nameFault } from '../../../protocol/display-name-check'
import { NAME_POOLS, NameGenerator, type NamePools } from '../../../protocol/display-name-generator'
import { MAX_NAME_GRAPHEMES } from '../../../protocol/limits'

const few: NamePools = { adjectives: ['Amber', 'Brave'], nouns: ['Otter', 'Wren', 'Yak'], numbers: [7, 417] }

/** A small random source with a seed (mulberry32), so that a failure can be repeated. */
function seeded(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

describe('the pools', () => {
  const { adjectives, nouns, numbers, excluded = [] } = NAME_POOLS

  it('hold more than ten million names', () => {
    const generator = new NameGenerator()
    expect(generator.combinations).toBe((adjectives.length * nouns.length - excluded.length) * numbers.length)
    expect(generator.combinations).toBeGreaterThan(10_000_000)
    expect(adjectives.length).toBeGreaterThanOrEqual(150)
    expect(nouns.length).toBeGreaterThanOrEqual(150)
  })

  it('hold words of letters alone, each once, and numbers of two or three digits', () => {
    for (const word of [...adjectives, ...nouns]) expect(word).toMatch(/^[A-Z][a-z]{1,9}$/)
    for (const number of numbers) expect(String(number)).toMatch(/^\d{2,3}$/)
    expect(new Set([...adjectives, ...nouns]).size).toBe(adjectives.length + nouns.length)
    expect(new Set(numbers).size).toBe(numbers.length)
    for (const words of [adjectives, nouns]) expect([...words]).toEqual([...words].sort())
  })

  it('make names that are short enough', () => {
    const longest = (words: readonly string[]) => Math.max(...words.map(({ length }) => length))
    expect(longest(adjectives) + longest(nouns) + 3).toBeLessThanOrEqual(MAX_NAME_GRAPHEMES)
  })
})

describe('the name generator', () => {
  it('depends on nothing but its random function and pools', () => {
    const generator = new NameGenerator(few)
    expect(generator.draw(() => 0)).toBe('AmberOtter7')
    expect(generator.draw((below) => below - 1)).toBe('BraveYak417')
    expect(() => generator.draw((below) => below)).toThrow(RangeError)
    expect(() => generator.draw(() => -1)).toThrow(RangeError)
    expect(() => generator.draw(() => 0.5)).toThrow(RangeError)
    const asked: number[] = []
    new NameGenerator().draw((below) => {
      asked.push(below)
      return 0
    })
    const { adjectives, nouns, numbers } = NAME_POOLS
    expect(asked).toEqual([adjectives.length, nouns.length, numbers.length])
  })

  it('draws every name, each as likely as any other, but none that is excluded', () => {
    const generator = new NameGenerator({ ...few, excluded: ['AmberWren', 'BraveYak'] })
    expect(generator.combinations).toBe(8)
    const counts = new Map<string, number>()
    const random = seeded(20_260_101)
    for (let draw = 0; draw < 80_000; draw++) {
      const name = generator.draw(random)
      counts.set(name, (counts.get(name) ?? 0) + 1)
    }
    expect([...counts.keys()].sort()).toEqual(
      ['AmberOtter', 'AmberYak', 'BraveOtter', 'BraveWren'].flatMap((pair) => [`${pair}417`, `${pair}7`]),
    )
    // Chi-squared, 7 degrees of freedom: above 40.5 once in a million.
    const chi = [...counts.values()].reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0)
    expect(chi).toBeLessThan(40.5)
  })

  it('draws the words of the real pools evenly', () => {
    const generator = new NameGenerator()
    const random = seeded(7)
    const draws = 100_000
    for (const [pool, words] of [
      ['adjectives', NAME_POOLS.adjectives],
      ['nouns', NAME_POOLS.nouns],
    ] as const) {
      const counts = new Map(words.map((word) => [word, 0]))
      for (let draw = 0; draw < draws; draw++) {
        const [, adjective = '', noun = ''] = /^([A-Z][a-z]+)([A-Z][a-z]+)/.exec(generator.draw(random)) ?? []
        const word = pool === 'adjectives' ? adjective : noun
        counts.set(word, (counts.get(word) ?? Number.NaN) + 1)
      }
      const even = draws / words.length
      const chi = [...counts.values()].reduce((sum, count) => sum + (count - even) ** 2 / even, 0)
      // About 180 degrees of freedom: mean 180, deviation 19.
      expect(chi).toBeLessThan(300)
    }
  })

  it('makes names anybody may have, whatever is drawn', () => {
    const generator = new NameGenerator()
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 12, maxLength: 12 }), (numbers) => {
        let at = 0
        expect(nameFault(generator.draw((below) => (numbers[at++] ?? 0) % below))).toBeNull()
      }),
    )
  })

  it('varies a name in three ways', () => {
    const generator = new NameGenerator(few)
    const varied = (form: number) => {
      let first = true
      return generator.vary('Zoë', () => {
        const drawn = first ? form : 0
        first = false
        return drawn
      })
    }
    expect([0, 1, 2].map(varied)).toEqual(['Zoë7', 'AmberZoë', 'ZoëOtter'])
  })

  it.each<[string, Partial<NamePools>]>([
    ['no adjectives', { adjectives: [] }],
    ['no nouns', { nouns: [] }],
    ['no numbers', { numbers: [] }],
    ['the same adjective twice', { adjectives: ['Amber', 'Amber'] }],
    ['a noun that is an adjective, too', { nouns: ['Amber'] }],
    ['the same number twice', { numbers: [7, 7] }],
    ['two words in one', { nouns: ['Sea Otter'] }],
    ['small letters', { nouns: ['otter'] }],
    ['digits in a word', { nouns: ['Otter1'] }],
    ['letters of elsewhere', { adjectives: ['Bräve'] }],
    ['an empty word', { adjectives: [''] }],
    ['half a number', { numbers: [0.5] }],
    ['a number below zero', { numbers: [-1] }],
    ['names that are too long', { nouns: ['Hippopotamuses'], adjectives: ['Counterrevolutionary'] }],
    ['a pair excluded that is none', { excluded: ['AmberGoose'] }],
    ['a pair excluded twice', { excluded: ['AmberOtter', 'AmberOtter'] }],
    ['every pair excluded', { adjectives: ['Amber'], nouns: ['Otter'], excluded: ['AmberOtter'] }],
  ])('takes no pools with %s', (_, fault) => {
    expect(() => new NameGenerator({ ...few, ...fault })).toThrow(RangeError)
  })
})
