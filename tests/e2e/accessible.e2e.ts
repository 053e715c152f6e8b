import { join } from 'node:path'
import type { Frame, Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { barriers } from './axe.ts'
import { type ChromiumViewer, test, ui } from './stage.ts'

const byTestId = (id: string) => `[data-testid="${id}"]`
const SECTIONS = [
  ...['name', 'picture', 'twitch', 'devices', 'privacy', 'people'],
  ...['history', 'appearance', 'notifications', 'shortcuts', 'account', 'about'],
]

/** With `SIDESTREAM_PICTURES=<directory>`, each view is photographed, too; with `SIDESTREAM_LANGUAGE=ar`, in that language. */
const album = process.env.SIDESTREAM_PICTURES
const language = process.env.SIDESTREAM_LANGUAGE
/** How much wider a document is than its window (px). */
const overflow = (view: Page | Frame) =>
  view.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
const focused = (view: Page | Frame) =>
  view.evaluate(() => document.activeElement?.getAttribute('data-testid') ?? document.activeElement?.tagName)

/** Runs in the panel: whether an element is where somebody could click it. */
function isInSight(element: Element): boolean {
  const { left, top, width, height } = element.getBoundingClientRect()
  const there = document.elementFromPoint(left + width / 2, top + height / 2)
  return there !== null && element.contains(there)
}

/** Looks at views one after the other, and remembers what is wrong with them. */
class Inspection {
  readonly found: string[] = []

  async look(view: Page | Frame, name: string): Promise<void> {
    await this.#dress(view, { theme: 'dark' })
    await this.photograph(view, `${name}-dark`)
    this.found.push(...(await barriers(view, name)))
    await this.#dress(view, { theme: 'light' })
    await this.photograph(view, `${name}-light`)
    await this.#dress(view, { theme: 'dark' })
    const usual = await view.evaluate(() => document.documentElement.dataset.textSize ?? 'normal')
    const own = await view.evaluate(() => document.documentElement.dir || 'ltr')
    for (const [how, dress] of [
      ['double', { textSize: 'double' }],
      ['turned', { textSize: usual, dir: own === 'rtl' ? 'ltr' : 'rtl' }],
    ] as const) {
      await this.#dress(view, dress)
      const wider = await overflow(view)
      if (wider > 0) this.found.push(`${name}, ${how}: ${wider} px too wide`)
      await this.photograph(view, `${name}-${how}`)
    }
    await this.#dress(view, { dir: own })
  }

  async photograph(view: Page | Frame, name: string): Promise<void> {
    if (!album) return
    const path = join(album, `${name}.png`)
    if ('goto' in view && 'screenshot' in view) await view.screenshot({ path, fullPage: true })
    else await (await view.frameElement()).screenshot({ path })
  }

  #dress(view: Page | Frame, { dir, ...data }: { dir?: string; theme?: string; textSize?: string }) {
    return view.evaluate(
      ({ dir, data }) => {
        Object.assign(document.documentElement.dataset, data)
        if (dir) document.documentElement.dir = dir
      },
      { dir, data },
    )
  }
}

/** The popup, as wide as browsers show it. */
async function openPopup(viewer: ChromiumViewer): Promise<Page> {
  const popup = await viewer.browser.openPopup()
  await popup.setViewportSize({ width: 380, height: 600 })
  return popup
}

/** Chooses the language of all views. */
async function speak(viewer: ChromiumViewer, language: string): Promise<void> {
  const popup = await openPopup(viewer)
  await popup.click(byTestId('open-appearance'))
  await popup.check(byTestId(`language-${language}`))
  await popup.waitForSelector(`:root[lang="${language}"]`)
  await popup.close()
}

/** Opens something by keyboard, looks at it, and closes it by Escape: the focus must come back. */
async function visit(inspection: Inspection, frame: Frame, opener: string, shown: string, name: string) {
  await frame.press(byTestId(opener), 'Enter')
  await frame.waitForSelector(byTestId(shown))
  await inspection.look(frame, name)
  await frame.page().keyboard.press('Escape')
  await frame.waitForSelector(byTestId(shown), { state: 'hidden' })
  expect([name, await focused(frame)]).toEqual([name, opener])
}

