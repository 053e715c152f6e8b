import { describe } from 'vitest'
import { test } from './stage.ts'

describe('Firefox', () => {
  test('viewers talk with each other and with Chromium', async ({ firefoxViewer, viewer }) => {
    const fay = await firefoxViewer('fay')
    const finn = await firefoxViewer('finn')
    const fayTab = await fay.open('shroud')
    await fayTab.signIn()
    const finnTab = await finn.open('shroud')
    await finnTab.signIn()
    await fayTab.seeLinks(1)
    await finnTab.seeLinks(1)
    await fayTab.say('from one fox')
    await finnTab.seeMessage('from one fox')
    await finnTab.say('to another')
    await fayTab.seeMessage('to another')
    await fayTab.screenshot('firefox dark')

    const cara = await viewer('cara')
    const caraTab = await cara.open('shroud')
    await caraTab.signIn()
    for (const tab of [fayTab, finnTab, caraTab]) {
      await tab.seeLinks(2)
      await tab.seeMembers(3)
    }
    await caraTab.say('hello foxes')
    await fayTab.seeMessage('hello foxes')
    await finnTab.seeMessage('hello foxes')
    await finn.close()
    await caraTab.seeMembers(2, 60_000)
  })
})
