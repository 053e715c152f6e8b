/**
 * `node scripts/screenshots.ts`: the pictures of README (docs/images/panel-dark.png and panel-light.png) and guide. Three viewers in
 * browsers of their own sign in by e-mail code and talk on the Twitch-shaped page; one of them is photographed.
 */
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import type { Page } from 'playwright-core'
import { takeGuidePictures } from './guide-pictures.ts'
import { buildExtension } from './stage/build.ts'
import { type Chromium, launchChromium } from './stage/chromium.ts'
import type { Panel } from './stage/panel.ts'
import { root } from './stage/paths.ts'
import { freePort } from './stage/port.ts'
import { step } from './stage/progress.ts'
import { startTwitch, twitchOrigin } from './stage/twitch.ts'
import { say, seeLinks, seeMembers, seeMessage, signIn, ui } from './stage/viewer.ts'
import { startWorker } from './stage/worker.ts'

const channel = 'lumenfox'
const viewport = { width: 1600, height: 900 }
const imagesDir = join(root, 'docs/images')

/** Who says what; the first is the one who is photographed. */
const conversation = [
  [1, 'first time in here, is this the room beside the chat?'],
  [0, 'it is! your words come straight from your browser to mine'],
  [0, 'so the stream chat can race on and we just talk'],
  [2, 'hi you two! what did I miss?'],
  [1, 'a filter sweep. goosebumps'],
  [2, 'with the new envelope follower?'],
  [
    0,
    'Yes. It follows the input level instead of the key, so whenever the drums get louder the filter opens further.',
  ],
  [1, 'and the patch is up: https://example.com/patches/day-12'],
  [2, 'trying it right now'],
  [2, 'ok, this is really good'],
  [1, 'told you :)'],
  [0, 'questions are up next, who asks about the square wave?'],
] as const

interface Seat {
  browser: Chromium
  page: Page
  panel: Panel
}

/** Undone in reverse order, whatever ends us. */
const undo: (() => Promise<unknown>)[] = []

async function takeSeat(extensionDir: string, twitch: { port: number }): Promise<Seat> {
  const browser = await launchChromium({ extensionDir, twitch, viewport })
  undo.push(() => browser.close())
  const page = await browser.openChannel(channel)
  return { browser, page, panel: browser.panel(page) }
}

/** Until both chats have come to rest. */
const calm = (page: Page) => page.waitForTimeout(2_000)

async function tell(path: string): Promise<void> {
  console.log(`  ${relative(root, path)}: ${Math.round((await stat(path)).size / 1_000)} kB`)
}

async function photograph({ page, panel }: Seat, theme: 'dark' | 'light'): Promise<void> {
  await page.bringToFront()
  await page.goto(`${twitchOrigin}/${channel}?theme=${theme}`)
  const last = conversation.at(-1)
  if (last) await seeMessage(panel, last[1])
  await seeLinks(panel, 2)
  await panel.waitFor(ui.composer)
  await calm(page)
  const path = join(imagesDir, `panel-${theme}.png`)
  await page.screenshot({ path })
  await tell(path)
}

async function main(): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'sidestream-screenshots-'))
  undo.push(() => rm(dir, { recursive: true, force: true }))
  const twitch = await startTwitch()
  undo.push(() => twitch.stop())
  const port = await freePort()
  const worker = await step('Worker on workerd', () => startWorker({ port, stateDir: join(dir, 'worker') }))
  undo.push(() => worker.stop())
  const extensionDir = await step('Extension built for Chrome', () =>
    buildExtension({ browser: 'chrome', workerOrigin: worker.origin, outDir: join(dir, 'extension') }),
  )
  const seats: Seat[] = []
  await step('Three viewers sign in', async () => {
    for (let count = 1; count <= 3; count++) {
      const seat = await takeSeat(extensionDir, twitch)
      await signIn(seat.panel, `viewer-${randomBytes(4).toString('hex')}@example.com`, worker.outbox)
      seats.push(seat)
    }
    for (const { panel } of seats) {
      await seeMembers(panel, 3)
      await seeLinks(panel, 2)
    }
  })
  await step('They talk', async () => {
    for (const [who, text] of conversation) {
      const speaker = seats[who]
      if (speaker) await say(speaker.panel, text)
      for (const { panel } of seats) await seeMessage(panel, text)
    }
  })
  const [photographed] = seats
  if (!photographed) return
  await mkdir(imagesDir, { recursive: true })
  await photograph(photographed, 'light')
  await photograph(photographed, 'dark')
  for (const path of await takeGuidePictures(photographed, imagesDir, () => calm(photographed.page)))
    await tell(path)
}

try {
  await main()
} finally {
  for (const stop of undo.reverse()) await stop().catch(() => {})
}
