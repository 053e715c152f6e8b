import { chromium } from 'playwright-core'
import { describe, expect } from 'vitest'
import { findBrowser } from '../../scripts/stage/browsers.ts'
import { connectionsOfHost } from '../../scripts/stage/offscreen.ts'
import { bundle } from './bundle.ts'
import type { Remains } from './churn-page.ts'
import { pair, test } from './stage.ts'

const room = 'revolvingdoor'

/** How often ben leaves and comes back, and how often his host dies and is there again. */
const VISITS = 1
const CRASHES = 6
/** Links that a page makes and drops. */
const LINKS = 1_000

describe('after many have come and gone', () => {
  test('a browser holds as many connections as it has links', async ({ viewer, relay: _ }) => {
    const { ann, annTab, ben, benTab } = await pair(viewer, room)
    const held = () => connectionsOfHost(ann.browser.context)
    await expect.poll(held, { timeout: 10_000 }).toEqual({ open: 1, held: 1 })
    for (let visit = 0; visit < VISITS; visit++) {
      await benTab.page.evaluate(() => window.fixture.navigate('/elsewhere'))
      await annTab.seeConnection({ links: 0 })
      await benTab.page.evaluate((path) => window.fixture.navigate(path), `/${room}`)
      await annTab.seeLinkKinds({ turn: 1 })
    }
    for (let crash = 0; crash < CRASHES; crash++) {
      const worker = await ben.browser.serviceWorker()
      await worker.evaluate(() => chrome.offscreen.closeDocument())
      await benTab.seeConnection({ links: 0 })
      await benTab.seeLinks(1)
    }
    await annTab.seeLinkKinds({ turn: 1 })
    await expect.poll(held, { timeout: 20_000 }).toEqual({ open: 1, held: 1 })
    await benTab.page.close()
    await annTab.seeMembers(1)
    await expect.poll(held, { timeout: 15_000 }).toEqual({ open: 0, held: 0 })
  })

  test('nothing is left of 1,000 links that were dropped at every moment of their lives', async () => {
    const executablePath = findBrowser('chromium')
    if (!executablePath) throw new Error('no Chromium found: `node scripts/install-browsers.ts` installs it')
    const browser = await chromium.launch({
      executablePath,
      channel: 'chromium',
      chromiumSandbox: false,
      // Names in place of addresses would have to be looked up in the network.
      args: ['--js-flags=--expose-gc', '--disable-features=WebRtcHideLocalIpsWithMdns'],
    })
    try {
      const page = await browser.newPage()
      await page.evaluate(noteConnections)
      await page.addScriptTag({ content: await bundle('tests/e2e/churn-page.ts') })
      const remains = await page.evaluate(
        (links) => (Reflect.get(globalThis, 'churn') as (links: number) => Promise<Remains>)(links),
        LINKS,
      )
      expect(remains).toEqual({
        made: LINKS * 1.8,
        opened: LINKS * 0.6,
        counted: 0,
        unclosed: 0,
        held: 'few',
      })
    } finally {
      await browser.close()
    }
  })
})

/** Runs in a page: notes every connection that anything there makes from now on. */
function noteConnections(): void {
  const connections: WeakRef<RTCPeerConnection>[] = []
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration)
      connections.push(new WeakRef(this))
    }
  }
  Object.assign(globalThis, { connections })
}
