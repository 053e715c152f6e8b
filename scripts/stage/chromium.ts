import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium, type Frame, type Page, type Worker } from 'playwright-core'
import { findBrowser } from './browsers.ts'
import { browserPid } from './chromium-process.ts'
import type { Network } from './network.ts'
import { type FrameDriver, isPanel, type Panel, panelFrom } from './panel.ts'
import { killGroup, suspendGroup } from './process-group.ts'
import { type Hold, holdServiceWorker } from './service-worker.ts'
import { limitStorage } from './storage.ts'
import { type Twitch, twitchHost, twitchOrigin } from './twitch.ts'
import { until } from './until.ts'
import { dismissWelcome } from './welcome.ts'

export interface ChromiumOptions {
  /** The built extension: a directory with manifest.json. */
  extensionDir: string
  /** Shown at https://www.twitch.tv, and nothing else of the outside is reachable. Without it the browser sees the real world. */
  twitch?: Pick<Twitch, 'port'> | undefined
  /** Kept when given; else a temporary one that `close` and `kill` remove. */
  profileDir?: string | undefined
  headless?: boolean
  /** A network of its own, which reaches what the fixture and the Worker listen on. */
  network?: Pick<Network, 'enter'> | undefined
  /** null: as large as the window. */
  viewport?: { width: number; height: number } | null
  /** Leaves the welcome page open, which each start shows: with `--load-extension` each is an installation. */
  welcome?: boolean
  /** More command-line switches. */
  args?: readonly string[]
}

/** A Chromium that has not ended after this long is killed (ms). */
const CLOSE_MS = 20_000

/** One Chromium profile with Sidestream in it. */
export interface Chromium {
  readonly context: BrowserContext
  readonly extensionId: string
  /** Opens a path of Twitch (as a rule a channel's login) in a new tab and waits for the page itself, not for the panel. */
  openChannel(path: string): Promise<Page>
  /** The Sidestream panel in a tab; outlives reloads of the page and of the panel. */
  panel(page: Page): Panel
  /** Playwright's own frame of the panel, once it is there. A reload replaces it. */
  panelFrame(page: Page): Promise<Frame>
  /** The extension's service worker, once it runs. */
  serviceWorker(): Promise<Worker>
  /** Ends the service worker and keeps it down until released. */
  holdServiceWorker(): Promise<Hold>
  /** The popup in a tab of its own. */
  openPopup(): Promise<Page>
  /** Stops every process of the browser where it is, as on a machine that is put to sleep. */
  suspend(): void
  wake(): Promise<void>
  /** Leaves the extension almost no storage, within 30 s; the result lifts the limit at once. */
  limitStorage(): Promise<() => Promise<void>>
  close(): Promise<void>
  /** SIGKILL for the whole browser, as a crash. A `profileDir` of your own stays. */
  kill(): Promise<void>
}

/**
 * Starts Chromium with the extension loaded.
 *
 * @throws where no Chromium is installed.
 */
