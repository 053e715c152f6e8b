import { describe, expect, it } from 'vitest'
import { fuzz } from './check'
import { TARGETS } from './targets'

const seconds = Number(process.env.FUZZ_SECONDS)
const firstSeed = Number(process.env.FUZZ_SEED)
/** No input of ours takes a hundredth of it (ms), whatever else the machine does. */
const TOO_SLOW_MS = 1_000

describe.each(Object.entries(TARGETS))('%s', (_, targets) => {
  it.each(targets.map((target) => ({ name: target.name, target })))('$name', async ({ name, target }) => {
    const until = Date.now() + (1_000 * seconds) / targets.length
    const sum = { tried: 0, accepted: 0, slowest: 0 }
    let seed = firstSeed
    do {
      const { tried, accepted, slowest } = await fuzz(target, seed, 500, true)
      sum.tried += tried
      sum.accepted += accepted
      sum.slowest = Math.max(sum.slowest, slowest)
      seed++
    } while (Date.now() < until)
    console.log(
      `${name}: seeds ${firstSeed}–${seed - 1}, ${sum.tried} inputs, ${sum.accepted} accepted, slowest ${sum.slowest.toFixed(1)} ms`,
    )
    expect(sum.slowest).toBeLessThan(TOO_SLOW_MS)
  })
})
