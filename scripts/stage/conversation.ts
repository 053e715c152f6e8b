import { randomBytes } from 'node:crypto'
import type { Page } from 'playwright-core'
import { type Chromium, launchChromium } from './chromium.ts'
import type { Outbox } from './outbox.ts'
import type { Twitch } from './twitch.ts'
import { type Shown, say, seeLinks, seeMembers, seeMessage, signIn } from './viewer.ts'

export interface ConversationOptions {
  extensionDir: string
  twitch: Pick<Twitch, 'port'>
  outbox: Outbox
  /** Where the picture goes. */
  screenshot: `${string}.png`
  channel?: string
  /** Told what happens, in a few words each. */
  onProgress?(what: string): void
}

const script = [
  [0, 'first time in here, is this the room beside the chat?'],
  [1, 'it is! your words come straight from your browser to mine'],
  [0, 'so the stream chat can race on and we just talk'],
  [1, 'exactly. did you hear that filter sweep?'],
  [0, 'goosebumps'],
] as const

/**
 * Two viewers with a browser profile each sign in by e-mail code on the same channel and talk.
 *
 * @returns the conversation as the second viewer saw it: what was sent by one and shown, signed, to the other.
 * @throws as soon as a step of it does not happen.
 */
export async function converse(options: ConversationOptions): Promise<Shown[]> {
  const { extensionDir, twitch, outbox, channel = 'lumenfox', onProgress = () => {} } = options
  const viewport = { width: 1600, height: 900 }
  const browsers: Chromium[] = []
  const pages: Page[] = []
  try {
    const seats = []
    for (const index of [0, 1]) {
      const browser = await launchChromium({ extensionDir, twitch, viewport })
      browsers.push(browser)
      const page = await browser.openChannel(channel)
      pages.push(page)
      const panel = browser.panel(page)
      await signIn(panel, `viewer-${randomBytes(4).toString('hex')}@example.com`, outbox)
      onProgress(`viewer ${index + 1} has signed in by e-mail code and is in the room of ${channel}`)
      seats.push({ page, panel })
    }
    const [first, second] = seats
    if (!first || !second) throw new Error('a conversation takes two')
    for (const { panel } of seats) {
      await seeMembers(panel, 2)
      await seeLinks(panel, 1)
    }
    onProgress('their browsers are linked')
    const seen: Shown[] = []
    for (const [speaker, text] of script) {
      const [from, to] = speaker === 0 ? [first, second] : [second, first]
      await say(from.panel, text)
      await seeMessage(from.panel, text)
      const shown = await seeMessage(to.panel, text)
      onProgress(`${shown.author}: ${shown.text}`)
      seen.push(shown)
    }
    await second.page.bringToFront()
    await second.page.screenshot({ path: options.screenshot })
    return seen
  } catch (error) {
    for (const [index, page] of pages.entries()) {
      const path = options.screenshot.replace(/\.png$/, `-failed-${index + 1}.png`)
      await page.screenshot({ path })
      onProgress(`what viewer ${index + 1} saw when it failed: ${path}`)
    }
    throw error
  } finally {
    await Promise.all(browsers.map((browser) => browser.close().catch(() => {})))
  }
}
