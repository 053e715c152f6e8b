import { chromium } from 'playwright-core'
import { describe, expect } from 'vitest'
import { findBrowser } from '../../scripts/stage/browsers.ts'
import { connectionsOfHost } from '../../scripts/stage/offscreen.ts'
import { bundle } from './bundle.ts'
import type { Remains, Turnover } from './churn-page.ts'
import { pair, test } from './stage.ts'

const room = 'revolvingdoor'

/** How often ben leaves and comes back, and how often his host dies and is there again. */
const VISITS = 1
const CRASHES = 6
/** How often somebody joins one of the page's rooms and somebody leaves, and how often all comes to rest meanwhile. */
const TURNS = 600
const RESTS = 5
/** Links that a page makes and drops without a room around them. */
const LINKS = 200

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

  test('a page holds as many connections as it has links, however its viewers came and went 600 times', async () => {
    const { moments, rests, left } = await inPage<Turnover>('turnOver', TURNS, RESTS)
    // Four rooms of three, in which each has two links.
    const whole = { ends: 24, counted: 24, unclosed: 24 }
    expect(rests).toEqual(Array(RESTS).fill(whole))
    expect(left).toEqual({ counted: 0, unclosed: 0 })
    for (const times of moments) expect(times).toBeGreaterThan(TURNS / moments.length / 2)
  })

  test('nothing is left of links that were dropped at every moment of their lives', async () => {
    expect(await inPage<Remains>('churn', LINKS)).toEqual({
      made: LINKS * 1.8,
      opened: LINKS * 0.6,
      counted: 0,
      unclosed: 0,
      held: 'few',
    })
  })
})

/** Runs a function of the churn page in a browser of its own. */
async function inPage<Result>(name: 'churn' | 'turnOver', ...numbers: number[]): Promise<Result> {
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
    // Only a secure context has keys.
    await page.route('**/*', (route) => route.fulfill({ contentType: 'text/html', body: '' }))
    await page.goto('https://churn.test/')
    await page.evaluate(noteConnections)
    await page.addScriptTag({ content: await bundle('tests/e2e/churn-page.ts') })
    return await page.evaluate(
      ([name, numbers]) =>
        (Reflect.get(globalThis, name) as (...numbers: number[]) => Promise<Result>)(...numbers),
      [name, numbers] as const,
    )
  } finally {
    await browser.close()
  }
}

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
