import { join } from 'node:path'
import { build } from 'vite'
import { root } from '../../scripts/stage/paths.ts'

/** A module and all that it needs as one classic script. */
export async function bundle(file: string): Promise<string> {
  const built = await build({
    root,
    configFile: false,
    logLevel: 'warn',
    define: { global: 'globalThis' },
    build: { write: false, minify: false, lib: { entry: join(root, file), formats: ['iife'], name: 'page' } },
  })
  const [output] = [built].flat()
  if (!output || !('output' in output)) throw new Error(`${file} was not bundled`)
  return output.output[0].code
}
