import { describe, expect } from 'vitest'
import { type ChromiumTab, test, ui } from './stage.ts'
import { agree, inChromium, LOGIN, openSection, seeWords } from './twitch-linking.ts'

const SILENCED = '[data-testid="silenced"]'
const NOTICE = '[data-testid="notice"][data-kind="act"]'

const textsOf = async (tab: ChromiumTab) => (await tab.messages()).map(({ text }) => text)
const noticesIn = ({ panel }: ChromiumTab) =>
  panel.evaluate(
    (selector) => [...document.querySelectorAll<HTMLElement>(selector)].map((one) => one.innerText),
    NOTICE,
  )

describe('a room that its broadcaster moderates', () => {
  test('has nothing left of who was banned, tells them, keeps them out, and shows others no control', async ({
    viewer,
  }) => {
    const room = 'mossyfinch'
    const bea = await viewer('bea')
    const beaTab = await bea.open(room)
    await beaTab.signIn()
    const popup = await openSection(inChromium(bea))
    await agree(inChromium(bea), popup, room)
    await seeWords(popup, LOGIN, room)
    await popup.close()
    const eve = await viewer('eve')
    let eveTab = await eve.open(room)
    await eveTab.signIn()
    const tom = await viewer('tom')
    const tomTab = await tom.open(room)
    await tomTab.signIn()
    for (const tab of [beaTab, eveTab, tomTab]) await tab.seeMembers(3)
    await eveTab.say('buy my coins')
    await tomTab.seeMessage('buy my coins')
    await beaTab.seeMessage('buy my coins')
    await tomTab.say('who is that?')
    await beaTab.seeMessage('who is that?')

    const eves = await beaTab.panel.evaluate(
      () => document.querySelector<HTMLElement>('[data-testid="message"]')?.dataset.author,
      null,
    )
    const person = `[data-testid="message"][data-author="${eves}"] [data-testid="person"]`

    // Tom sees no control, neither on a card nor in the menu.
    await tomTab.panel.click(person)
    await tomTab.panel.waitFor('[data-testid="card-mute"]')
    await tomTab.panel.waitFor('[data-testid="card-ban"]', { gone: true })
    await tomTab.panel.press('[data-testid="card-mute"]', 'Escape')
    await tomTab.panel.waitFor('[data-testid="moderation-menu"]', { gone: true })

    await eveTab.panel.fill(ui.composer, 'half a thought')
    await beaTab.panel.click(person)
    await beaTab.panel.waitFor('[data-testid="card-ban"]')
    await beaTab.screenshot('moderation, card')
    await beaTab.panel.click('[data-testid="card-ban"]')
    await tomTab.panel.waitFor(NOTICE)
    for (const tab of [beaTab, tomTab]) {
      await tab.panel.until(
        (selector) => document.querySelectorAll(selector).length === 1,
        '[data-testid="message"]',
        { what: 'one message' },
      )
      expect(await textsOf(tab)).toEqual(['who is that?'])
      expect((await noticesIn(tab)).join()).toContain('was banned by')
    }
    await eveTab.panel.waitFor(SILENCED)
    await eveTab.seeConnection({ state: 'banned', links: 0 })
    const field = await eveTab.panel.evaluate(
      (selector) => document.querySelector<HTMLTextAreaElement>(selector)?.value,
      ui.composer,
    )
    expect(field).toBe('half a thought')
    await eveTab.screenshot('moderation, banned')
    await tomTab.screenshot('moderation, seen by a third')

    // Whoever is banned cannot come back.
    await eve.reopen()
    eveTab = await eve.open(room)
    await eveTab.panel.waitFor(SILENCED)
    await eveTab.seeConnection({ state: 'banned', links: 0 })
    await beaTab.seeMembers(2)

    // The log says who, what and when, and can undo it.
    await beaTab.panel.click(ui.roomMenu)
    await beaTab.panel.waitFor('[data-testid="moderation-menu"]')
    await beaTab.screenshot('moderation, menu')
    await beaTab.panel.click('[data-testid="open-moderation-log"]')
    await beaTab.panel.waitFor('[data-testid="act"][data-act="ban"]')
    await beaTab.screenshot('moderation, log')
    await beaTab.panel.click('[data-testid="undo-act"]')
    await beaTab.panel.waitFor('[data-testid="act"][data-act="unban"]')
  })
})
