import { beforeAll, describe, expect, test } from 'vitest'
import { isPanel } from '../../scripts/stage/panel.ts'
import { until } from '../../scripts/stage/until.ts'
import { type Bystander, twitchs } from './bystander.ts'
import { ui } from './stage.ts'

let viewer: Bystander

const panels = () => viewer.page.frames().filter((frame) => isPanel(frame.url())).length

/** As a page does whose tree is drawn anew. */
const tearOut = () =>
  viewer.page.evaluate(() => {
    const [host] = [...document.querySelectorAll<HTMLElement>('div[style]')].filter(
      ({ style }) => style.position === 'fixed' && /^(900|3001)$/.test(style.zIndex),
    )
    host?.remove()
    return host !== undefined
  })

/** What the panel survives. */
export function stayScenarios(there: () => Bystander): void {
  beforeAll(() => {
    viewer = there()
  })

  describe('the panel', () => {
    test('is never loaded anew by what the viewer does', async () => {
      await viewer.go('lumenfox')
      await viewer.mark()
      const { page } = viewer
      await page.click(twitchs.theatre)
      await viewer.see(({ panel }) => panel?.right === 1600 - 350)
      await page.click(twitchs.fullscreen)
      await viewer.see(({ isInRoot }) => isInRoot)
      expect(await page.evaluate(() => document.fullscreenElement?.matches('#root > div'))).toBe(true)
      await page.click(twitchs.theatre)
      await viewer.see(({ panel }) => panel?.right === 1600 - 10)
      await page.click(twitchs.fullscreen)
      await viewer.see(({ panel }) => panel?.right === 1600 - 340)
      await page.click(twitchs.toggle)
      await viewer.see(({ panel }) => panel?.right === 1600)
      await page.click(twitchs.toggle)
      await viewer.see(({ panel }) => panel?.right === 1600 - 340)
      await page.evaluate(() => window.fixture.navigate('/mosskeeper'))
      await viewer.panel.waitFor('[data-testid="panel"][data-login="mosskeeper"]')
      for (const part of ['chat', 'view'] as const) {
        await page.evaluate((part) => window.fixture.rerender(part), part)
        const { covered, mainStyle } = await viewer.see(({ panel }) => panel?.right === 1600 - 340)
        expect(covered).toEqual([])
        expect(mainStyle).toBe('margin-right: 340px;')
      }
      expect(await viewer.isMarked()).toBe(true)
      expect(panels()).toBe(1)
    })

    test('comes back where the page tears it out, and only once', async () => {
      await viewer.go('lumenfox')
      const { page } = viewer
      for (const tear of [tearOut, tearOut, () => page.evaluate(() => window.fixture.rerender('page'))]) {
        await viewer.mark()
        await tear()
        await viewer.see(({ panel, isInRoot }) => panel?.right === 1600 - 340 && isInRoot)
        await viewer.panel.waitFor(ui.collapse)
        expect(await viewer.isMarked()).toBe(false)
        expect(panels()).toBe(1)
      }
    })

    test('is given up by no page that tears it out all the time, and does not fight it', async () => {
      await viewer.go('lumenfox')
      const removals = await viewer.page.evaluate(async () => {
        let removals = 0
        const watch = new MutationObserver((records) => {
          for (const { addedNodes } of records)
            for (const node of addedNodes)
              if (node instanceof HTMLElement && node.style.position === 'fixed') {
                node.remove()
                removals++
              }
        })
        watch.observe(document.body, { childList: true, subtree: true })
        for (const host of document.querySelectorAll<HTMLElement>('div[style]'))
          if (/^(900|3001)$/.test(host.style.zIndex)) host.remove()
        await new Promise((later) => setTimeout(later, 1_600))
        watch.disconnect()
        return removals
      })
      expect(removals).toBeGreaterThan(0)
      expect(removals).toBeLessThan(5)
      await viewer.see(({ panel }) => panel?.right === 1600 - 340)
    })

    test('waits for a page that its server has drawn, and survives one that is taken over late', async () => {
      await viewer.go('lumenfox?hydrate=0')
      await viewer.see(({ panel, isInRoot }) => panel?.right === 1600 - 340 && isInRoot)
      expect(await viewer.page.evaluate(() => window.fixture.strangers)).toEqual([])
      await viewer.go('lumenfox?hydrate=900')
      await until(() => viewer.page.evaluate(() => window.fixture.strangers.length > 0), {
        what: 'a stranger',
      })
      await viewer.see(({ panel, isInRoot }) => panel?.right === 1600 - 340 && isInRoot)
      expect(panels()).toBe(1)
    })

    test('is there although the element that goes fullscreen never is', async () => {
      await viewer.go('lumenfox')
      await viewer.page.evaluate(() => document.querySelector('#root')?.setAttribute('id', 'other'))
      await tearOut()
      const { isInRoot } = await viewer.see(({ panel }) => panel !== null)
      expect(isInRoot).toBe(false)
      await viewer.page.evaluate(() => document.querySelector('#other > div')?.requestFullscreen())
      await viewer.see(({ panel, isBuried, view }) => panel?.right === view.width - 10 && !isBuried)
      await viewer.page.evaluate(() => document.exitFullscreen())
    })

    test('lets Twitch’s menus unfold over it', async () => {
      await viewer.go('lumenfox')
      const { panel } = await viewer.see()
      await viewer.page.click(twitchs.notices)
      const menu = await viewer.page.evaluate(() => {
        const { left, top } =
          document.querySelector('.top-nav__notices')?.getBoundingClientRect() ?? new DOMRect()
        return { left, top, hit: document.elementFromPoint(left + 20, top + 100)?.className }
      })
      expect(menu.left + 20).toBeLessThan(panel?.right ?? 0)
      expect(menu.hit).toBe('top-nav__notices')
    })

    test('follows Twitch’s theme', async () => {
      await viewer.go('lumenfox?theme=dark')
      await viewer.page.click(twitchs.theme)
      await viewer.panel.waitFor('[data-theme="light"] [data-testid="panel"]')
      await viewer.page.click(twitchs.theatre)
      await viewer.panel.waitFor('[data-theme="dark"] [data-testid="panel"]')
    })

    test('keeps what is typed in it from Twitch’s hotkeys, and gives the keys back', async () => {
      await viewer.go('lumenfox')
      const { page, panel } = viewer
      const pressed = () => page.evaluate(() => window.fixture.pressed)
      await panel.click(ui.email)
      await page.keyboard.type('f mk')
      await page.keyboard.press('ArrowLeft')
      await page.keyboard.press('Alt+t')
      expect(
        await panel.evaluate((field) => document.querySelector<HTMLInputElement>(field)?.value, ui.email),
      ).toMatch(/mk/)
      expect(await pressed()).toEqual([])
      await panel.click(ui.collapse)
      const { mainStyle } = await viewer.seeHandle()
      expect(mainStyle).toBeNull()
      await page.keyboard.press('m')
      expect(await pressed()).toEqual(['m'])
      await panel.click(ui.expand)
      await viewer.seeOpen()
    })

    test('has a handle that makes way for a button, and does not come back for it', async () => {
      await viewer.go('lumenfox')
      await viewer.panel.press(ui.collapse, 'Enter')
      const before = await viewer.seeHandle()
      const { left = 0, top = 0 } = before.panel ?? {}
      const place = { left, top }
      await viewer.page.evaluate(({ left, top }) => {
        const button = document.createElement('button')
        button.id = 'late'
        button.style.cssText = `position:fixed;left:${left - 10}px;top:${top + 30}px;width:40px;height:40px`
        document.querySelector('.video-player__overlay')?.append(button)
      }, place)
      const after = await viewer.see(({ panel }) => panel?.top !== before.panel?.top)
      expect(after.covered).toEqual([])
      await viewer.page.evaluate(() => document.querySelector('#late')?.remove())
      // A change that has been looked at shows that this one has been, too.
      await viewer.page.click(twitchs.theme)
      await viewer.panel.waitFor('[data-theme="light"] [data-testid="panel"]')
      expect((await viewer.see()).panel).toEqual(after.panel)
      await viewer.page.click(twitchs.theme)
      await viewer.panel.press(ui.expand, 'Enter')
      await viewer.seeOpen()
    })
  })
}
