import { readFile } from 'node:fs/promises'
import { describe, expect } from 'vitest'
import { until } from '../../scripts/stage/until.ts'
import { alteredBuild } from './altered-build.ts'
import { test, ui } from './stage.ts'

const byTestId = (id: string) => `[data-testid="${id}"]`

/** A page of the extension, in either browser: what a test asks of the browser is asked there. */
interface OwnPage {
  evaluate<R>(ask: () => R): Promise<R>
}

/** What the icon counts, and the ids of the notifications that show now or showed since `watchNotes`. */
const calls = (page: OwnPage) =>
  page.evaluate(async () => {
    const api: typeof chrome = 'browser' in globalThis ? Reflect.get(globalThis, 'browser') : chrome
    const badge = await (api.action ?? api.browserAction).getBadgeText({})
    const closed: string[] = Reflect.get(globalThis, 'closedNotes') ?? []
    return { badge, notes: [...new Set([...closed, ...Object.keys(await api.notifications.getAll())])] }
  })
/** A browser without a desktop may close each notification as soon as it shows. */
const watchNotes = (page: OwnPage) =>
  page.evaluate(() => {
    const api: typeof chrome = 'browser' in globalThis ? Reflect.get(globalThis, 'browser') : chrome
    const closed: string[] = []
    Reflect.set(globalThis, 'closedNotes', closed)
    api.notifications.onClosed.addListener((id) => void closed.push(id))
  })
const kept = (page: OwnPage) =>
  page.evaluate(async () => {
    const api: typeof chrome = 'browser' in globalThis ? Reflect.get(globalThis, 'browser') : chrome
    const { appearance }: { appearance?: Record<string, unknown> } = await api.storage.sync.get('appearance')
    return appearance
  })
/** Names of what the database keeps. */
const rows = (page: OwnPage) =>
  page.evaluate(
    () =>
      new Promise<string[]>((done, failed) => {
        const opening = indexedDB.open('sidestream')
        opening.onerror = failed
        opening.onsuccess = () => {
          const asked = opening.result.transaction('values').objectStore('values').getAllKeys()
          asked.onsuccess = () => {
            opening.result.close()
            done(asked.result.map(String))
          }
        }
      }),
  )

describe('a viewer who looks elsewhere', () => {
  test('is called in either browser, and finds settings, words and drafts again', async ({
    viewer,
    firefoxViewer,
  }) => {
    const ann = await viewer('ann', { extensionDir: await alteredBuild() })
    // The popup speaks the browser's language without being told.
    const popup = await ann.browser.openPopup()
    await popup.waitForSelector(':root[lang="en-US"][dir="rtl"]')
    expect(await popup.textContent(byTestId('open-appearance'))).toContain('‹Appearance›')
    await popup.click(byTestId('open-notifications'))
    await popup.click(byTestId('notify'))
    await popup.waitForSelector(byTestId('preview'))
    await popup.click(byTestId('back'))

    const tab = await ann.open('lumenfox')
    await tab.signIn()
    const frame = await ann.browser.panelFrame(tab.page)
    await frame.waitForSelector(':root[dir="rtl"]')
    // One who prefers English gets it, here and there.
    await popup.bringToFront()
    await popup.click(byTestId('open-appearance'))
    await popup.check(byTestId('language-en'))
    await popup.waitForSelector(':root[lang="en"][dir="ltr"]')
    await (await ann.browser.panelFrame(tab.page)).waitForSelector(':root[lang="en"]')
    expect((await kept(popup))?.language).toBe('en')

    const ben = await firefoxViewer('ben', { prefs: { 'extensions.webextOptionalPermissionPrompts': false } })
    const benTab = await ben.open('lumenfox')
    await benTab.signIn()
    const names = { ann: await nameIn(tab.panel), ben: await nameIn(benTab.panel) }
    await tab.seeLinks(1)

    await tab.panel.press(ui.collapse, 'Enter')
    await watchNotes(popup)
    await benTab.say(`@${names.ann} come and see`)
    await until(async () => (await calls(popup)).badge === '1', { what: 'the count on the icon' })
    await until(async () => (await calls(popup)).notes.length === 1, { what: 'the notification' })

    // A shortcut opens the panel where one can write at once, and what called is seen.
    const worker = await ann.browser.serviceWorker()
    await worker.evaluate(async () => {
      const { onCommand } = chrome.commands
      if (!('dispatch' in onCommand && typeof onCommand.dispatch === 'function'))
        throw new Error('no shortcut can be pressed here')
      // Whose tab is Twitch's the extension may not ask; in others nothing happens.
      for (const one of await chrome.tabs.query({})) onCommand.dispatch('focus-composer', one)
    })
    await tab.panel.waitFor(`${ui.composer}:focus`)
    await until(async () => (await calls(popup)).badge === '', { what: 'the count to go' })

    const benPopup = await ben.browser.openPopup()
    await benPopup.locator(byTestId('open-notifications')).click()
    await benPopup.locator(byTestId('notify')).click()
    await benPopup.waitForSelector(byTestId('preview'))
    await watchNotes(benPopup)
    await tab.say(`@${names.ben} I am here`)
    await until(async () => (await calls(benPopup)).badge === '1', { what: 'the count in Firefox' })
    await until(async () => (await calls(benPopup)).notes.length === 1, {
      what: 'the notification in Firefox',
    })
    await benPopup.locator(byTestId('back')).click()
    await benPopup.locator(byTestId('open-shortcuts')).click()
    await benPopup.waitForSelector(byTestId('shortcut'))
    expect(await benPopup.$$eval(byTestId('shortcut'), (all) => all.map((one) => one.textContent))).toEqual([
      expect.stringContaining('Shift+'),
      expect.stringContaining('Shift+'),
    ])
    await benPopup.locator(byTestId('back')).click()
    await benPopup.locator(byTestId('open-appearance')).click()
    await benPopup.locator(byTestId('theme-light')).click()
    await until(async () => (await kept(benPopup))?.theme === 'light', { what: 'the theme in storage.sync' })

    await popup.click(byTestId('back'))
    await popup.click(byTestId('open-history'))
    const downloading = popup.waitForEvent('download')
    await popup.click(ui.exportHistory)
    const file = await readFile(await (await downloading).path(), 'utf8')
    expect(file).toContain('come and see')

    await tab.panel.fill(ui.composer, 'half a sentence')
    const isKept = async () => (await rows(popup)).some((name) => name.startsWith('drafts '))
    await until(isKept, { what: 'the draft on disk' })
    await ann.reopen()
    const again = await ann.open('lumenfox')
    await again.panel.until(
      (selector) => document.querySelector<HTMLTextAreaElement>(selector)?.value === 'half a sentence',
      ui.composer,
      { what: 'the draft' },
    )
  })
})

/** What the viewer is called, as their own panel says. */
const nameIn = (panel: { evaluate<R, A>(ask: (argument: A) => R, argument: A): Promise<R> }) =>
  panel.evaluate((selector) => document.querySelector(selector)?.textContent ?? '', byTestId('me'))
