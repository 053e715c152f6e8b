import { existsSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { inject } from 'vitest'
import { buildExtension } from '../../scripts/stage/build.ts'

/** Extensions for Chromium that few scenarios need; built when the first of them asks, once in a run. */
const variants = {
  /** For the Worker that a scenario has to itself. */
  own: () => ({ workerOrigin: `http://127.0.0.1:${inject('ownPort')}` }),
  /** For this run's Worker; viewers speak as fast as they like. */
  unpaced: () => ({ workerOrigin: inject('workerOrigin'), unpaced: true }),
}

/** @returns the directory to load. */
export async function chromiumBuild(variant: keyof typeof variants): Promise<string> {
  const done = join(inject('runDir'), `extension-${variant}`)
  // Named as WXT names it in the other builds.
  const dir = join(done, basename(inject('chromeDir')))
  if (existsSync(dir)) return dir
  const outDir = `${done}.part`
  const built = await buildExtension({ browser: 'chrome', outDir, ...variants[variant]() })
  await rename(dirname(built), done)
  return dir
}
