import { join } from 'node:path'
import { describe, expect, inject } from 'vitest'
import { operate } from '../../scripts/operator.ts'
import { adminKeyIn } from '../../scripts/stage/secrets.ts'
import { type ChromiumTab, type ChromiumViewer, test, ui } from './stage.ts'
import { agree, inChromium, LOGIN, openSection, press, SHOW, seeWords } from './twitch-linking.ts'

const byTestId = (id: string) => `[data-testid="${id}"]`
/** Wide enough for the panel to be a column of its own. */
const viewport = { width: 1600, height: 900 }

/** Presses the flag at Eve's line, and says why. */
async function reportEve(
  { browser }: ChromiumViewer,
  { page, panel, screenshot }: ChromiumTab,
  words: string,
  label: string,
): Promise<string> {
  const frame = await browser.panelFrame(page)
  await frame.locator(`${ui.message}:has-text("buy my coins")`).hover()
  await frame.click(byTestId('report-line'))
  await panel.waitFor(byTestId('report-form'))
  await panel.click(byTestId('report-spam'))
  await panel.fill(byTestId('report-words'), words)
  await screenshot(`report, form, ${label}`)
  await panel.click(byTestId('report-send'))
  await panel.waitFor(byTestId('report-told'))
  await screenshot(`report, told, ${label}`)
  const told = await panel.evaluate(
    (selector) => document.querySelector<HTMLElement>(selector)?.innerText ?? '',
    byTestId('report-told'),
  )
  await panel.click(byTestId('report-close'))
  await panel.waitFor(byTestId('report-form'), { gone: true })
  return told
}

describe('a report', () => {
  test('reaches the moderator who is there, and nobody else; without one, the operator', async ({
    viewer,
  }) => {
    const room = 'quietheron'
    const bea = await viewer('bea', { viewport })
    const beaTab = await bea.open(room)
    await beaTab.signIn()
    const popup = await openSection(inChromium(bea))
    await agree(inChromium(bea), popup, room)
    await seeWords(popup, LOGIN, room)
    // Nobody can seal anything to a moderator of whom nobody knows.
    await press(popup, SHOW)
    await popup.close()
    const eve = await viewer('eve')
    const eveTab = await eve.open(room)
    await eveTab.signIn()
    const tom = await viewer('tom', { viewport })
    const tomTab = await tom.open(room)
    await tomTab.signIn()
    for (const tab of [beaTab, eveTab, tomTab]) await tab.seeMembers(3)
    await eveTab.say('buy my coins')
    await tomTab.seeMessage('buy my coins')
    await beaTab.seeMessage('buy my coins')
    await beaTab.say('not here, please')
    await tomTab.panel.waitFor('[data-testid="badge"][data-role="broadcaster"]', { timeout: 30_000 })

    expect(await reportEve(tom, tomTab, 'every evening', 'moderator')).toContain('moderators')
    await beaTab.panel.waitFor(byTestId('open-reports'))
    await beaTab.panel.click(byTestId('open-reports'))
    await beaTab.panel.waitFor(byTestId('report'))
    await beaTab.screenshot('report, list')
    const shown = await beaTab.panel.evaluate(
      (selector) => document.querySelector<HTMLElement>(selector)?.innerText ?? '',
      byTestId('report'),
    )
    expect(shown).toContain('every evening')
    expect(shown).toContain('buy my coins')
    await eveTab.panel.waitFor(byTestId('open-reports'), { gone: true })
    await beaTab.panel.click(byTestId('dismiss-report'))
    await beaTab.panel.waitFor(byTestId('report'), { gone: true })
    await beaTab.panel.waitFor(byTestId('open-reports'), { gone: true })

    await bea.close()
    await tomTab.seeMembers(2, 60_000)
    expect(await reportEve(tom, tomTab, 'nobody is here', 'operator')).toContain('whoever runs this')
    const key = await adminKeyIn(join(inject('runDir'), 'worker'))
    const door = {
      origin: inject('workerOrigin'),
      key: key ?? '',
      fetch: (request: Request) => fetch(request),
    }
    const lines = (await operate(door, 'reports', '')).join('\n')
    expect(lines).toContain(`spam  twitch:${room}`)
    expect(lines).toContain('"nobody is here"')
    expect(lines).toContain('"buy my coins"')
    // What went to the moderator did not go here.
    expect(lines).not.toContain('every evening')
  })
})

describe('an empty room', () => {
  test('says who was here, gives a link, and its handle wakes when somebody comes', async ({ viewer }) => {
    const room = 'tidepool'
    const ann = await viewer('ann', { viewport })
    const annTab = await ann.open(room)
    await annTab.signIn()
    await annTab.panel.waitFor(byTestId('empty'))
    await annTab.screenshot('empty room, first')
    const ben = await viewer('ben')
    let benTab = await ben.open(room)
    await benTab.signIn()
    await annTab.seeMembers(2)
    await benTab.say('anybody here?')
    await annTab.seeMessage('anybody here?')
    await annTab.panel.waitFor(byTestId('empty'), { gone: true })
    await ben.close()
    await annTab.panel.waitFor(byTestId('last-here'), { timeout: 60_000 })
    await annTab.screenshot('empty room, deserted')
    await ann.browser.context.grantPermissions(['clipboard-read'])
    await annTab.panel.press(byTestId('invite'), 'Enter')
    expect(await annTab.page.evaluate(() => navigator.clipboard.readText())).toBe(
      `https://www.twitch.tv/${room}`,
    )
    await annTab.panel.press(ui.collapse, 'Enter')
    await ben.reopen()
    benTab = await ben.open(room)
    await annTab.panel.waitFor(byTestId('came-in'), { timeout: 60_000 })
    await annTab.screenshot('empty room, came in')
    await annTab.panel.press(ui.expand, 'Enter')
    await annTab.panel.waitFor(byTestId('came-in'), { gone: true })
  })
})
