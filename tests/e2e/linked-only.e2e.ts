import { describe, expect } from 'vitest'
import type { Panel } from '../../scripts/stage/panel.ts'
import { until } from '../../scripts/stage/until.ts'
import { type ChromiumTab, type ChromiumViewer, test, ui } from './stage.ts'
import {
  agree,
  inChromium,
  inFirefox,
  type Linker,
  LOGIN,
  openSection,
  SECTION,
  seeWords,
  wordsIn,
} from './twitch-linking.ts'

const SWITCH = '[data-testid="linked-only-switch"]'
const NOTE = '[data-testid="linked-only"]'
const BARRED = '[data-testid="barred"]'

/** Opens the room's menu, ticks or unticks the box, and closes the menu again. */
async function decide(panel: Panel): Promise<void> {
  await panel.click(ui.roomMenu)
  await panel.waitFor(SWITCH)
  await panel.click(SWITCH)
  await panel.press(ui.clearRoom, 'Escape')
}

const composer = (panel: Panel) =>
  panel.evaluate((selector) => {
    const field = document.querySelector<HTMLTextAreaElement>(selector)
    return { value: field?.value, disabled: field?.ariaDisabled, readOnly: field?.readOnly }
  }, ui.composer)

/** Firefox does not tell the address of a page that the extension opened: it is known by what it shows. */
async function sectionIn(viewer: Linker) {
  for (const page of await viewer.pages()) {
    const words = await page.evaluate(wordsIn, SECTION).catch(() => undefined)
    if (words !== undefined) return page
  }
  return undefined
}

/** Presses the button in the panel, and links an account on the page that it opens. */
async function linkFrom(panel: Panel, viewer: Linker, login: string): Promise<void> {
  await panel.click('[data-testid="barred-link"]')
  await agree(viewer, await until(() => sectionIn(viewer), { what: 'the page that links an account' }), login)
}

/** Somebody who runs the channel `room`, and is in its room. */
async function broadcaster(bea: ChromiumViewer, room: string): Promise<ChromiumTab> {
  const tab = await bea.open(room)
  await tab.signIn()
  const popup = await openSection(inChromium(bea))
  await agree(inChromium(bea), popup, room)
  await seeWords(popup, LOGIN, room)
  await popup.close()
  return tab
}

describe('a room that its broadcaster keeps to linked accounts', () => {
  test('tells others why they are out, keeps what they wrote, and has them back once they are linked', async ({
    viewer,
  }) => {
    const room = 'emberquill'
    const bea = await viewer('bea')
    const beaTab = await broadcaster(bea, room)
    const ben = await viewer('ben')
    let benTab = await ben.open(room)
    await benTab.signIn()
    await beaTab.seeMembers(2)
    await benTab.seeMembers(2)
    await benTab.say('hello from Ben')
    await beaTab.seeMessage('hello from Ben')

    await benTab.panel.click(ui.roomMenu)
    await benTab.panel.waitFor(ui.clearRoom)
    await benTab.panel.waitFor(SWITCH, { gone: true })
    await benTab.panel.press(ui.clearRoom, 'Escape')
    await benTab.panel.fill(ui.composer, 'half a thought')
    await decide(beaTab.panel)
    await beaTab.panel.waitFor(NOTE)
    await benTab.panel.waitFor(BARRED)
    expect(await composer(benTab.panel)).toEqual({
      value: 'half a thought',
      disabled: 'true',
      readOnly: true,
    })
    await benTab.seeConnection({ state: 'barred', links: 0 })
    await benTab.screenshot('linked only, barred')
    await beaTab.screenshot('linked only, decided')
    await beaTab.seeMembers(1)
    await beaTab.say('among ourselves')
    await beaTab.seeMessage('among ourselves')
    expect((await benTab.messages()).map(({ text }) => text)).toEqual(['hello from Ben'])

    // Whoever comes anew is told by the Worker.
    await ben.reopen()
    benTab = await ben.open(room)
    await benTab.panel.waitFor(BARRED)
    await benTab.seeConnection({ state: 'barred', links: 0 })
    await linkFrom(benTab.panel, inChromium(ben), 'benlinnet')
    await benTab.panel.waitFor(BARRED, { gone: true })
    await benTab.seeMessage('among ourselves', 60_000)
    await benTab.panel.waitFor(NOTE)
    await benTab.say('thank you')
    await beaTab.seeMessage('thank you')
    await beaTab.seeMembers(2)

    await decide(beaTab.panel)
    for (const { panel } of [beaTab, benTab]) await panel.waitFor(NOTE, { gone: true })
  })

  test('lets a viewer in Firefox link from the panel, too', async ({ viewer, firefoxViewer }) => {
    const room = 'coppersparrow'
    const beaTab = await broadcaster(await viewer('bea'), room)
    await decide(beaTab.panel)
    await beaTab.panel.waitFor(NOTE)
    const fay = await firefoxViewer('fay')
    const fayTab = await fay.open(room)
    await fayTab.signIn()
    await fayTab.panel.waitFor(BARRED)
    await linkFrom(fayTab.panel, inFirefox(fay), 'fayfennec')
    await fayTab.panel.waitFor(BARRED, { gone: true })
    await fayTab.seeLinks(1, 60_000)
    await fayTab.say('hello from Firefox')
    await beaTab.seeMessage('hello from Firefox')
  })
})
