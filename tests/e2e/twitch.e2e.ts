import { decodeJwt } from 'jose'
import { describe, expect, inject } from 'vitest'
import type { Passed } from '../../scripts/stage/socket-tap.ts'
import { until } from '../../scripts/stage/until.ts'
import { chromiumBuild } from './builds.ts'
import { readPassed } from './signals.ts'
import { type ChromiumViewer, type FirefoxViewer, test } from './stage.ts'

const SECTION = '[data-testid="twitch"]'
const LINK = '[data-testid="twitch-link"]'
const LOGIN = '[data-testid="twitch-login"]'
const SHOW = '[data-testid="twitch-show"]'
const STATUS = '[data-testid="twitch-status"]'
const PROBLEM = '[data-testid="twitch-problem"]'

/** What Playwright's page and Puppeteer's have in common, as far as it is needed here. */
interface Page {
  evaluate(ask: typeof wordsIn, selector: string): Promise<string | undefined>
  click(selector: string): Promise<void>
  type(selector: string, text: string): Promise<void>
  close(): Promise<void>
}

type TwitchPage = Page & { url(): string }

/** Somebody whose browser may open a window in which Twitch asks. */
interface Linker {
  openPopup(): Promise<Page>
  pages(): Promise<readonly TwitchPage[]>
}

const inChromium = ({ browser }: ChromiumViewer): Linker => ({
  openPopup: () => browser.openPopup(),
  pages: async () => browser.context.pages(),
})
const inFirefox = ({ browser }: FirefoxViewer): Linker => ({
  openPopup: () => browser.openPopup(),
  pages: () => browser.browser.pages(),
})

/** Runs in a page: what is written in an element; `undefined` where it is not there. */
function wordsIn(selector: string): string | undefined {
  return document.querySelector<HTMLElement>(selector)?.innerText
}

const see = (page: Page, selector: string) =>
  until(async () => (await page.evaluate(wordsIn, selector)) !== undefined, { what: selector })

const seeWords = (page: Page, selector: string, words: string) =>
  until(async () => (await page.evaluate(wordsIn, selector))?.includes(words), {
    what: `"${words}" in ${selector}`,
  })

async function press(page: Page, selector: string): Promise<void> {
  await see(page, selector)
  await page.click(selector)
}

async function openSection(viewer: Linker): Promise<Page> {
  const popup = await viewer.openPopup()
  await press(popup, '[data-testid="open-twitch"]')
  await see(popup, SECTION)
  return popup
}

/** Presses the button and returns the browser's window in which Twitch asks. */
async function ask(viewer: Linker, popup: Page): Promise<TwitchPage> {
  await press(popup, LINK)
  const address = `${inject('twitchIssuer')}/interaction/`
  const isTwitch = (page: TwitchPage) => page.url().startsWith(address)
  const twitch = await until(async () => (await viewer.pages()).find(isTwitch), { what: 'Twitch’s window' })
  await seeWords(popup, STATUS, 'Waiting for Twitch')
  expect(await popup.evaluate(wordsIn, PROBLEM)).toBeUndefined()
  await see(twitch, 'button')
  return twitch
}

/** Its window may be gone before the click is known to be done; what comes of it shows whether it was. */
const answer = (twitch: Page, value: 'yes' | 'no') =>
  twitch.click(`button[value="${value}"]`).catch(() => undefined)

/** Says no, then closes the window, then says yes while the popup is closed. Returns a popup that tells of the link. */
async function link(viewer: Linker, login: string): Promise<Page> {
  const popup = await openSection(viewer)
  const refusing = await ask(viewer, popup)
  await answer(refusing, 'no')
  await seeWords(popup, PROBLEM, 'Nothing was linked')
  const closing = await ask(viewer, popup)
  await closing.close()
  await seeWords(popup, PROBLEM, 'Nothing was linked')

  const agreeing = await ask(viewer, popup)
  await popup.close()
  await agreeing.type('input[name="login"]', login)
  await answer(agreeing, 'yes')
  await until(async () => !(await viewer.pages()).includes(agreeing), { what: 'Twitch’s window to close' })
  const again = await openSection(viewer)
  await seeWords(again, LOGIN, login)
  expect(await again.evaluate(wordsIn, `${SHOW}:checked`)).toBeUndefined()
  return again
}

async function unlink(popup: Page): Promise<void> {
  await press(popup, '[data-testid="twitch-unlink"]')
  await press(popup, '[data-testid="twitch-unlink-confirm"]')
  await seeWords(popup, STATUS, 'not linked any more')
  await see(popup, LINK)
}

/** What a browser heard of others' Twitch accounts from those who introduced themselves, each thing once. */
function accountsTold(passed: readonly Passed[]) {
  const heard = readPassed(passed).signals.filter(({ by }) => by === 'worker')
  const told = heard.map(({ signal }) => {
    const { linked, twitch } = decodeJwt(signal.passport)
    return JSON.stringify({ linked, twitch })
  })
  return [...new Set(told)].map((one): unknown => JSON.parse(one))
}

describe('a Twitch account', () => {
  test('is linked at Twitch, told to others only when that is chosen, and unlinked', async ({
    viewer,
    tap,
  }) => {
    const room = 'lanternhill'
    const ann = await viewer('ann')
    const annTab = await ann.open(room)
    await annTab.signIn()
    const popup = await link(inChromium(ann), 'lumenfox')

    // By another way than Ann's to the same Worker, which shows what she tells those who are introduced to her.
    const { passed } = await tap({ port: inject('ownPort') })
    const ben = await viewer('ben', { extensionDir: await chromiumBuild('own') })
    const meet = async () => {
      const before = passed.length
      const tab = await ben.open(room)
      if (before === 0) await tab.signIn()
      await tab.seeLinks(1)
      return accountsTold(passed.slice(before))
    }
    expect(await meet()).toEqual([{ linked: true }])
    await press(popup, SHOW)
    await seeWords(popup, STATUS, 'Others see your Twitch name now')
    await ben.reopen()
    expect(await meet()).toEqual([{ linked: true, twitch: 'lumenfox' }])
    await unlink(popup)
    await ben.reopen()
    expect(await meet()).toEqual([{}])
  })

  test('is linked in Firefox, too', async ({ firefoxViewer }) => {
    const fay = await firefoxViewer('fay')
    const tab = await fay.open('lanternhill')
    await tab.signIn()
    const popup = await link(inFirefox(fay), 'fennecfay')
    await press(popup, SHOW)
    await seeWords(popup, STATUS, 'Others see your Twitch name now')
    await unlink(popup)
  })
})
