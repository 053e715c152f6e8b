import { describe, expect, it } from 'vitest'
import { fuzz } from '../../fuzz/check'
import { savedInputs } from '../../fuzz/inputs'
import { TARGETS } from '../../fuzz/targets'

/** The same inputs each time; `npm run fuzz` looks for others. */
const SEED = 20_260_101
const RUNS = 600

describe.each(Object.values(TARGETS).flat())('$name', (target) => {
  it('stands what strangers send', async () => {
    const { accepted, tried } = await fuzz(target, SEED, RUNS)
    expect(tried).toBe(RUNS)
    // Else nothing was tested but refusals.
    expect(accepted).toBeGreaterThan(0)
    expect(accepted).toBeLessThan(RUNS)
  })

  it.each(savedInputs(target.name))('stands $file, which broke it once', async ({ input }) => {
    await target.run(input)
  })
})
