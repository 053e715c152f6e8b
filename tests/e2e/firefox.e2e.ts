import { describe, expect } from 'vitest'
import { exposed, plantPlainRecords } from './secrecy.ts'
import { test } from './stage.ts'

describe('Firefox', () => {
  test('viewers talk with each other and with Chromium, and nothing lies open on the disk', async ({
    firefoxViewer,
    viewer,
  }) => {
    // Firefox removes an extension that is there for one session when that ends, and what it stored with it.
    const keep = { prefs: { 'extensions.webextensions.keepStorageOnUninstall': true } }
    const fay = await firefoxViewer('fay', keep)
    const finn = await firefoxViewer('finn')
    await plantPlainRecords(fay)
    const fayTab = await fay.open('shroud')
    await fayTab.signIn()
    const finnTab = await finn.open('shroud')
    await finnTab.signIn()
    await fayTab.seeLinks(1)
    await finnTab.seeLinks(1)
    const texts = ['said from one fox to another', 'and what the other fox said']
    await fayTab.say('said from one fox to another')
    const { author } = await finnTab.seeMessage('said from one fox to another')
    await finnTab.say('and what the other fox said')
    const { author: other } = await fayTab.seeMessage('and what the other fox said')
    await fayTab.screenshot('firefox dark')

    const cara = await viewer('cara')
    const caraTab = await cara.open('shroud')
    await caraTab.signIn()
    for (const tab of [fayTab, finnTab, caraTab]) {
      await tab.seeLinks(2)
      await tab.seeMembers(3)
    }
    for (const text of texts) await caraTab.seeMessage(text)
    await caraTab.say('hello foxes')
    await fayTab.seeMessage('hello foxes')
    await finnTab.seeMessage('hello foxes')
    await finn.close()
    await caraTab.seeMembers(2, 60_000)

    expect(await exposed(fay, [...texts, 'hello foxes', author, other, 'shroud', fay.email])).toEqual([])
  })
})
