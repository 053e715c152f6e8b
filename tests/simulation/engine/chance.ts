import type { Random } from '../../../services/clock'

/** A seeded generator (Chris Doty-Humphrey's sfc32): the same seed, the same run. */
export function seeded(seed: number): Random {
  let a = 0x9e3779b9
  let b = 0x243f6a88
  let c = seed | 0
  let count = 1
  const random = () => {
    const sum = (((a + b) | 0) + count) | 0
    count = (count + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + sum) | 0
    return (sum >>> 0) / 2 ** 32
  }
  for (let round = 0; round < 15; round++) random()
  return random
}

export const between = (random: Random, least: number, most: number): number =>
  least + (most - least) * random()

/** One of `items` by chance. Throws a `RangeError` if there is none. */
export function drawOne<T>(items: readonly T[], random: Random): T {
  const item = items[Math.floor(random() * items.length)]
  if (item === undefined) throw new RangeError('drawn from nothing')
  return item
}

/** `count` of `items`, or all, in random order. */
export function draw<T>(items: readonly T[], count: number, random: Random): T[] {
  const rest = [...items]
  const drawn: T[] = []
  while (drawn.length < count && rest.length > 0) {
    const at = Math.floor(random() * rest.length)
    const item = rest[at]
    const last = rest.pop()
    if (item === undefined || last === undefined) break
    if (at < rest.length) rest[at] = last
    drawn.push(item)
  }
  return drawn
}