export async function launchChromium(options: ChromiumOptions): Promise<Chromium> {
  const { extensionDir, twitch, headless = true, viewport = { width: 1280, height: 720 } } = options
  const executablePath = findBrowser('chromium')
  if (!executablePath) throw new Error('no Chromium found: `node scripts/install-browsers.ts` installs it')
  const profileDir = options.profileDir ?? (await mkdtemp(join(tmpdir(), 'sidestream-chromium-')))
  const context = await chromium.launchPersistentContext(profileDir, {
    executablePath: options.network ? await options.network.enter(executablePath) : executablePath,
    channel: 'chromium',
    headless,
    viewport,
    chromiumSandbox: false,
    ignoreHTTPSErrors: twitch !== undefined,
    args: [
      `--disable-extensions-except=${extensionDir}`,
      `--load-extension=${extensionDir}`,
      ...(twitch ? [`--host-resolver-rules=${onlyTwitch(twitch.port)}`] : []),
      '--enable-logging', // to chrome_debug.log in the profile
      ...(options.args ?? []),
    ],
  })
  const serviceWorker = async () =>
    context.serviceWorkers().at(-1) ?? (await context.waitForEvent('serviceworker', { timeout: 15_000 }))
  const tidy = async () => {
    if (!options.profileDir) await rm(profileDir, { recursive: true, force: true, maxRetries: 5 })
  }
  let wakeUp: (() => Promise<void>) | undefined
  const wake = async () => {
    await wakeUp?.()
    wakeUp = undefined
  }
  let leader: number | undefined
  const close = async () => {
    await wake()
    const insist = setTimeout(() => leader && killGroup(leader), CLOSE_MS)
    await context.close()
    clearTimeout(insist)
    await tidy()
  }
  const greet = async () => {
    const introduced = await introduce(context, serviceWorker)
    if (!options.welcome) await dismissWelcome(context, extensionDir)
    return introduced
  }
  const { extensionId, pid } = await greet().catch(async (cause: unknown) => {
    // Chromium refuses a broken extension without a word to anybody but its log.
    const log = await readFile(join(profileDir, 'chrome_debug.log'), 'utf8').catch(() => '')
    await close()
    throw new Error(/Extension error: .*/.exec(log)?.[0] ?? 'the extension did not start', { cause })
  })
  leader = pid
  const openPage = async (url: string) => {
    const page = await context.newPage()
    await page.goto(url, { waitUntil: 'domcontentloaded' })
    return page
  }
  const findPanel = (page: Page) => page.frames().find((frame) => isPanel(frame.url()))

  return {
    context,
    extensionId,
    serviceWorker,
    holdServiceWorker: () => holdServiceWorker(context, extensionId),
    openChannel: (path) => openPage(`${twitchOrigin}/${path}`),
    openPopup: () => openPage(`chrome-extension://${extensionId}/popup.html`),
    panelFrame: (page) => until(() => findPanel(page), { what: 'the panel' }),
    panel: (page) => panelFrom(async () => driverOf(findPanel(page))),
    suspend() {
      wakeUp ??= suspendGroup(pid)
    },
    wake,
    limitStorage: () => limitStorage(context, extensionId),
    close,
    async kill() {
      const closed = new Promise((gone) => context.once('close', gone))
      killGroup(pid)
      await closed
      await wake()
      await tidy()
    },
  }
}

/** Waits until the extension runs, and learns what we have to know of it and of its browser. */
async function introduce(context: BrowserContext, serviceWorker: () => Promise<Worker>) {
  const worker = await serviceWorker()
  return { extensionId: new URL(worker.url()).host, pid: await browserPid(context) }
}

/** Resolver rules under which Twitch is the fixture, this machine is itself, and no other name exists. */
export function onlyTwitch(port: number): string {
  return `MAP ${twitchHost} 127.0.0.1:${port}, MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1`
}

function driverOf(frame: Frame | undefined): FrameDriver | undefined {
  return (
    frame && {
      fill: (selector, value) => frame.locator(selector).fill(value),
      async click(selector) {
        await standsStill(frame)
        await frame.locator(selector).click()
      },
      press: (selector, key) => frame.locator(selector).press(key),
      evaluate: (ask, argument) => evaluateIn(frame, ask, argument),
    }
  )
}

/** Waits until the frame has kept its place for a moment: Playwright sees to the element, but not to a frame that moves away with it. */
async function standsStill(frame: Frame): Promise<void> {
  const element = await frame.frameElement()
  const place = async () => JSON.stringify(await element.boundingBox())
  let last = ''
  const still = async () => {
    const before = last
    last = await place()
    return last === before
  }
  await until(still, { what: 'the panel to stand still', interval: 150 })
  await element.dispose()
}

/** Playwright's own type of `evaluate` unwraps handles, which nobody passes here. */
function evaluateIn<R, A>(frame: Frame, ask: (argument: A) => R, argument: A): Promise<R> {
  return frame.evaluate<R, A>(ask as Parameters<typeof frame.evaluate<R, A>>[0], argument)
}
