import { ADJECTIVES, NOUNS } from './display-name-words'

/** Draws a uniform integer in `[0, below)`. */
export type RandomBelow = (below: number) => number

export interface NamePools {
  adjectives: readonly string[]
  nouns: readonly string[]
  numbers: readonly number[]
}

/** Two or three digits, without those that mean something to somebody. */
const LOADED = new Set([18, 33, 69, 88, 187, 311, 420, 666, 911])
const NUMBERS = Array.from({ length: 990 }, (_, index) => index + 10).filter((number) => !LOADED.has(number))

export const NAME_POOLS: NamePools = { adjectives: ADJECTIVES, nouns: NOUNS, numbers: NUMBERS }

/** How many different names the pools hold. */
export const nameCombinations = ({ adjectives, nouns, numbers }: NamePools): number =>
  adjectives.length * nouns.length * numbers.length

/**
 * A display name such as `AmberOtter417`. Uniqueness is the Worker's to decide: whoever wants the name draws
 * again when it is taken. Throws a `RangeError` for an empty pool or a `random` out of its range.
 */
export function drawDisplayName(random: RandomBelow, pools: NamePools = NAME_POOLS): string {
  return `${drawn(pools.adjectives, random)}${drawn(pools.nouns, random)}${drawn(pools.numbers, random)}`
}

function drawn<T>(pool: readonly T[], random: RandomBelow): T {
  const item = pool[random(pool.length)]
  if (item === undefined) throw new RangeError('nothing to draw')
  return item
}
