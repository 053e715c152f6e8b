import { beforeAll, describe, expect, test } from 'vitest'
import { type Bystander, twitchs } from './bystander.ts'

let viewer: Bystander

/** How large the panel is. */
export function sizeScenarios(there: () => Bystander): void {
  beforeAll(() => {
    viewer = there()
  })

  describe('the panel’s size', () => {
    const drag = async (from: readonly [number, number], to: readonly [number, number]) => {
      const { mouse } = viewer.page
      await mouse.move(...from)
      await mouse.down()
      await mouse.move((from[0] + to[0]) / 2, (from[1] + to[1]) / 2, { steps: 4 })
      await mouse.move(...to, { steps: 4 })
      await mouse.up()
    }

    test('is dragged by its edge, remembered for each place and in all tabs, and reset by a double click', async () => {
      await viewer.go('lumenfox')
      const { panel } = await viewer.seeWidth(340)
      const edge = panel?.left ?? 0
      await drag([edge + 2, 400], [edge - 98, 420])
      const { mainStyle } = await viewer.seeWidth(440)
      expect(mainStyle).toBe('margin-right: 440px;')

      const other = await viewer.another('mosskeeper')
      await other.page.setViewportSize({ width: 1600, height: 900 })
      await other.seeWidth(440)
      await viewer.page.bringToFront()
      await viewer.page.click(twitchs.theatre)
      const card = await viewer.seeWidth(340)
      await drag([(card.panel?.left ?? 0) + 2, 400], [(card.panel?.left ?? 0) + 42, 400])
      await viewer.seeWidth(300)
      await viewer.page.click(twitchs.theatre)
      await viewer.seeWidth(440)
      // What the host knew is gone with it, but for what it has saved.
      await (await viewer.chromium.serviceWorker()).evaluate(() => chrome.offscreen.closeDocument())
      await viewer.page.reload()
      await viewer.seeWidth(440)
      await other.page.bringToFront()
      await other.page.click(twitchs.theatre)
      await other.seeWidth(300)
      await other.page.close()

      await viewer.page.mouse.dblclick(edge - 98, 400)
      await viewer.seeWidth(340)
    })

    test('has limits, whoever drags', async () => {
      await viewer.go('lumenfox')
      const { panel } = await viewer.seeWidth(340)
      const edge = panel?.left ?? 0
      await drag([edge + 2, 400], [20, 400])
      await viewer.seeWidth(540)
      await drag([edge - 198, 400], [1590, 400])
      await viewer.seeWidth(260)
      await viewer.page.mouse.dblclick(edge + 82, 400)
      await viewer.seeWidth(340)
    })

    test('is changed by keys, and Twitch hears none of them', async () => {
      await viewer.go('lumenfox')
      await viewer.seeWidth(340)
      const { keyboard } = viewer.page
      await viewer.page.focus('[data-a-target="chat-send-button"]')
      await keyboard.press('Tab')
      await keyboard.press('ArrowLeft')
      await viewer.seeWidth(356)
      await keyboard.press('Shift+ArrowRight')
      await viewer.seeWidth(292)
      await keyboard.press('Home')
      await viewer.seeWidth(260)
      await keyboard.press('End')
      await viewer.seeWidth(540)
      await keyboard.press('Enter')
      await viewer.seeWidth(340)
      expect(await viewer.page.evaluate(() => window.fixture.pressed)).toEqual([])
    })

    test('is mirrored where the page is', async () => {
      await viewer.go('lumenfox?dir=rtl')
      const { panel } = await viewer.seeWidth(340)
      const edge = panel?.right ?? 0
      await drag([edge - 2, 400], [edge + 58, 400])
      const wide = await viewer.seeWidth(400)
      expect(wide.panel?.left).toBe(340)
      await viewer.page.mouse.dblclick(edge + 58, 400)
      await viewer.seeWidth(340)
    })

    test('over the chat is its height', async () => {
      await viewer.go('lumenfox', [1280, 720])
      const { panel, covered } = await viewer.seeWidth(340)
      expect(covered).toEqual([])
      const edge = panel?.bottom ?? 0
      await drag([1100, edge - 2], [1100, edge + 98])
      await viewer.see(({ panel }) => panel?.bottom === edge + 100)
      await viewer.page.mouse.dblclick(1100, edge + 98)
      await viewer.see(({ panel }) => panel?.bottom === edge)
    })
  })
}
