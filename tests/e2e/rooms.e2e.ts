import { describe, expect } from 'vitest'
import { pair, test, ui } from './stage.ts'

const roomShown = (login: string) => `[data-testid="panel"][data-login="${login}"]`

describe('rooms', () => {
  test('follow the viewer from channel to channel, and there is none where there is no channel', async ({
    viewer,
  }) => {
    const { ann, annTab, benTab } = await pair(viewer, 'lumenfox')
    const frame = await (await ann.browser.panelFrame(annTab.page)).frameElement()
    await annTab.page.evaluate(() => window.fixture.navigate('/mosskeeper'))
    await annTab.panel.waitFor(roomShown('mosskeeper'))
    await annTab.seeMembers(1)
    await benTab.seeMembers(1)
    await annTab.say('anyone in the moss?')
    await annTab.seeMessage('anyone in the moss?')
    expect(await benTab.messages()).toEqual([])

    for (const path of ['/directory', '/settings/profile', '/videos/1']) {
      await annTab.page.evaluate((to) => window.fixture.navigate(to), path)
      await expect.poll(() => frame.isVisible()).toBe(false)
    }
    await annTab.page.evaluate(() => window.fixture.navigate('/lumenfox'))
    await annTab.panel.waitFor(roomShown('lumenfox'))
    expect(await frame.isVisible()).toBe(true)
    await annTab.seeMembers(2)
    await annTab.say('back again')
    await benTab.seeMessage('back again')
  })

  test('are shared by the tabs of one channel: one host, one member, one set of links', async ({
    viewer,
  }) => {
    const { ann, annTab, benTab } = await pair(viewer, 'pixelharbor')
    const second = await ann.open('pixelharbor')
    await second.seeMembers(2)
    await second.seeLinks(1)
    expect((await benTab.connection()).links).toBe(1)
    expect((await annTab.connection()).links).toBe(1)

    await benTab.say('to both of your tabs')
    await annTab.seeMessage('to both of your tabs')
    await second.seeMessage('to both of your tabs')
    await second.say('from the second')
    await annTab.seeMessage('from the second')
    await benTab.seeMessage('from the second')

    await annTab.page.close()
    await second.say('one is left')
    await benTab.seeMessage('one is left')
    expect(await benTab.messages()).toHaveLength(3)
  })

  test('keep their links through a reload', async ({ viewer }) => {
    const { annTab, benTab } = await pair(viewer, 'nightowl_')
    await benTab.panel.evaluate((selector) => {
      const shown = document.querySelector<HTMLElement>(selector)
      const seen: string[] = []
      new MutationObserver(() => seen.push(shown?.dataset.links ?? '')).observe(document.body, {
        subtree: true,
        attributes: true,
        attributeFilter: ['data-links'],
      })
      Object.assign(window, { linksSeen: seen })
    }, ui.connection)
    await benTab.say('said before the reload')
    await annTab.seeMessage('said before the reload')

    await annTab.page.reload({ waitUntil: 'domcontentloaded' })
    await annTab.seeMembers(2)
    await annTab.seeLinks(1)
    await annTab.seeMessage('said before the reload')
    await benTab.say('and after it')
    await annTab.seeMessage('and after it')

    // Ben's links never changed, and nobody was seen to leave.
    expect(await benTab.panel.evaluate(() => Reflect.get(window, 'linksSeen'), undefined)).toEqual([])
    expect(await benTab.panel.evaluate((left) => document.body.textContent.includes(left), 'left')).toBe(
      false,
    )
  })
})
