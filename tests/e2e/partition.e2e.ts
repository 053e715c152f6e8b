import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect } from 'vitest'
import { SAY_PACE } from '../../protocol/limits'
import { seeAgreement } from './agreement.ts'
import { type ChromiumTab, test, ui } from './stage.ts'

const room = 'pixelharbor'

/** How long ann is cut off, ms. */
const AWAY_MS = 120_000

/** What one viewer may say at once. */
const AT_ONCE = SAY_PACE.messages

const shows = (tab: ChromiumTab, selector: string) =>
  tab.panel.evaluate((selector) => document.querySelector(selector) !== null, selector)

describe('a viewer whose network goes', () => {
  test('misses nothing and loses nothing, is told, and is back without a reload', {
    timeout: 300_000,
  }, async ({ viewer, network }) => {
    const line = await network()
    const ann = await viewer('ann', { network: line })
    const ben = await viewer('ben')
    const cleo = await viewer('cleo')
    const [annTab, benTab, cleoTab] = [await ann.open(room), await ben.open(room), await cleo.open(room)]
    const tabs = [annTab, benTab, cleoTab]
    for (const tab of tabs) await tab.signIn()
    for (const tab of tabs) await tab.seeLinks(2)
    const texts: string[] = []
    const say = async (tab: ChromiumTab, text: string) => {
      texts.push(text)
      await tab.say(text)
    }
    await say(annTab, 'can you hear me?')
    await say(benTab, 'loud and clear')
    await seeAgreement(tabs, texts)

    // Packets vanish; nobody is told, so this one still seems to be on its way.
    line.cut()
    const away = performance.now()
    await say(annTab, 'into the void')
    await annTab.seeConnection({ links: 0, server: false }, 60_000)
    const waiting = ['is anybody there?', 'I shall wait']
    for (const text of waiting) {
      await say(annTab, text)
      await annTab.seeStatus(text, 'network')
    }

    // Meanwhile ben's disk fills up, and cleo says more than anybody may at once: the rest waits its turn and is not refused.
    const lift = await ben.browser.limitStorage()
    await benTab.page.bringToFront()
    const burst = Array.from({ length: AT_ONCE + 5 }, (_, index) => `cleo's line ${index + 1}`)
    for (const text of burst) await say(cleoTab, text)
    await benTab.seeMessage(`cleo's line ${AT_ONCE}`)
    await cleoTab.seeStatus(`cleo's line ${AT_ONCE + 1}`, 'pace')
    expect((await benTab.messages()).map(({ text }) => text)).not.toContain(`cleo's line ${AT_ONCE + 1}`)
    await benTab.seeMessage(`cleo's line ${AT_ONCE + 5}`, 45_000)
    // The browser looks at its quota only now and then.
    for (let line = 1; !(await shows(benTab, ui.historyNote)); line++) {
      if (line > 30) throw new Error('ben was not told of the full disk')
      await say(cleoTab, `cleo asks ben ${line}`)
      await benTab.seeMessage(`cleo asks ben ${line}`)
      await pause(2_000)
    }
    // He hears everything, but what he says could be said twice or never.
    await say(benTab, 'where is ann?')
    await benTab.seeStatus('where is ann?', 'refused')
    await lift()
    await benTab.panel.waitFor(ui.historyNote, { gone: true, timeout: 15_000 })
    await benTab.panel.click('[data-testid="retry"]')
    await cleoTab.seeMessage('where is ann?')
    expect((await annTab.messages()).map(({ text }) => text)).not.toContain('where is ann?')
    await seeAgreement(
      [benTab, cleoTab],
      texts.filter((text) => !['into the void', ...waiting].includes(text)),
    )

    await pause(Math.max(0, away + AWAY_MS - performance.now()))
    line.mend()
    await annTab.seeLinks(2, 30_000)
    await seeAgreement(tabs, texts)

    // The plug is pulled: this time the browser knows.
    line.unplug()
    await annTab.seeConnection({ state: 'offline' }, 10_000)
    await say(annTab, 'gone again')
    await annTab.seeStatus('gone again', 'network')
    line.mend()
    await annTab.seeLinks(2, 30_000)
    await seeAgreement(tabs, texts)
  })
})
