import { spawn } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from './paths.ts'

export interface BuildOptions {
  browser: 'chrome' | 'firefox'
  /** The Worker that this build will talk to; it is compiled in. */
  workerOrigin: string
  /** WXT makes a directory of its own in here. */
  outDir: string
  /** Lifts the pace at which a viewer may speak, for tests of load; all viewers of a room must have it lifted. */
  unpaced?: boolean
  /** Each line that WXT prints. */
  onLine?(line: string): void
}

/** Builds the extension with WXT and returns the directory to load. @throws with WXT's output if it fails. */
export async function buildExtension({
  browser,
  workerOrigin,
  outDir,
  unpaced = false,
  onLine,
}: BuildOptions): Promise<string> {
  const child = spawn(
    process.execPath,
    [join(root, 'node_modules/wxt/bin/wxt.mjs'), 'build', '-b', browser],
    {
      cwd: root,
      env: {
        ...process.env,
        SIDESTREAM_WORKER: workerOrigin,
        SIDESTREAM_OUT: outDir,
        ...(unpaced && { SIDESTREAM_UNPACED: '1' }),
        NO_COLOR: '1',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8')
    stream.on('data', (text: string) => {
      output += text
      for (const line of text.split('\n')) if (line.trim()) onLine?.(line.trimEnd())
    })
  }
  const code = await new Promise<number | null>((ended, failed) => {
    child.once('error', failed)
    child.once('close', ended)
  })
  if (code !== 0) throw new Error(`building for ${browser} failed:\n${output}`)
  const built = (await readdir(outDir)).find((name) => name.startsWith(`${browser}-mv`))
  if (!built) throw new Error(`building for ${browser} left nothing in ${outDir}:\n${output}`)
  return join(outDir, built)
}
