import type { Frame, Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { isPanel } from '../../scripts/stage/panel.ts'
import { until } from '../../scripts/stage/until.ts'
import type { Bystander } from './bystander.ts'
import { ui } from './stage.ts'
import { type Residents, Weighing } from './weight.ts'

let viewer: Bystander

const nothing: Residents = {
  MutationObserver: 0,
  ResizeObserver: 0,
  HTMLIFrameElement: 0,
  ShadowRoot: 0,
  AbortController: 1,
}
const weigh = async (page: Page | Frame = viewer.page) =>
  new Weighing(await viewer.chromium.context.newCDPSession(page))
const navigate = (path: string) => viewer.page.evaluate((to) => window.fixture.navigate(to), path)

/** Everything that moved on the page without being asked to, as the browser counts it (Layout Instability). */
const shifts = () =>
  viewer.page.evaluate(
    () =>
      new Promise<string[]>((done) => {
        const seen: string[] = []
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) seen.push(`${entry.startTime} ${JSON.stringify(entry)}`)
        }).observe({ type: 'layout-shift', buffered: true })
        setTimeout(() => done(seen), 100)
      }),
  )

const framesOf = (page: Page) => page.frames().filter((frame) => isPanel(frame.url())).length

/** Somebody who came to a channel and has left it; the panel is kept for them for a few seconds. */
let leaving: { page: Page; scale: Weighing }

/** What the panel costs the page. */
export function lightScenarios(there: () => Bystander): void {
  beforeAll(() => {
    viewer = there()
  })

  describe('a page without a channel', () => {
    test('has nothing of ours but a look at its address', async () => {
      const { page } = await viewer.another('directory')
      const scale = await weigh(page)
      expect(await scale.residents()).toEqual(nothing)
      expect(framesOf(page)).toBe(0)
      await page.evaluate(() => window.fixture.navigate('/lumenfox'))
      await until(() => framesOf(page) === 1, { what: 'the panel' })
      expect(await scale.residents()).toMatchObject({ MutationObserver: 1, HTMLIFrameElement: 1 })
      await page.evaluate(() => window.fixture.navigate('/settings/profile'))
      leaving = { page, scale }
      await viewer.page.bringToFront()
    })
  })

  describe('a channel’s page', () => {
    test.each(['open', 'collapsed'])('never moves for a panel that is %s', async (how) => {
      await viewer.go('lumenfox')
      if (how === 'collapsed') await viewer.panel.press(ui.collapse, 'Enter')
      await viewer.page.reload({ waitUntil: 'load' })
      await viewer.see()
      expect(await shifts()).toEqual([])
      await navigate('/mosskeeper')
      await viewer.panel.waitFor('[data-testid="panel"][data-login="mosskeeper"]')
      await viewer.see()
      for (const part of ['chat', 'view', 'page'] as const) {
        await viewer.page.evaluate((part) => window.fixture.rerender(part), part)
        await viewer.see()
      }
      expect(await shifts()).toEqual([])
      if (how === 'collapsed') await viewer.panel.press(ui.expand, 'Enter')
    })

    test('is not held up when the panel comes, nor while chat runs', async () => {
      const scale = await weigh()
      const times = await scale.longest(async () => {
        await viewer.page.reload()
        await viewer.panel.waitFor(ui.collapse)
        await viewer.see()
      })
      expect(times.length).toBeGreaterThan(3)
      expect(times[0]).toBeLessThan(50)
      const share = await scale.share(() =>
        viewer.page.evaluate(async () => {
          for (let line = 0; line < 60; line++) {
            window.fixture.say('somebody', `line ${line}`)
            await new Promise((later) => setTimeout(later, 50))
          }
        }),
      )
      expect(share).toBeLessThan(0.01)
    })

    test('grows by nothing over 50 channels', async () => {
      await viewer.go('lumenfox?pace=300')
      const scale = await weigh()
      const panelScale = await weigh(await viewer.chromium.panelFrame(viewer.page))
      const tour = async (visits: number) => {
        for (let visit = 0; visit < visits; visit++) {
          await navigate(`/${['mosskeeper', 'pixelharbor', 'lumenfox', 'quietcove', 'directory'][visit % 5]}`)
          // Twitch's page, too, needs a moment to follow.
          await viewer.page.waitForTimeout(75)
        }
        await navigate('/lumenfox')
        await viewer.panel.waitFor('[data-testid="panel"][data-login="lumenfox"]')
      }
      const weighed = async () => {
        let last = await scale.heap()
        // The page itself holds the chat it has left until that would have had its next line.
        await until(
          async () => {
            last = await scale.heap()
            return last.detached.length === 0
          },
          { what: 'all that is detached to be gone', interval: 100 },
        )
        return last
      }
      await tour(5)
      const before = await weighed()
      const panelBefore = await panelScale.heap()
      await tour(50)
      const after = await weighed()
      const panelAfter = await panelScale.heap()
      expect(panelAfter.used - panelBefore.used).toBeLessThan(2_000_000)
      // The panel's own framework keeps a template.
      expect(panelAfter.detached).toEqual(panelBefore.detached)
      expect(after.used - before.used).toBeLessThan(2_000_000)
      expect(after.detached).toEqual([])
      expect(await scale.residents()).toMatchObject({ MutationObserver: 1, HTMLIFrameElement: 1 })
    })
  })

  describe('a page that was a channel’s', () => {
    test('has nothing of ours again', async () => {
      const { page, scale } = leaving
      await until(() => framesOf(page) === 0, { what: 'the panel to go' })
      expect(await scale.residents()).toEqual(nothing)
      await page.close()
    })
  })
}
