import { ADJECTIVES, EXCLUDED_PAIRS, NOUNS } from './display-name-words'
import { MAX_NAME_GRAPHEMES } from './limits'

/** Draws a uniform integer in `[0, below)`. */
export type RandomBelow = (below: number) => number

export interface NamePools {
  adjectives: readonly string[]
  nouns: readonly string[]
  numbers: readonly number[]
  /** Pairs that are never drawn, written as they would be shown: `CaringGalaxy`. */
  excluded?: readonly string[]
}

/** Two or three digits, without those that mean something to somebody, also when read as letters. */
const LOADED = new Set([17, 18, 33, 69, 88, 117, 177, 187, 311, 420, 455, 664, 666, 717, 741, 911])
const NUMBERS = Array.from({ length: 990 }, (_, index) => index + 10).filter((number) => !LOADED.has(number))

export const NAME_POOLS: NamePools = {
  adjectives: ADJECTIVES,
  nouns: NOUNS,
  numbers: NUMBERS,
  excluded: EXCLUDED_PAIRS,
}

/** Letters alone, and a capital where each word begins. */
const WORD = /^[A-Z][a-z]+$/

/**
 * Draws display names such as `AmberOtter417`, each as likely as any other. Uniqueness is the Worker's to decide:
 * whoever wants the name draws again when it is taken.
 */
export class NameGenerator {
  readonly #pools: NamePools
  readonly #excluded: ReadonlySet<string>

  /** @throws RangeError for pools that are empty, repeat themselves, hold anything but words, or make too long names. */
  constructor(pools: NamePools = NAME_POOLS) {
    checkPools(pools)
    this.#pools = pools
    this.#excluded = new Set(pools.excluded)
    if (this.combinations < 1) throw new RangeError('every pair is excluded')
  }

  /** How many different names there are to draw. */
  get combinations(): number {
    const { adjectives, nouns, numbers } = this.#pools
    return (adjectives.length * nouns.length - this.#excluded.size) * numbers.length
  }

  /** @throws RangeError for a `random` out of its range. */
  draw(random: RandomBelow): string {
    const { adjectives, nouns, numbers } = this.#pools
    for (;;) {
      const pair = drawn(adjectives, random) + drawn(nouns, random)
      if (!this.#excluded.has(pair)) return `${pair}${drawn(numbers, random)}`
    }
  }

  /** A name made of `stem` and what else the pools hold, such as `Zoë417`, `AmberZoë` or `ZoëOtter`. */
  vary(stem: string, random: RandomBelow): string {
    const { adjectives, nouns, numbers } = this.#pools
    const forms = [
      () => `${stem}${drawn(numbers, random)}`,
      () => `${drawn(adjectives, random)}${stem}`,
      () => `${stem}${drawn(nouns, random)}`,
    ]
    return drawn(forms, random)()
  }
}

function drawn<T>(pool: readonly T[], random: RandomBelow): T {
  const item = pool[random(pool.length)]
  if (item === undefined) throw new RangeError('nothing to draw')
  return item
}

function checkPools({ adjectives, nouns, numbers, excluded = [] }: NamePools): void {
  const words = [...adjectives, ...nouns]
  if (adjectives.length === 0 || nouns.length === 0 || numbers.length === 0)
    throw new RangeError('an empty pool')
  if (!words.every((word) => WORD.test(word))) throw new RangeError('not a word')
  if (!numbers.every((number) => Number.isSafeInteger(number) && number >= 0))
    throw new RangeError('not a number')
  if (new Set(words).size < words.length || new Set(numbers).size < numbers.length)
    throw new RangeError('the same twice')
  const longest = longestOf(adjectives) + longestOf(nouns) + longestOf(numbers.map(String))
  if (longest > MAX_NAME_GRAPHEMES) throw new RangeError('names too long')
  const isPair = (pair: string) =>
    adjectives.some((word) => pair.startsWith(word) && nouns.includes(pair.slice(word.length)))
  if (!excluded.every(isPair) || new Set(excluded).size < excluded.length)
    throw new RangeError('not a pair to exclude')
}

const longestOf = (texts: readonly string[]) => Math.max(...texts.map(({ length }) => length))
