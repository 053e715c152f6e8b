import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { inject } from 'vitest'
import { type Outbox, openOutbox } from '../../scripts/stage/outbox.ts'
import type { Panel } from '../../scripts/stage/panel.ts'
import { sidestreamDir } from '../../scripts/stage/paths.ts'
import * as viewing from '../../scripts/stage/viewer.ts'

/** The mails of this run's Worker. */
export const outbox = openOutbox(inject('outboxDir'))

/** One person with a browser profile of their own. */
export interface Viewer<Browser, Page> {
  readonly name: string
  /** Theirs alone in this run. */
  readonly email: string
  readonly profileDir: string
  /** Another one after `reopen`. */
  readonly browser: Browser
  /** Opens a path of Twitch in a new tab. */
  open(path: string): Promise<Tab<Page>>
  close(): Promise<void>
  /** SIGKILL, as a crash. */
  kill(): Promise<void>
  /** Starts their browser again with the same profile, after `close` or `kill` or neither. */
  reopen(): Promise<void>
}

/** A tab on Twitch, with the panel in it. */
export interface Tab<Page> {
  readonly page: Page
  readonly panel: Panel
  /** Signs in through the panel, as this viewer unless told; `mails` where the Worker is not this run's. */
  signIn(email?: string, mails?: Outbox): Promise<void>
  say(text: string): Promise<void>
  messages(): Promise<viewing.Line[]>
  seeMessage(text: string, timeout?: number): Promise<viewing.Shown>
  seeStatus(text: string, status: string, timeout?: number): Promise<void>
  seeConnection(wanted: Partial<viewing.Connection>, timeout?: number): Promise<void>
  seeLinks(atLeast: number, timeout?: number): Promise<void>
  seeLinkKinds(wanted: Partial<viewing.LinkKinds>, timeout?: number): Promise<void>
  seeMembers(count: number, timeout?: number): Promise<void>
  connection(): Promise<viewing.Connection>
  /** Writes `.sidestream/screenshots/<label>.png`. */
  screenshot(label: string): Promise<void>
}

interface AnyPage {
  screenshot(options: { path: `${string}.png` }): Promise<unknown>
}

interface AnyBrowser<Page> {
  openChannel(path: string): Promise<Page>
  panel(page: Page): Panel
  close(): Promise<void>
  kill(): Promise<void>
  /** Where it can be suspended. */
  wake?(): Promise<void>
}

/** The viewers of one test and their profiles. */
export class Cast<Page extends AnyPage, Browser extends AnyBrowser<Page>> {
  #leaving: ((failed: string | undefined) => Promise<void>)[] = []

  /** @param launch starts a browser with this profile. */
  async add(name: string, launch: (profileDir: string) => Promise<Browser>): Promise<Viewer<Browser, Page>> {
    const email = `${name}-${randomBytes(4).toString('hex')}@example.com`
    const profileDir = await mkdtemp(join(inject('runDir'), `${name}-`))
    let browser: Browser | undefined
    let tabs: Tab<Page>[] = []
    const end = async (how: 'close' | 'kill') => {
      const ending = browser
      browser = undefined
      tabs = []
      await ending?.[how]()
    }
    this.#leaving.push(async (failed) => {
      await browser?.wake?.()
      for (const [index, tab] of failed ? tabs.entries() : []) {
        await tab.screenshot(`failed ${failed} ${name} ${index + 1}`).catch(() => {})
      }
      await end('close').catch(() => {})
      await rm(profileDir, { recursive: true, force: true, maxRetries: 5 })
    })
    const running = () => {
      if (!browser) throw new Error(`${name}'s browser is closed`)
      return browser
    }
    const reopen = async () => {
      await end('close')
      browser = await launch(profileDir)
    }
    await reopen()
    return {
      name,
      email,
      profileDir,
      get browser() {
        return running()
      },
      async open(path) {
        const page = await running().openChannel(path)
        const tab = tabOf(page, running().panel(page), email)
        tabs.push(tab)
        return tab
      },
      close: () => end('close'),
      kill: () => end('kill'),
      reopen,
    }
  }

  /** Photographs the tabs of a failed test and closes everybody's browser. */
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
    seeStatus: (text, status, timeout) => viewing.seeStatus(panel, text, status, timeout),
    seeConnection: (wanted, timeout) => viewing.seeConnection(panel, wanted, timeout),
    seeLinks: (atLeast, timeout) => viewing.seeLinks(panel, atLeast, timeout),
    seeLinkKinds: (wanted, timeout) => viewing.seeLinkKinds(panel, wanted, timeout),
    seeMembers: (count, timeout) => viewing.seeMembers(panel, count, timeout),
    connection: () => viewing.connection(panel),
    async screenshot(label) {
      const dir = join(sidestreamDir, 'screenshots')
      await mkdir(dir, { recursive: true })
      await page.screenshot({ path: `${join(dir, label.replace(/[^\w.-]+/g, '-'))}.png` })
    },
  }
}
