import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, type Frame, type KeyInput, launch, type Page } from 'puppeteer-core'
import { z } from 'zod'
import { findBrowser } from './browsers.ts'
import type { Network } from './network.ts'
import { type FrameDriver, isPanel, type Panel, panelFrom } from './panel.ts'
import { freePort } from './port.ts'
import { startTwitchProxy } from './proxy.ts'
import { type Twitch, twitchOrigin } from './twitch.ts'
import { until } from './until.ts'

/** A Firefox that has not ended after this long is killed. */
const CLOSE_MS = 10_000

export interface FirefoxOptions {
  /** The built extension: a directory with manifest.json, whose `browser_specific_settings.gecko.id` is set. */
  extensionDir: string
  /** Shown at https://www.twitch.tv; no other site is reachable. Without it the browser sees the real world. */
  twitch?: Pick<Twitch, 'port'> | undefined
  /** Kept when given; else a temporary one. The extension itself is temporary in Firefox and has to be installed at each start. */
  profileDir?: string | undefined
  headless?: boolean
  viewport?: { width: number; height: number } | null
  /** A network of its own, which reaches what the fixture and the Worker listen on. */
  network?: Pick<Network, 'enter' | 'reach' | 'expose'> | undefined
  /** More preferences, as in about:config. */
  prefs?: Record<string, string | number | boolean>
}

/** One Firefox profile with Sidestream in it. */
export interface Firefox {
  readonly browser: Browser
  /** The host of its `moz-extension:` pages. */
  readonly extensionHost: string
  openChannel(path: string): Promise<Page>
  panel(page: Page): Panel
  panelFrame(page: Page): Promise<Frame>
  openPopup(): Promise<Page>
  close(): Promise<void>
  /** SIGKILL, as a crash. */
  kill(): Promise<void>
}

/**
 * Starts Firefox with the extension installed for this session.
 *
 * @throws where no Firefox is installed.
 */
export async function launchFirefox(options: FirefoxOptions): Promise<Firefox> {
  const { extensionDir, twitch, headless = true, viewport = { width: 1280, height: 720 } } = options
  const executablePath = findBrowser('firefox')
  if (!executablePath) throw new Error('no Firefox found: `node scripts/install-browsers.ts` installs it')
  const proxy = twitch && (await startTwitchProxy(twitch.port))
  const profileDir = options.profileDir ?? (await mkdtemp(join(tmpdir(), 'sidestream-firefox-')))
  const extensionHost = randomUUID()
  const { network } = options
  const debuggingPort = network && (await freePort())
  if (debuggingPort) await network.expose(debuggingPort)
  if (proxy) await network?.reach([proxy.port])
  const browser = await launch({
    browser: 'firefox',
    executablePath: network ? await network.enter(executablePath) : executablePath,
    ...(debuggingPort && { debuggingPort }),
    headless,
    // Without it no extension page may be opened in a tab.
    args: ['--remote-allow-system-access'],
    acceptInsecureCerts: twitch !== undefined,
    defaultViewport: viewport,
    userDataDir: profileDir,
    extraPrefsFirefox: {
      // Firefox draws a new host for every installation; told beforehand, we know where the popup is.
      'extensions.webextensions.uuids': JSON.stringify({ [await geckoId(extensionDir)]: extensionHost }),
      ...(proxy && {
        'network.proxy.type': 1,
        'network.proxy.ssl': '127.0.0.1',
        'network.proxy.ssl_port': proxy.port,
      }),
      ...options.prefs,
    },
  })
  await browser.installExtension(extensionDir)
  const tidy = async () => {
    await proxy?.stop()
    if (!options.profileDir) await rm(profileDir, { recursive: true, force: true, maxRetries: 5 })
  }
  const child = browser.process()
  const gone = new Promise<void>((ended) => {
    if (!child || child.exitCode !== null || child.signalCode !== null) ended()
    else child.once('exit', () => ended())
  })
  const openPage = async (url: string) => {
    const page = await browser.newPage()
    await page.goto(url, { waitUntil: 'domcontentloaded' })
    return page
  }

  return {
    browser,
    extensionHost,
    openChannel: (path) => openPage(`${twitchOrigin}/${path}`),
    async openPopup() {
      const page = await browser.newPage()
      const url = `moz-extension://${extensionHost}/popup.html`
      // Puppeteer misses the end of this navigation (the page changes its process), so it is asked of the page itself.
      page.goto(url).catch(() => {})
      const ready = () =>
        page.evaluate((url) => location.href === url && document.readyState !== 'loading', url)
      await until(ready, { what: 'the popup' })
      return page
    },
    panelFrame: (page) => until(() => findPanel(page), { what: 'the panel' }),
    panel: (page) => panelFrom(async () => driverOf(await findPanel(page))),
    async close() {
      // Puppeteer may wait for an answer that a Firefox already gone never gives: the end of the process counts.
      const insist = setTimeout(() => child?.kill('SIGKILL'), CLOSE_MS)
      browser.close().catch(() => {})
      await gone
      clearTimeout(insist)
      await tidy()
    },
    async kill() {
      child?.kill('SIGKILL')
      await gone
      await tidy()
    },
  }
}

async function findPanel(page: Page): Promise<Frame | undefined> {
  for (const frame of page.frames()) if (isPanel(await addressOf(frame))) return frame
  return undefined
}

/** Puppeteer takes some extension pages for about:blank, such as the panel after a reload; the page itself knows better. */
async function addressOf(frame: Frame): Promise<string> {
  return frame.url() === 'about:blank' ? frame.evaluate(() => location.href) : frame.url()
}

const manifestWithId = z.object({
  browser_specific_settings: z.object({ gecko: z.object({ id: z.string() }) }),
})

async function geckoId(extensionDir: string): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(join(extensionDir, 'manifest.json'), 'utf8'))
  return manifestWithId.parse(manifest).browser_specific_settings.gecko.id
}

function driverOf(frame: Frame | undefined): FrameDriver | undefined {
  return (
    frame && {
      fill: (selector, value) => frame.locator(selector).fill(value),
      click: (selector) => frame.locator(selector).click(),
      async press(selector, key) {
        const element = await frame.$(selector)
        await element?.press(key as KeyInput)
        await element?.dispose()
      },
      evaluate: async (ask, argument) => evaluateIn(frame, ask, argument),
    }
  )
}

async function evaluateIn<R, A>(frame: Frame, ask: (argument: A) => R, argument: A): Promise<R> {
  return (await frame.evaluate(ask as (argument: unknown) => unknown, argument)) as R
}
