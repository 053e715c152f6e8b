import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page as ChromiumPage } from 'playwright-core'
import type { Page as FirefoxPage } from 'puppeteer-core'
import { test as base, inject } from 'vitest'
import { type Chromium, type ChromiumOptions, launchChromium } from '../../scripts/stage/chromium.ts'
import { type Firefox, type FirefoxOptions, launchFirefox } from '../../scripts/stage/firefox.ts'
import type { Address } from '../../scripts/stage/forwarder.ts'
import { type Network, startNetwork } from '../../scripts/stage/network.ts'
import { freePort } from '../../scripts/stage/port.ts'
import { type SocketTap, startSocketTap, type TapOptions } from '../../scripts/stage/socket-tap.ts'
import { ui } from '../../scripts/stage/viewer.ts'
import { type RunningWorker, startWorker } from '../../scripts/stage/worker.ts'
import { chromiumBuild } from './builds.ts'
import { Cast, type Tab, type Viewer } from './cast.ts'

export { outbox } from './cast.ts'
export { ui }

export type ChromiumViewer = Viewer<Chromium, ChromiumPage>
export type FirefoxViewer = Viewer<Firefox, FirefoxPage>
export type ChromiumTab = Tab<ChromiumPage>

/** The parts of a stage that scenarios ask for: `test('…', async ({ viewer }) => { const ann = await viewer('ann') … })`. */
interface Stage {
  /**
   * Networks of one browser's own, whose line can be cut: `viewer('ann', { network: await network() })`. `workerPort`: where
   * this run's Worker seems to be from there.
   */
  network(options?: { workerPort?: number }): Promise<Network>
  /** A Worker of this test's own, that it may stop, and the extension built for it. */
  own: { worker: RunningWorker; extensionDir: string }
  /** The same without a relay, and with somebody who reads all that viewers say to it. */
  unrelayed: { worker: RunningWorker; extensionDir: string; tap: SocketTap }
  /** Somebody between viewers and a Worker, this run's unless told. */
  tap(options?: Partial<TapOptions>): Promise<SocketTap>
  /** Where this run's relay listens. */
  relay: Address
  /** A new viewer in Chromium. Closed when the test ends; if it failed, their tabs are photographed before. */
  viewer(name: string, options?: Partial<ChromiumOptions>): Promise<ChromiumViewer>
  /** The same in Firefox. */
  firefoxViewer(name: string, options?: Partial<FirefoxOptions>): Promise<FirefoxViewer>
}

const workerPort = () => Number(new URL(inject('workerOrigin')).port)
const twitch = () => ({ port: inject('twitchPort') })

/** Vitest's `test` with the stage in its context. */
export const test = base.extend<Stage>({
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the pattern to learn what a fixture depends on.
  network: async ({}, use) => {
    const started: Network[] = []
    await use(async (options) => {
      const network = await startNetwork()
      started.push(network)
      const detours = new Map([[workerPort(), options?.workerPort ?? workerPort()]])
      await network.reach([twitch().port, workerPort()], detours)
      return network
    })
    for (const network of started) await network.remove()
  },
  // biome-ignore lint/correctness/noEmptyPattern: as above.
  own: async ({}, use) => {
    const stateDir = await mkdtemp(join(inject('runDir'), 'worker-'))
    const extensionDir = await chromiumBuild('own')
    const turn = inject('turn')
    const worker = await startWorker({ port: inject('ownPort'), stateDir, ...(turn && { turn }) })
    await use({ worker, extensionDir })
    await worker.stop()
  },
  unrelayed: async ({ tap }, use) => {
    const stateDir = await mkdtemp(join(inject('runDir'), 'worker-'))
    const extensionDir = await chromiumBuild('own')
    const port = await freePort()
    const worker = await startWorker({ port, stateDir })
    await use({ worker, extensionDir, tap: await tap({ to: port, port: inject('ownPort') }) })
    await worker.stop()
  },
  // biome-ignore lint/correctness/noEmptyPattern: as above.
  tap: async ({}, use) => {
    const started: SocketTap[] = []
    await use(async (options) => {
      const tap = await startSocketTap({ to: workerPort(), ...options })
      started.push(tap)
      return tap
    })
    for (const tap of started) await tap.stop()
  },
  // biome-ignore lint/correctness/noEmptyPattern: as above.
  relay: async ({}, use) => {
    const turn = inject('turn')
    if (!turn) throw new Error('this scenario needs a relay: install coturn')
    await use(turn)
  },
  // Named so that networks outlive the browsers in them.
  viewer: async ({ task, network: _ }, use) => {
    const cast = new Cast<ChromiumPage, Chromium>()
    const options = { extensionDir: inject('chromeDir'), twitch: twitch() }
    await use((name, more) =>
      cast.add(name, (profileDir) => launchChromium({ ...options, ...more, profileDir })),
    )
    await cast.leave(task.result?.state === 'fail' ? task.name : undefined)
  },
  firefoxViewer: async ({ task, network: _ }, use) => {
    const cast = new Cast<FirefoxPage, Firefox>()
    const options = { extensionDir: inject('firefoxDir'), twitch: twitch() }
    await use((name, more) =>
      cast.add(name, (profileDir) => launchFirefox({ ...options, ...more, profileDir })),
    )
    await cast.leave(task.result?.state === 'fail' ? task.name : undefined)
  },
})

/** Has a viewer who is signed in choose in the popup how others reach them. */
export async function choose(viewer: ChromiumViewer, choice: 'relay' | 'direct'): Promise<void> {
  const popup = await viewer.browser.openPopup()
  const wanted = choice === 'direct' ? ui.choiceDirect : ui.choiceRelay
  await popup.click('[data-testid="open-privacy"]')
  await popup.check(wanted)
  // Asked anew, the popup tells what was saved.
  await popup.reload()
  await popup.waitForSelector(`${wanted}:checked`)
  await popup.close()
}

/** Two viewers, signed in and linked in one channel. */
export async function pair(viewer: Stage['viewer'], login: string, options?: Partial<ChromiumOptions>) {
  const ann = await viewer('ann', options)
  const ben = await viewer('ben', options)
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
