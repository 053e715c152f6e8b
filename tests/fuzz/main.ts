/** `npm run fuzz -- [seconds] [seed]`: fuzzes each group of decoders for so long. */
import { spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'

const [seconds = '60', seed = String(randomInt(2 ** 31))] = process.argv.slice(2)
if (!(Number(seconds) > 0) || !Number.isInteger(Number(seed)))
  throw new RangeError('npm run fuzz -- [seconds] [seed]')
console.log(`${seconds} s for each group, from seed ${seed}`)
const { status } = spawnSync('vitest', ['run', '--config', 'tests/fuzz/vitest.config.ts'], {
  stdio: 'inherit',
  env: { ...process.env, FUZZ_SECONDS: seconds, FUZZ_SEED: seed },
})
process.exitCode = status ?? 1
