/**
 * `npm run keys`: makes and rotates the Worker's signing keys, the secret SIGNING_KEYS. docs/SIGNING_KEYS.md has the
 * steps. Prints what each key is, never what it is made of.
 */
import { existsSync } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import {
  firstKeys,
  type KeySet,
  keySetSchema,
  revokeKey,
  rotateKeys,
  statesOf,
  tidyKeys,
} from './signing-keys.ts'

const HELP = `npm run keys -- <command> FILE

  new FILE              a first key
  rotate FILE           announce a new key, which signs in 48 hours; tidy up
  tidy FILE             destroy private halves that nothing needs, drop what is published long enough
  revoke FILE --kid ID  remove a key that somebody else may have
  show FILE             what each key is

FILE holds SIGNING_KEYS as JSON: keep it as safe as the keys are secret. To publish it:

  npx wrangler secret put SIGNING_KEYS < FILE
`

/** Bad usage, told without a stack. */
class Refusal extends Error {}

async function read(file: string): Promise<KeySet> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new Refusal(`${file} cannot be read`)
  })
  try {
    return keySetSchema.parse(JSON.parse(text))
  } catch {
    // What a parser says quotes what it choked on.
    throw new Refusal(`${file} is no key set`)
  }
}

/** Renamed into place, so that an interrupted run never leaves half a set of keys. */
async function write(file: string, set: KeySet): Promise<void> {
  await writeFile(`${file}.part`, `${JSON.stringify(set)}\n`, { mode: 0o600 })
  await rename(`${file}.part`, file)
}

function show(set: KeySet, now: number): void {
  const when = (seconds: number) =>
    Number.isFinite(seconds) ? `until ${new Date(seconds * 1000).toISOString()}` : ''
  for (const { kid, state, until } of statesOf(set, now))
    console.log(`${kid}  ${state.padEnd(9)}  ${when(until)}`.trimEnd())
}

async function changed(command: string, file: string, kid: string | undefined, now: number): Promise<KeySet> {
  if (command === 'new') {
    if (existsSync(file)) throw new Refusal(`${file} exists: overwriting it would lose the keys`)
    return firstKeys(now)
  }
  const set = await read(file)
  if (command === 'rotate') return rotateKeys(set, now)
  if (command === 'tidy') return tidyKeys(set, now)
  if (command === 'revoke' && kid !== undefined) return revokeKey(set, kid, now)
  throw new Refusal(HELP)
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { kid: { type: 'string' } } })
  const [command = '', file, ...rest] = positionals
  if (file === undefined || rest.length > 0) throw new Refusal(HELP)
  const now = Date.now()
  if (command === 'show') return show(await read(file), now)
  const set = await changed(command, file, values.kid, now)
  await write(file, set)
  show(set, now)
}

main().catch((error: unknown) => {
  console.error(error instanceof Refusal || error instanceof RangeError ? error.message : error)
  process.exitCode = 1
})
