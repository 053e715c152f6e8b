/**
 * `npm run simulate`: the overlay that ships, 10,000 times over, in virtual time. Prints what was asked and what was measured;
 * ends with 1 where a bar is missed. `npm run simulate -- --help` lists the options.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'vite'

// Bundled, because what runs in browsers imports without file endings, which Node does not resolve.
const folder = await mkdtemp(join(tmpdir(), 'sidestream-simulation-'))
try {
  await build({
    configFile: false,
    logLevel: 'warn',
    build: {
      outDir: folder,
      emptyOutDir: true,
      minify: false,
      ssr: join(import.meta.dirname, 'run.ts'),
      rolldownOptions: { output: { entryFileNames: 'run.mjs' } },
    },
    ssr: { noExternal: true },
  })
  const run: typeof import('./run.ts') = await import(pathToFileURL(join(folder, 'run.mjs')).href)
  if (!run.simulate(process.argv.slice(2))) process.exitCode = 1
} finally {
  await rm(folder, { recursive: true, force: true })
}
