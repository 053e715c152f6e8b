import { describe, expect } from 'vitest'
import { until } from '../../scripts/stage/until.ts'
import { test, ui } from './stage.ts'

describe('viewers of one channel', () => {
  test('sign in, are in the room at once, talk, and see each other come and go', async ({ viewer }) => {
    const ann = await viewer('ann')
    const ben = await viewer('ben')
    const cleo = await viewer('cleo')

    const annTab = await ann.open('shroud')
    await annTab.signIn()
    await annTab.seeMembers(1)
    const benTab = await ben.open('shroud')
    await benTab.signIn()
    await annTab.seeLinks(1)
    await benTab.seeLinks(1)
    await annTab.seeMembers(2)

    await annTab.say('Hello from Ann')
    const seen = await benTab.seeMessage('Hello from Ann')
    await benTab.say('Hello from Ben')
    await annTab.seeMessage('Hello from Ben')
    expect(seen.author).toMatch(/^[A-Z][A-Za-z]+\d{2,3}$/)
    expect(JSON.stringify(await benTab.messages())).not.toContain('@example.com')

    // Ben sees that ann is writing while she does, and no longer.
    const typing = () =>
      benTab.panel.evaluate((selector) => document.querySelector(selector)?.textContent?.trim(), ui.typing)
    const write = async () => {
      const noticed = async () => {
        await annTab.panel.press(ui.composer, 'x')
        return (await typing())?.includes(seen.author)
      }
      await until(noticed, { what: 'word that ann is writing', interval: 150 })
    }
    await write()
    await until(async () => (await typing()) === '', { what: 'the end of the writing', timeout: 8_000 })
    await write()
    await annTab.say('that is what I was about to say')
    await benTab.seeMessage('that is what I was about to say')
    expect(await typing()).toBe('')

    const cleoTab = await cleo.open('shroud')
    await cleoTab.signIn()
    for (const tab of [annTab, benTab, cleoTab]) {
      await tab.seeMembers(3)
      await tab.seeLinks(2)
    }
    await cleoTab.say('Hello from Cleo')
    await annTab.seeMessage('Hello from Cleo')
    await benTab.seeMessage('Hello from Cleo')
    await annTab.screenshot('conversation dark')

    await cleoTab.page.close()
    await annTab.seeMembers(2)
    await benTab.seeMembers(2)
    await annTab.panel.waitFor('[data-testid="notice"]')

    // A later visit needs no click: the device is known.
    const again = await cleo.open('shroud')
    await again.seeMembers(3)
    await again.seeLinks(2)
    await again.panel.waitFor(ui.composer)
  })
})
