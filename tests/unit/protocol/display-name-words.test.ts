import { englishDataset, englishRecommendedTransformers, RegExpMatcher } from 'obscenity'
import { describe, expect, it } from 'vitest'
import { NAME_POOLS } from '../../../protocol/display-name-generator'
import { nameFolds } from '../../../worker/names/fold'
import { UNWELCOME } from './unwelcome-words'

const { adjectives, nouns, numbers, excluded = [] } = NAME_POOLS
const words = [...adjectives, ...nouns]
const allPairs = adjectives.flatMap((adjective) =>
  nouns.map((noun) => ({ adjective, noun, pair: adjective + noun })),
)
const pairs = allPairs.filter(({ pair }) => !excluded.includes(pair))

const slurs = new RegExpMatcher({ ...englishDataset.build(), ...englishRecommendedTransformers })
const isUnwelcome = (text: string) =>
  slurs.hasMatch(text) || UNWELCOME.some((word) => text.toLowerCase().includes(word))
const keyOf = (text: string) => nameFolds(text).join()

describe('the lists themselves', () => {
  it('would find something', () => {
    for (const text of ['Asshole', 'PenIsland', 'CaringGalaxy', 'Aspen15', 'Cockatoo'])
      expect(isUnwelcome(text), text).toBe(true)
    expect(isUnwelcome('AmberOtter417')).toBe(false)
  })
})

describe('generated names hold no unwelcome word', () => {
  it('in a word', () => expect(words.filter(isUnwelcome)).toEqual([]))

  it('where two words meet, for every pair that is drawn', () => {
    expect(pairs.map(({ pair }) => pair).filter(isUnwelcome)).toEqual([])
  })

  it('and no pair is left out for nothing', () => {
    expect(excluded.filter((pair) => !isUnwelcome(pair))).toEqual([])
  })

  it('where a number follows, whose digits can be read as letters', () => {
    expect(numbers.map(String).filter(isUnwelcome)).toEqual([])
    expect(nouns.flatMap((noun) => numbers.map((number) => noun + number)).filter(isUnwelcome)).toEqual([])
  })

  it('where it would reach from the one word over the other into the number', () => {
    // The longest word of the lists has nine letters: it cannot span a noun of more than four and letters on both sides.
    const short = nouns.filter(({ length }) => length <= 4)
    const tails = [...new Set(adjectives.map((word) => word.slice(-3)))]
    const heads = [...new Set(numbers.map((number) => String(number).slice(0, 2)))]
    expect(short.length * tails.length * heads.length).toBeGreaterThan(100_000)
    const found: string[] = []
    for (const noun of short)
      for (const tail of tails)
        for (const head of heads)
          if (isUnwelcome(tail + noun + head) && !isUnwelcome(tail + noun)) found.push(tail + noun + head)
    expect(found).toEqual([])
  })
})

/**
 * Ambiguous is a pair that reads as two other words of the pools, split elsewhere (`EvenTide`, `EventIde`), or that the
 * registry takes for another one, with or without digits that look like letters (`Modern`, `Modem`; `Gull7`, `Gu117`).
 */
describe('generated names are not ambiguous', () => {
  it('in their words: none is another one, nor the beginning or end of one with it', () => {
    expect(new Set(words.map(keyOf)).size).toBe(words.length)
  })

  it('in where their words meet', () => {
    const known = new Set(words.map((word) => word.toLowerCase()))
    const otherwise = pairs.filter(({ adjective, pair }) => {
      const letters = pair.toLowerCase()
      for (let at = 1; at < letters.length; at++) {
        if (at !== adjective.length && known.has(letters.slice(0, at)) && known.has(letters.slice(at)))
          return true
      }
      return false
    })
    expect(otherwise).toEqual([])
  })

  it('in their looks, digits that look like letters included', () => {
    const looks = new Set(pairs.map(({ pair }) => keyOf(pair)))
    expect(looks.size).toBe(pairs.length)
    // `0` looks like `o` and `1` like `l`: at most three of them can stand at a name's end.
    const tails = ['l', 'o', 'll', 'lo', 'ol', 'oo', 'lll', 'llo', 'lol', 'loo', 'oll', 'olo', 'ool', 'ooo']
    const prolonged = [...looks].filter((look) =>
      tails.some((tail) => look.endsWith(tail) && looks.has(look.slice(0, -tail.length))),
    )
    expect(prolonged).toEqual([])
    expect(new Set(numbers.map((number) => keyOf(`x${number}`))).size).toBe(numbers.length)
  })
})
