import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { buildExtension } from '../../scripts/stage/build.ts'
import { sidestreamDir } from '../../scripts/stage/paths.ts'
import { freePort } from '../../scripts/stage/port.ts'
import { type RunningWorker, startWorker } from '../../scripts/stage/worker.ts'
import { test as base, ui } from './stage.ts'

/** A Worker of this test's own, that it may kill, and the extension built for it. */
const test = base.extend<{ own: { worker: RunningWorker; extensionDir: string } }>({
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the pattern to learn what a fixture depends on.
  own: async ({}, use) => {
    const dir = await mkdtemp(join(sidestreamDir, 'e2e-'))
    const worker = await startWorker({ port: await freePort(), stateDir: join(dir, 'worker') })
    const extensionDir = await buildExtension({
      browser: 'chrome',
      workerOrigin: worker.origin,
      outDir: join(dir, 'extension'),
    })
    await use({ worker, extensionDir })
    await worker.stop()
    await rm(dir, { recursive: true, force: true })
  },
})

test('viewers who are linked talk on while the Worker is away, and newcomers join when it is back', async ({
  own,
  viewer,
}) => {
  const { worker, extensionDir } = own
  const ann = await viewer('ann', { extensionDir })
  const ben = await viewer('ben', { extensionDir })
  const annTab = await ann.open('lumenfox')
  await annTab.signIn(undefined, worker.outbox)
  const benTab = await ben.open('lumenfox')
  await benTab.signIn(undefined, worker.outbox)
  await annTab.seeLinks(1)
  await benTab.seeLinks(1)

  await worker.kill()
  await annTab.panel.until(
    (selector) => document.querySelector<HTMLElement>(selector)?.dataset.server === 'false',
    ui.connection,
    { what: 'word that the Worker is away' },
  )
  await annTab.say('is the server gone?')
  await benTab.seeMessage('is the server gone?')
  await benTab.say('so it seems')
  await annTab.seeMessage('so it seems')
  expect((await annTab.connection()).links).toBe(1)

  await worker.restart()
  const cleo = await viewer('cleo', { extensionDir })
  const cleoTab = await cleo.open('lumenfox')
  await cleoTab.signIn(undefined, worker.outbox)
  for (const tab of [annTab, benTab, cleoTab]) {
    await tab.seeMembers(3, 60_000)
    await tab.seeLinks(2, 60_000)
  }
  await cleoTab.say('hello, I just came')
  await annTab.seeMessage('hello, I just came')
  await benTab.seeMessage('hello, I just came')
})
