import { expect } from 'vitest'
import { test, ui } from './stage.ts'

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

  await annTab.seeConnection({ state: 'connected', server: true })
  const words = () =>
    annTab.panel.evaluate((id) => document.querySelector(`${id} [role=status]`)?.textContent, ui.connection)
  const usual = await words()

  await worker.kill()
  await annTab.seeConnection({ state: 'connected', server: false, links: 1 })
  await annTab.panel.waitFor(ui.reconnect)
  expect(await words()).not.toBe(usual)
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
  await annTab.panel.waitFor(ui.reconnect, { gone: true })
  expect(await words()).toBe(usual)
  await cleoTab.say('hello, I just came')
  await annTab.seeMessage('hello, I just came')
  await benTab.seeMessage('hello, I just came')
})
