import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'vite'
import { root } from '../../scripts/stage/paths.ts'

/** The repository's configuration with the echo beside the Worker. */
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

/** Signing in 2,000 accounts would measure something else: tickets are signed here, with the key of this Worker. */
export async function signingKeys(dir: string): Promise<string> {
  const secrets = await readFile(join(dir, 'secrets.env'), 'utf8')
  const keys = /^SIGNING_KEYS='(.*)'$/m.exec(secrets)?.[1]
  if (!keys) throw new Error('no signing keys')
  return keys
}

/** `worker-load.ts` with the protocol's code in it, which Node cannot import as it stands. */
export async function loadGenerator(dir: string): Promise<typeof import('./worker-load.ts')> {
  const outDir = join(dir, 'load')
  await build({
    configFile: false,
    logLevel: 'warn',
    ssr: { noExternal: true },
    build: {
      ssr: join(import.meta.dirname, 'worker-load.ts'),
      outDir,
      emptyOutDir: false,
      rolldownOptions: { output: { entryFileNames: 'load.mjs' } },
    },
  })
  return import(join(outDir, 'load.mjs'))
}
