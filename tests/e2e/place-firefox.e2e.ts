import type { Page } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type Firefox, launchFirefox } from '../../scripts/stage/firefox.ts'
import { until } from '../../scripts/stage/until.ts'
import { twitchs, widthOf } from './bystander.ts'
import { compare, look, type Scene } from './geometry.ts'
import { ui } from './stage.ts'

let firefox: Firefox
let page: Page
beforeAll(async () => {
  firefox = await launchFirefox({
    extensionDir: inject('firefoxDir'),
    twitch: { port: inject('twitchPort') },
    viewport: { width: 1600, height: 900 },
  })
  page = await firefox.openChannel('lumenfox')
  await panel().waitFor(ui.collapse)
})
afterAll(async () => firefox?.close())

const panel = () => firefox.panel(page)
const isMarked = () => panel().evaluate(() => 'marked' in window, undefined)

/** Waits until the panel is where `isRight` says, and has stayed there. */
function see(isRight: (scene: Scene) => boolean): Promise<Scene> {
  let last = ''
  const find = async () => {
    const scene = await page.evaluate(look)
    const before = last
    last = JSON.stringify(scene.panel)
    return isRight(scene) && last === before && scene
  }
  return until(find, { what: 'the panel in its place' })
}

describe('the panel in Firefox', () => {
  test('goes where it belongs without being loaded anew, and touches none of Twitch’s controls', async () => {
    const docked = await see(({ panel }) => panel?.right === 1600 - 340)
    expect(docked).toMatchObject({ covered: [], isBuried: false, mainStyle: 'margin-right: 340px;' })
    await panel().evaluate(() => Object.assign(window, { marked: true }), undefined)

    await page.click(twitchs.theatre)
    expect(await see(({ panel }) => panel?.right === 1600 - 350)).toMatchObject({
      covered: [],
      isBuried: false,
    })
    await page.click(twitchs.theatre)
    await page.click(twitchs.fullscreen)
    const full = await see(({ panel, view }) => panel?.right === view.width - 10)
    expect(full).toMatchObject({ covered: [], isBuried: false, isInRoot: true })
    await page.evaluate(() => document.exitFullscreen())
    await see(({ panel }) => panel?.right === 1600 - 340)
    await page.setViewport({ width: 1000, height: 700 })
    expect(await see(({ panel }) => panel?.right === 1000)).toMatchObject({ covered: [], mainStyle: null })
    await page.setViewport({ width: 1600, height: 900 })
    await see(({ panel }) => panel?.right === 1600 - 340)
    for (const part of ['chat', 'view'] as const) {
      await page.evaluate((part) => window.fixture.rerender(part), part)
      await see(({ panel }) => panel?.right === 1600 - 340)
    }
    await page.evaluate(() => window.fixture.navigate('/mosskeeper'))
    await panel().waitFor('[data-testid="panel"][data-login="mosskeeper"]')
    expect(await isMarked()).toBe(true)
  })

  test('is as wide as the viewer drags it, also after a reload', async () => {
    const { panel: before } = await see((scene) => widthOf(scene) === 340)
    const edge = before?.left ?? 0
    await page.mouse.move(edge + 2, 400)
    await page.mouse.down()
    await page.mouse.move(edge - 48, 400, { steps: 3 })
    await page.mouse.move(edge - 98, 400, { steps: 3 })
    await page.mouse.up()
    await see((scene) => widthOf(scene) === 440)
    await page.reload({ waitUntil: 'domcontentloaded' })
    await see((scene) => widthOf(scene) === 440)
    await page.mouse.click(edge - 98, 400, { count: 2 })
    await see((scene) => widthOf(scene) === 340)
  })

  test('keeps what is typed in it from Twitch’s hotkeys, and the page from what is in it', async () => {
    await panel().click(ui.email)
    await page.keyboard.type('f mk')
    await page.keyboard.press('ArrowLeft')
    const typed = await panel().evaluate(
      (field) => document.querySelector<HTMLInputElement>(field)?.value,
      ui.email,
    )
    expect(typed).toMatch(/mk/)
    const seen = await page.evaluate(() => ({
      pressed: window.fixture.pressed,
      frames: window.length + document.querySelectorAll('iframe').length,
      focused: [document.activeElement?.tagName, document.activeElement?.getAttributeNames().join()],
      roots: [...document.querySelectorAll('*')].filter((element) => element.shadowRoot).length,
      traces: [document.documentElement.outerHTML, ...performance.getEntries().map(({ name }) => name)]
        .join(' ')
        .match(/sidestream|moz-extension/gi),
    }))
    expect(seen).toEqual({ pressed: [], frames: 0, focused: ['DIV', 'style'], roots: 0, traces: null })
  })

  test('comes back where the page tears it out', async () => {
    await page.evaluate(() => window.fixture.rerender('page'))
    await see(({ panel, isInRoot }) => panel?.right === 1600 - 340 && isInRoot)
    await panel().waitFor(ui.collapse)
    expect(await isMarked()).toBe(false)
  })

  test('leaves Twitch’s page as it is when it is collapsed', async () => {
    await panel().press(ui.collapse, 'Enter')
    const handle = await see((scene) => scene.panel !== null && widthOf(scene) <= 36)
    expect(handle).toMatchObject({ covered: [], mainStyle: null, isBuried: false })
    const { withPanel, without } = await page.evaluate(compare)
    expect(withPanel).toBe(without)
  })
})
