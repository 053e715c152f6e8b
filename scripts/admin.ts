/**
 * `npm run admin`: what only the operator of a Worker may do. The key is the Worker's secret ADMIN_KEY, read from the
 * environment and never from the command line, where every process of the machine could read it, too.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { COMMANDS, operate, Refusal } from './operator.ts'
import { sidestreamDir } from './stage/paths.ts'
import { adminKeyIn } from './stage/secrets.ts'

const HELP = `npm run admin -- <command> [<account id or display name>] [--origin URL]

  show            what is known of an account
  suspend         put it out of service: it leaves every room within a minute
  unsuspend       let it in again
  remove-picture  remove its profile picture
  release-name    free a name for everybody; whoever has it gets a generated one and cannot take it back for 30 days
  export          all that is known of an account, as JSON, for its owner: a suspended one cannot ask by itself
  delete          end an account for good (by its id alone), its suspension too: the address may sign up anew
  reports         what members reported where no moderator was, the newest first; of nobody in particular

--origin is the Worker's, http://127.0.0.1:8787 unless told. ADMIN_KEY in the environment is its secret;
for a Worker on this machine that \`npm start\` has begun, it is found by itself.
`

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: 'boolean', default: false }, origin: { type: 'string' } },
  })
  const [command, who, ...rest] = positionals
  const known = COMMANDS.find((name) => name === command)
  const isComplete = known === 'reports' ? who === undefined : who !== undefined
  if (values.help || !known || !isComplete || rest.length > 0) {
    console.log(HELP)
    process.exitCode = values.help ? 0 : 2
    return
  }
  const { origin, protocol, hostname } = new URL(values.origin ?? 'http://127.0.0.1:8787')
  const isLocal = hostname === '127.0.0.1' || hostname === 'localhost' || hostname === '[::1]'
  if (protocol !== 'https:' && !isLocal) throw new Refusal('the key goes over https only')
  const key = process.env.ADMIN_KEY ?? (isLocal ? await localKey() : undefined)
  if (key === undefined) throw new Refusal('ADMIN_KEY is not set')
  for (const line of await operate({ origin, key, fetch: (request) => fetch(request) }, known, who ?? ''))
    console.log(line)
}

async function localKey(): Promise<string | undefined> {
  const stateDir = join(sidestreamDir, 'worker')
  return existsSync(stateDir) ? adminKeyIn(stateDir) : undefined
}

main().catch((error: unknown) => {
  console.error(error instanceof Refusal || error instanceof TypeError ? error.message : error)
  process.exitCode = 1
})
