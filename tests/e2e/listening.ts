import { existsSync } from 'node:fs'
import { cp, readFile, rename, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { inject } from 'vitest'
import { z } from 'zod'
import { decodeSignal, openSigned, type Signal } from '../../protocol/signal'

/** A signal as it was before it was sealed, or after it was opened, and who of the two ends said it. */
export interface InnerSignal {
  by: 'browser' | 'worker'
  signal: Signal
}

const SCRIPT = 'listener.js'
const KEY = 'what was sealed and opened'

/**
 * Runs before anything else in the room host: writes down each signed envelope (canonical CBOR that begins with `sig`) that
 * the browser is given to encrypt, and each that it decrypts. Where signals are sealed, this is all that can be read of them.
 */
function listen(key: string): void {
  const { encrypt, decrypt } = SubtleCrypto.prototype
  const keep = (by: string, bytes: Uint8Array) => {
    if (![0xa2, 0x63, 0x73, 0x69, 0x67].every((byte, at) => bytes[at] === byte)) return
    const all: unknown[] = JSON.parse(localStorage.getItem(key) ?? '[]')
    localStorage.setItem(key, JSON.stringify([...all, { by, bytes: [...bytes] }]))
  }
  SubtleCrypto.prototype.encrypt = function (algorithm, cryptoKey, data) {
    keep(
      'browser',
      data instanceof ArrayBuffer
        ? new Uint8Array(data)
        : new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    )
    return encrypt.call(this, algorithm, cryptoKey, data)
  }
  SubtleCrypto.prototype.decrypt = async function (algorithm, cryptoKey, data) {
    const opened = await decrypt.call(this, algorithm, cryptoKey, data)
    keep('worker', new Uint8Array(opened))
    return opened
  }
}

const manifestSchema = z.looseObject({
  background: z.looseObject({ scripts: z.array(z.string()).optional() }),
})

/** A copy of a build, the directory to load, in which the room host writes down which signals it seals and opens. */
export async function listening(build: string): Promise<string> {
  const done = join(inject('runDir'), `listening-${basename(dirname(build))}-${basename(build)}`)
  // Named as WXT names it in the other builds.
  const dir = join(done, basename(build))
  if (existsSync(dir)) return dir
  const made = join(`${done}.part`, basename(build))
  await cp(build, made, { recursive: true })
  await writeFile(join(made, SCRIPT), `(${listen})(${JSON.stringify(KEY)})`)
  const manifestFile = join(made, 'manifest.json')
  const manifest = manifestSchema.parse(JSON.parse(await readFile(manifestFile, 'utf8')))
  const page = join(made, 'offscreen.html')
  // Firefox's background page is the room host.
  if (manifest.background.scripts) {
    manifest.background.scripts.unshift(SCRIPT)
    await writeFile(manifestFile, JSON.stringify(manifest))
  } else {
    const html = await readFile(page, 'utf8')
    await writeFile(page, html.replace('<head>', `<head><script src="/${SCRIPT}"></script>`))
  }
  await rename(dirname(made), done)
  return dir
}

interface ExtensionPage {
  evaluate(ask: (key: string) => string | null, key: string): Promise<string | null>
  close(): Promise<unknown>
}

const keptSchema = z.array(z.object({ by: z.enum(['browser', 'worker']), bytes: z.array(z.int()) }))

/** What a viewer with such a build sealed and opened so far. `open`: any page of the extension, which is closed again. */
export async function signalsInside(open: () => Promise<ExtensionPage>): Promise<InnerSignal[]> {
  const page = await open()
  const kept = await page.evaluate((key) => localStorage.getItem(key), KEY)
  await page.close()
  return keptSchema.parse(JSON.parse(kept ?? '[]')).flatMap(({ by, bytes }): InnerSignal[] => {
    try {
      return [{ by, signal: decodeSignal(openSigned(Uint8Array.from(bytes)).bytes) }]
    } catch {
      return [] // What is kept on disk is encrypted, too.
    }
  })
}
