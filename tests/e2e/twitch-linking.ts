import { expect, inject } from 'vitest'
import { until } from '../../scripts/stage/until.ts'
import type { ChromiumViewer, FirefoxViewer } from './stage.ts'

export const SECTION = '[data-testid="twitch"]'
export const LINK = '[data-testid="twitch-link"]'
export const LOGIN = '[data-testid="twitch-login"]'
export const SHOW = '[data-testid="twitch-show"]'
export const STATUS = '[data-testid="twitch-status"]'
export const PROBLEM = '[data-testid="twitch-problem"]'

/** What Playwright's page and Puppeteer's have in common, as far as it is needed here. */
export interface Page {
  evaluate(ask: typeof wordsIn, selector: string): Promise<string | undefined>
  click(selector: string): Promise<void>
  type(selector: string, text: string): Promise<void>
  close(): Promise<void>
}

type TwitchPage = Page & { url(): string }

/** Somebody whose browser may open a window in which Twitch asks. */
export interface Linker {
  openPopup(): Promise<Page>
  pages(): Promise<readonly TwitchPage[]>
}

export const inChromium = ({ browser }: ChromiumViewer): Linker => ({
  openPopup: () => browser.openPopup(),
  pages: async () => browser.context.pages(),
})
export const inFirefox = ({ browser }: FirefoxViewer): Linker => ({
  openPopup: () => browser.openPopup(),
  pages: () => browser.browser.pages(),
})

/** Runs in a page: what is written in an element; `undefined` where it is not there. */
export function wordsIn(selector: string): string | undefined {
  return document.querySelector<HTMLElement>(selector)?.innerText
}

export const see = (page: Page, selector: string) =>
  until(async () => (await page.evaluate(wordsIn, selector)) !== undefined, { what: selector })

export const seeWords = (page: Page, selector: string, words: string) =>
  until(async () => (await page.evaluate(wordsIn, selector))?.includes(words), {
    what: `"${words}" in ${selector}`,
  })

export async function press(page: Page, selector: string): Promise<void> {
  await see(page, selector)
  await page.click(selector)
}

export async function openSection(viewer: Linker): Promise<Page> {
  const popup = await viewer.openPopup()
  await press(popup, '[data-testid="open-twitch"]')
  await see(popup, SECTION)
  return popup
}

/** Presses the button and returns the browser's window in which Twitch asks. */
export async function ask(viewer: Linker, popup: Page): Promise<TwitchPage> {
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
export const answer = (twitch: Page, value: 'yes' | 'no') =>
  twitch.click(`button[value="${value}"]`).catch(() => undefined)

/** Says yes as `login`, from a page that shows the section. Resolves when Twitch's window has closed. */
export async function agree(viewer: Linker, popup: Page, login: string): Promise<void> {
  const twitch = await ask(viewer, popup)
  await twitch.type('input[name="login"]', login)
  await answer(twitch, 'yes')
  await until(async () => !(await viewer.pages()).includes(twitch), { what: 'Twitch’s window to close' })
}
