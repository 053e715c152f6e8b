import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'vite'
import { root } from '../../scripts/stage/paths.ts'

/** The repository's configuration with the echo and the bare route beside the Worker. */
export async function benchConfig(dir: string): Promise<string> {
  const shipped = await readFile(join(root, 'wrangler.toml'), 'utf8')
  const config = shipped
    .replace(/^main = .*$/m, `main = ${JSON.stringify(join(root, 'tests/worker/bench-entry.ts'))}`)
    // Would be looked for beside this copy.
    .replace(/^tsconfig = .*$/m, '')
  const echo = `
[[durable_objects.bindings]]
name = "ECHO"
class_name = "Echo"

[[migrations]]
tag = "bench"
new_sqlite_classes = ["Echo"]
`
  const file = join(dir, 'wrangler.toml')
  await writeFile(file, config + echo)
  return file
}

/** Nobody waits for tokens and tickets, which would measure something else: they are signed here, with the key of this Worker. */
export async function signingKeys(dir: string): Promise<string> {
  const secrets = await readFile(join(dir, 'secrets.env'), 'utf8')
  const keys = /^SIGNING_KEYS='(.*)'$/m.exec(secrets)?.[1]
  if (!keys) throw new Error('no signing keys')
  return keys
}

type Clients = typeof import('./worker-load.ts') & typeof import('./worker-members.ts')

/** The clients with the protocol's code in them, which Node cannot import as it stands. */
export async function benchClients(dir: string): Promise<Clients> {
  const outDir = join(dir, 'clients')
  const names = ['worker-load', 'worker-members']
  await build({
    configFile: false,
    logLevel: 'warn',
    ssr: { noExternal: true },
    build: {
      ssr: true,
      outDir,
      emptyOutDir: false,
      rolldownOptions: {
        input: names.map((name) => join(import.meta.dirname, `${name}.ts`)),
        output: { entryFileNames: '[name].mjs', chunkFileNames: '[name].mjs' },
      },
    },
  })
  const [load, members] = await Promise.all(names.map((name) => import(join(outDir, `${name}.mjs`))))
  return { ...load, ...members }
}
