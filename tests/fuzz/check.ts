import { writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { hex } from '../vectors/keys'
import { inputsFor, slugOf } from './inputs'
import type { Target } from './targets'

interface Outcome {
  tried: number
  accepted: number
  /** The longest that one input took (ms). */
  slowest: number
}

/** Tries `numRuns` inputs of one seed. Throws with the smallest that fails; `keep`: and saves it for `npm test` to replay. */
export async function fuzz(target: Target, seed: number, numRuns: number, keep = false): Promise<Outcome> {
  const outcome: Outcome = { tried: 0, accepted: 0, slowest: 0 }
  const property = fc.asyncProperty(await inputsFor(target), async (input) => {
    const startedAt = performance.now()
    if (await target.run(input)) outcome.accepted++
    outcome.tried++
    outcome.slowest = Math.max(outcome.slowest, performance.now() - startedAt)
  })
  const result = await fc.check(property, { seed, numRuns })
  if (!result.failed) return outcome
  const [input] = result.counterexample ?? []
  const bytes = hex(input ?? new Uint8Array())
  if (keep) writeFileSync(new URL(`corpus/${slugOf(target.name)}-${seed}.hex`, import.meta.url), `${bytes}\n`)
  const cause = result.errorInstance
  throw new Error(`${target.name}, seed ${seed}: ${String(cause)}\n${bytes.slice(0, 2_000)}`, { cause })
}
