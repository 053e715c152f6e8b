import { join } from 'node:path'
import { build } from 'vite'
import { buildExtension } from '../../scripts/stage/build.ts'
import { type Chromium, launchChromium } from '../../scripts/stage/chromium.ts'
import { browserPid } from '../../scripts/stage/chromium-process.ts'
import type { Panel } from '../../scripts/stage/panel.ts'
import { root } from '../../scripts/stage/paths.ts'
import { freePort } from '../../scripts/stage/port.ts'
import { startTwitch } from '../../scripts/stage/twitch.ts'
import { say, seeConnection, signIn, ui } from '../../scripts/stage/viewer.ts'
import { type RunningWorker, startWorker } from '../../scripts/stage/worker.ts'
import type { Flooder, FloodFigures, FloodOptions } from './flood-page.ts'
import { cpuSeconds } from './process-cpu.ts'

const CHANNEL = 'highwater'
const NAMES = ['ann', 'ben', 'cleo']

/** An honest viewer in a browser of their own. */
export interface Honest {
  readonly name: string
  readonly device: string
  say(text: string): Promise<void>
  /** What their processes used of a processor so far (s). */
  cpu(): number
  /** Texts in their history. */
  log(): Promise<string[]>
  /** Waits until they have exactly this many links. */
  seeLinks(links: number): Promise<void>
}

export interface FloodRoom {
  readonly honest: readonly Honest[]
  /** Has flooder number `index` come and be linked with everybody. */
  enter(index: number): Promise<void>
  prepare(index: number, options: FloodOptions): Promise<void>
  flood(index: number, options: FloodOptions): Promise<FloodFigures>
  leave(index: number): Promise<void>
  close(): Promise<void>
}

type Plane = (call: 'exportHistory' | 'credentials', ...args: unknown[]) => Promise<unknown>

/** A Worker, browsers with the built extension that are linked directly, and `flooders` accounts in one more browser. */
export async function openFloodRoom(dir: string, flooders: number): Promise<FloodRoom> {
  const undo: (() => Promise<unknown>)[] = []
  const close = async () => {
    for (const step of undo.reverse()) await step().catch(() => {})
  }
  try {
    const port = await freePort()
    const workerOrigin = `http://127.0.0.1:${port}`
    const extensionDir = await buildExtension({
      browser: 'chrome',
      workerOrigin,
      outDir: join(dir, 'extension'),
    })
    const worker = await startWorker({ port, stateDir: join(dir, 'worker') })
    undo.push(() => worker.stop())
    const twitch = await startTwitch()
    undo.push(() => twitch.stop())
    const launch = async (name: string) => {
      const browser = await launchChromium({ extensionDir, twitch, profileDir: join(dir, name) })
      undo.push(() => browser.close())
      return browser
    }
    const honest: Honest[] = []
    for (const name of NAMES) honest.push(await honestViewer(name, await launch(name), worker))
    const { page, call } = await floodPage(await launch('flooder'), worker)
    for (let index = 0; index < flooders; index++)
      await call('signIn', workerOrigin, `flooder-${index}@example.com`)
    undo.push(() => page.close())
    return {
      honest,
      async enter(index) {
        await call('enter', index, CHANNEL)
        for (const viewer of honest) await viewer.seeLinks(NAMES.length)
      },
      prepare: (index, options) => call('prepare', index, options),
      flood: (index, options) => call('flood', index, options),
      async leave(index) {
        await call('leave', index)
        for (const viewer of honest) await viewer.seeLinks(NAMES.length - 1)
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function honestViewer(name: string, browser: Chromium, worker: RunningWorker): Promise<Honest> {
  const page = await browser.openChannel(CHANNEL)
  const panel: Panel = browser.panel(page)
  await signIn(panel, `${name}@example.com`, worker.outbox)
  const popup = await browser.openPopup()
  await popup.click('[data-testid="open-privacy"]')
  await popup.check(ui.choiceDirect)
  await popup.reload()
  await popup.waitForSelector(`${ui.choiceDirect}:checked`)
  const credentials = (await (await planeOf(browser))('credentials', false)) as { device: string }
  await popup.close()
  await page.bringToFront()
  const pid = await browserPid(browser.context)
  return {
    name,
    device: credentials.device,
    say: (text) => say(panel, text),
    cpu: () => cpuSeconds(pid),
    async log() {
      const history = JSON.parse(String(await (await planeOf(browser))('exportHistory'))) as {
        rooms: { messages: { text: string }[] }[]
      }
      return history.rooms.flatMap(({ messages }) => messages.map(({ text }) => text))
    },
    seeLinks: (links) => seeConnection(panel, { links }),
  }
}

/** The background of a browser, as its own pages ask it. */
async function planeOf(browser: Chromium): Promise<Plane> {
  return async (call, ...args) => {
    const popup = await browser.openPopup()
    try {
      const reply = await popup.evaluate(
        (message) => chrome.runtime.sendMessage(message) as Promise<{ ok: boolean; value: unknown }>,
        { to: 'background', call, args },
      )
      if (!reply.ok) throw new Error(`${call}: ${JSON.stringify(reply)}`)
      return reply.value
    } finally {
      await popup.close()
    }
  }
}

/** A page of the extension that floods: the Worker answers no other page. */
async function floodPage(browser: Chromium, worker: RunningWorker) {
  const page = await browser.openPopup()
  await page.exposeFunction('codeFor', (email: string) => worker.outbox.waitForCode(email))
  await page.evaluate(await bundle())
  const call = <Name extends keyof Flooder>(name: Name, ...args: Parameters<Flooder[Name]>) =>
    page.evaluate(
      ([name, args]) => {
        const { flooder } = globalThis as unknown as {
          flooder: Record<string, (...args: unknown[]) => unknown>
        }
        return flooder[name]?.(...args)
      },
      [name, args] as const,
    ) as Promise<Awaited<ReturnType<Flooder[Name]>>>
  return { page, call }
}

async function bundle(): Promise<string> {
  const built = await build({
    root,
    configFile: false,
    logLevel: 'warn',
    define: { global: 'globalThis' },
    build: {
      write: false,
      minify: false,
      lib: { entry: join(import.meta.dirname, 'flood-page.ts'), formats: ['iife'], name: 'page' },
    },
  })
  const [output] = [built].flat()
  if (!output || !('output' in output)) throw new Error('nothing was built')
  return output.output[0].code
}
