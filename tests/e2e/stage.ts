import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page as ChromiumPage } from 'playwright-core'
import type { Page as FirefoxPage } from 'puppeteer-core'
import { test as base, inject } from 'vitest'
import { type Chromium, type ChromiumOptions, launchChromium } from '../../scripts/stage/chromium.ts'
import { type Firefox, type FirefoxOptions, launchFirefox } from '../../scripts/stage/firefox.ts'
import { type Outbox, openOutbox } from '../../scripts/stage/outbox.ts'
import type { Panel } from '../../scripts/stage/panel.ts'
import { sidestreamDir } from '../../scripts/stage/paths.ts'
import * as viewing from '../../scripts/stage/viewer.ts'

export { ui } from '../../scripts/stage/viewer.ts'

/** The mails of this run's Worker. */
export const outbox = openOutbox(inject('outboxDir'))

/** One person with a browser profile of their own. */
export interface Viewer<Browser, Page> {
  readonly name: string
  /** Theirs alone in this run. */
  readonly email: string
  readonly browser: Browser
  /** Opens a path of Twitch in a new tab. */
  open(path: string): Promise<Tab<Page>>
  close(): Promise<void>
}

/** A tab on Twitch, with the panel in it. */
export interface Tab<Page> {
  readonly page: Page
  readonly panel: Panel
  /** Signs in through the panel, as this viewer unless told; `mails` where the Worker is not this run's. */
  signIn(email?: string, mails?: Outbox): Promise<void>
  say(text: string): Promise<void>
  messages(): Promise<viewing.Shown[]>
  seeMessage(text: string, timeout?: number): Promise<viewing.Shown>
  seeLinks(atLeast: number, timeout?: number): Promise<void>
  seeMembers(count: number, timeout?: number): Promise<void>
  connection(): Promise<viewing.Connection>
  /** Writes `.sidestream/screenshots/<label>.png`. */
  screenshot(label: string): Promise<void>
}

export type ChromiumViewer = Viewer<Chromium, ChromiumPage>
export type FirefoxViewer = Viewer<Firefox, FirefoxPage>

/** The parts of a stage that scenarios ask for: `test('…', async ({ viewer }) => { const ann = await viewer('ann') … })`. */
interface Stage {
  /** A new viewer in Chromium. Closed when the test ends; if it failed, their tabs are photographed before. */
  viewer(name: string, options?: Partial<ChromiumOptions>): Promise<ChromiumViewer>
  /** The same in Firefox. */
  firefoxViewer(name: string, options?: Partial<FirefoxOptions>): Promise<FirefoxViewer>
}

/** Vitest's `test` with the stage in its context. */
export const test = base.extend<Stage>({
  viewer: async ({ task }, use) => {
    const twitch = { port: inject('twitchPort') }
    const cast = new Cast()
    await use(async (name, options) => {
      const browser = await launchChromium({ extensionDir: inject('chromeDir'), twitch, ...options })
      return cast.add(name, browser, (page) => browser.panel(page))
    })
    await cast.leave(task.result?.state === 'fail' ? task.name : undefined)
  },
  firefoxViewer: async ({ task }, use) => {
    const twitch = { port: inject('twitchPort') }
    const cast = new Cast()
    await use(async (name, options) => {
      const browser = await launchFirefox({ extensionDir: inject('firefoxDir'), twitch, ...options })
      return cast.add(name, browser, (page) => browser.panel(page))
    })
    await cast.leave(task.result?.state === 'fail' ? task.name : undefined)
  },
})

/** Two viewers, signed in and linked in one channel. */
export async function pair(viewer: (name: string) => Promise<ChromiumViewer>, login: string) {
  const ann = await viewer('ann')
  const ben = await viewer('ben')
  const annTab = await ann.open(login)
  await annTab.signIn()
  const benTab = await ben.open(login)
  await benTab.signIn()
  await annTab.seeLinks(1)
  await benTab.seeLinks(1)
  await annTab.seeMembers(2)
  await benTab.seeMembers(2)
  return { ann, ben, annTab, benTab }
}

interface AnyPage {
  screenshot(options: { path: `${string}.png` }): Promise<unknown>
}

interface AnyBrowser<Page> {
  openChannel(path: string): Promise<Page>
  close(): Promise<void>
}

/** The viewers of one test. */
class Cast {
  #leaving: ((failed: string | undefined) => Promise<void>)[] = []

  add<Page extends AnyPage, Browser extends AnyBrowser<Page>>(
    name: string,
    browser: Browser,
    panelOf: (page: Page) => Panel,
  ): Viewer<Browser, Page> {
    const email = `${name}-${randomBytes(4).toString('hex')}@example.com`
    const tabs: Tab<Page>[] = []
    let open = true
    const close = async () => {
      if (open) await browser.close()
      open = false
    }
    this.#leaving.push(async (failed) => {
      for (const [index, tab] of failed && open ? tabs.entries() : []) {
        await tab.screenshot(`failed ${failed} ${name} ${index + 1}`).catch(() => {})
      }
      await close().catch(() => {})
    })
    return {
      name,
      email,
      browser,
      close,
      async open(path) {
        const page = await browser.openChannel(path)
        const tab = tabOf(page, panelOf(page), email)
        tabs.push(tab)
        return tab
      },
    }
  }

  async leave(failed: string | undefined): Promise<void> {
    for (const leave of this.#leaving) await leave(failed)
  }
}

function tabOf<Page extends AnyPage>(page: Page, panel: Panel, email: string): Tab<Page> {
  return {
    page,
    panel,
    signIn: (as = email, mails = outbox) => viewing.signIn(panel, as, mails),
    say: (text) => viewing.say(panel, text),
    messages: () => viewing.messages(panel),
    seeMessage: (text, timeout) => viewing.seeMessage(panel, text, timeout),
    seeLinks: (atLeast, timeout) => viewing.seeLinks(panel, atLeast, timeout),
    seeMembers: (count, timeout) => viewing.seeMembers(panel, count, timeout),
    connection: () => viewing.connection(panel),
    async screenshot(label) {
      const dir = join(sidestreamDir, 'screenshots')
      await mkdir(dir, { recursive: true })
      await page.screenshot({ path: `${join(dir, label.replace(/[^\w.-]+/g, '-'))}.png` })
    },
  }
}