describe('every view', () => {
  test('keeps nobody out: dark and light, at twice the size, from right to left', async ({ viewer }) => {
    const inspection = new Inspection()
    const ann = await viewer('ann', { viewport: { width: 1600, height: 900 } })
    if (language) await speak(ann, language)
    const tab = await ann.open('lumenfox')
    await tab.panel.waitFor(ui.email)
    const frame = await ann.browser.panelFrame(tab.page)
    await inspection.look(frame, 'signed-out')

    const welcome = await ann.browser.context.newPage()
    await welcome.goto(`chrome-extension://${ann.browser.extensionId}/welcome.html`)
    await welcome.waitForSelector(ui.choiceRelay)
    await inspection.look(welcome, 'welcome')
    // What looks at all the views does see.
    await welcome.evaluate(() => document.body.append(document.createElement('img')))
    expect(await barriers(welcome, 'planted')).toEqual([
      expect.stringMatching(/^planted, light: image-alt/),
      expect.stringMatching(/^planted, dark: image-alt/),
    ])
    await welcome.close()
    const outside = await openPopup(ann)
    await outside.waitForSelector(ui.email)
    await inspection.look(outside, 'popup-signed-out')
    await outside.close()

    await tab.page.bringToFront()
    await tab.signIn()
    await tab.seeMembers(1)
    await inspection.look(frame, 'empty-room')

    const ben = await viewer('ben')
    const benTab = await ben.open('lumenfox')
    await benTab.signIn()
    await tab.seeLinks(1)
    await tab.seeMembers(2)
    const name = await frame.textContent(byTestId('me'))
    for (const text of ['hello there', `@${name} have you seen https://example.com/patch today?`, 'look 🎉'])
      await benTab.say(text)
    await tab.seeMessage('look 🎉')
    await tab.say('I have, it is really good')
    await tab.say('/me nods')
    await frame.waitForSelector(`${ui.message}:has-text("nods")`)
    await frame.focus(ui.composer)
    await inspection.look(frame, 'room')

    await visit(inspection, frame, 'members', 'member-list', 'members')
    await visit(inspection, frame, 'room-menu', 'room-menu-popover', 'room-menu')
    await visit(inspection, frame, 'emote-picker', 'emote-popover', 'emotes')

    // The card of somebody else.
    await frame.press(byTestId('members'), 'Enter')
    await frame.locator(byTestId('open-card')).last().press('Enter')
    await frame.waitForSelector(byTestId('card-presence'))
    await inspection.look(frame, 'card')
    await tab.page.keyboard.press('Escape')
    await frame.waitForSelector(byTestId('person-card'), { state: 'hidden' })
    expect(await focused(frame)).toBe('members')

    await frame.fill(ui.composer, '/')
    await frame.waitForSelector(byTestId('completions'))
    await inspection.look(frame, 'completions')
    await frame.fill(ui.composer, '/help')
    await tab.page.keyboard.press('Escape')
    await tab.page.keyboard.press('Enter')
    await frame.waitForSelector(byTestId('command-help'))
    await inspection.look(frame, 'help')
    await frame.fill(ui.composer, 'x'.repeat(520))
    await inspection.look(frame, 'too-long')
    await frame.fill(ui.composer, '')

    // With less motion nothing moves, not even for somebody who is writing.
    await tab.page.emulateMedia({ reducedMotion: 'reduce' })
    await benTab.panel.fill(ui.composer, 'I am writing')
    await tab.panel.until(
      (selector) => document.querySelector(selector)?.textContent?.trim() !== '',
      ui.typing,
      { what: 'who is writing' },
    )
    expect(await frame.evaluate(() => document.getAnimations().length)).toBe(0)
    await tab.page.emulateMedia({ reducedMotion: 'no-preference', forcedColors: 'active' })
    await inspection.photograph(frame, 'room-forced-colors')
    await tab.page.emulateMedia({ forcedColors: 'none' })

    // The panel as a small card: everything can still be got at.
    await tab.page.setViewportSize({ width: 1280, height: 720 })
    await inspection.look(frame, 'card-room')
    await frame.press(byTestId('members'), 'Enter')
    await frame.waitForSelector(byTestId('member-list'))
    expect(await frame.locator(byTestId('open-card')).first().evaluate(isInSight)).toBe(true)
    await inspection.look(frame, 'card-members')
    await tab.page.keyboard.press('Escape')
    await tab.page.setViewportSize({ width: 1600, height: 900 })

    // Tab leads out of the panel, both ways.
    for (const key of ['Tab', 'Shift+Tab']) {
      await frame.focus(ui.composer)
      const isIn = () => frame.evaluate(() => document.hasFocus())
      let steps = 0
      for (; steps < 60 && (await isIn()); steps += 1) await tab.page.keyboard.press(key)
      expect([key, steps < 60]).toEqual([key, true])
    }

    const popup = await openPopup(ann)
    await popup.waitForSelector(byTestId('me'))
    await inspection.look(popup, 'popup')
    for (const section of SECTIONS) {
      await popup.click(byTestId(`open-${section}`))
      await popup.waitForSelector(`${byTestId(`section-${section}`)} h2`)
      await inspection.look(popup, `popup-${section}`)
      await popup.click(byTestId('back'))
    }
    expect(inspection.found).toEqual([])
  })
})
