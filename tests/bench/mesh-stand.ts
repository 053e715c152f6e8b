import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { build } from 'vite'
import { findBrowser } from '../../scripts/stage/browsers.ts'
import { root } from '../../scripts/stage/paths.ts'
import { freePort } from '../../scripts/stage/port.ts'
import { startWorker } from '../../scripts/stage/worker.ts'
import { mailedCodes } from '../http/mailed-codes.ts'
import { startRendezvous } from './mesh-rendezvous.ts'
import { benchConfig } from './worker-stand.ts'

/** Sign-ins of a whole run: all come from one network. */
const MAILS = 20_000
/** A renderer for each tab, however many; clocks and addresses as they are. */
const FLAGS = [
  '--disable-dev-shm-usage',
  '--disable-gpu',
  '--disable-features=WebRtcHideLocalIpsWithMdns',
  '--renderer-process-limit=400',
]

export const ADAPTERS = ['raw', 'sparse', 'trystero', 'sidestream'] as const
export type AdapterName = (typeof ADAPTERS)[number]
type Script = AdapterName | 'floor' | 'wire'

/** All that peers meet by: the Worker that ships, and a rendezvous for the others. */
export interface MeshStand {
  readonly origin: string
  readonly rendezvous: string
  codeFor(email: string): Promise<string>
  /** What is to run in a page. */
  script(name: Script): string
  stop(): Promise<void>
}

/** `dir`: for the Worker's state. */
export async function openMeshStand(dir: string): Promise<MeshStand> {
  const names: Script[] = [...ADAPTERS, 'floor', 'wire']
  const scripts = new Map<Script, string>()
  for (const name of names) scripts.set(name, await bundle(`mesh-${name}.ts`))
  const { codeFor, onMail } = mailedCodes()
  const worker = await startWorker({
    port: await freePort(),
    stateDir: dir,
    config: await benchConfig(dir),
    vars: { MAILS_PER_NETWORK: String(MAILS) },
    onMail,
  })
  const rendezvous = await startRendezvous()
  return {
    origin: worker.origin,
    rendezvous: rendezvous.url,
    codeFor,
    script: (name) => scripts.get(name) ?? '',
    async stop() {
      await rendezvous.stop()
      await worker.stop()
    },
  }
}

/** A browser whose tabs are peers, or are about to be. */
export interface PeerBrowser {
  readonly pid: number
  readonly version: string
  /** A fresh tab in which `script` runs, and before it what counts bytes. */
  tab(script: Script): Promise<Page>
  close(): Promise<void>
}

export async function launchPeers(stand: MeshStand): Promise<PeerBrowser> {
  const executablePath = findBrowser('chromium')
  if (!executablePath) throw new Error('no Chromium found: `node scripts/install-browsers.ts` installs it')
  const browser = await chromium.launch({ executablePath, chromiumSandbox: false, args: FLAGS })
  const context = await browser.newContext({ viewport: { width: 320, height: 240 } })
  await context.addInitScript({ content: stand.script('wire') })
  await context.exposeFunction('codeFor', stand.codeFor)
  return {
    pid: await pidOf(browser),
    version: browser.version(),
    async tab(script) {
      const page = await context.newPage()
      await page.goto(`${stand.origin}/bench/page`)
      await page.evaluate(stand.script(script))
      return page
    },
    close: () => browser.close(),
  }
}

async function pidOf(browser: Browser): Promise<number> {
  const devtools = await browser.newBrowserCDPSession()
  const { processInfo } = await devtools.send('SystemInfo.getProcessInfo')
  await devtools.detach()
  const main = processInfo.find(({ type }) => type === 'browser')
  if (!main) throw new Error('Chromium does not tell its process id')
  return main.id
}

async function bundle(file: string): Promise<string> {
  const built = await build({
    root,
    configFile: false,
    logLevel: 'warn',
    define: { global: 'globalThis', 'process.env.NODE_ENV': '"production"' },
    build: {
      write: false,
      // For profiles to name what they show.
      minify: false,
      lib: { entry: join(import.meta.dirname, file), formats: ['iife'], name: 'bundle' },
    },
  })
  const [output] = [built].flat()
  if (!output || !('output' in output)) throw new Error('nothing was built')
  return output.output[0].code
}
