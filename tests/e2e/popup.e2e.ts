import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { outbox, test, ui } from './stage.ts'

/** Every section of a member's popup. */
const SECTIONS = [
  ...['name', 'picture', 'twitch', 'devices', 'privacy'],
  ...['people', 'history', 'appearance', 'notifications', 'shortcuts', 'account', 'about'],
]

const focused = (page: Page) =>
  page.evaluate(() => document.activeElement?.getAttribute('data-testid') ?? document.activeElement?.tagName)

/** Goes on by Tab until the focus is there. */
async function tabTo(page: Page, testId: string): Promise<void> {
  for (let step = 0; step < 40; step += 1) {
    if ((await focused(page)) === testId) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab does not lead to ${testId}`)
}

/** Puts `text` into the clipboard, as from a mail in another tab, and pastes it where the focus is. */
async function paste(page: Page, text: string): Promise<void> {
  await page.evaluate((text) => {
    const back = document.activeElement
    const mail = document.body.appendChild(document.createElement('textarea'))
    mail.value = text
    mail.select()
    document.execCommand('copy')
    mail.remove()
    if (back instanceof HTMLElement) back.focus()
  }, text)
  await page.keyboard.press('ControlOrMeta+V')
}

describe('signing in by the popup', () => {
  test('survives the popup closing while the code is fetched, and joins the open channel', async ({
    viewer,
  }) => {
    const ann = await viewer('ann')
    const tab = await ann.open('shroud')
    await tab.panel.waitFor(ui.email)

    const after = Date.now() - 1
    const popup = await ann.browser.openPopup()
    await popup.fill(ui.email, ann.email)
    await popup.click(ui.sendCode)
    await popup.waitForSelector(ui.code)
    await popup.close()

    const again = await ann.browser.openPopup()
    await again.fill(ui.code, await outbox.waitForCode(ann.email, { after }))
    const name = await again.textContent('[data-testid="me"]')
    expect(name).toMatch(/^[A-Z][A-Za-z]+\d{2,3}$/)
    await again.close()

    await tab.seeMembers(1)
    await tab.say('signed in elsewhere')
    expect((await tab.seeMessage('signed in elsewhere')).author).toBe(name)
  })

  test('survives the browser closing, too; then every section is reached by keyboard alone', async ({
    viewer,
  }) => {
    const ann = await viewer('ann')
    const after = Date.now() - 1
    const popup = await ann.browser.openPopup()
    await tabTo(popup, 'open-privacy')
    await popup.focus(ui.email)
    await popup.keyboard.type(ann.email)
    await popup.keyboard.press('Enter')
    await popup.waitForSelector(ui.code)
    await popup.close()
    await ann.reopen()

    const again = await ann.browser.openPopup()
    await again.waitForSelector(ui.code)
    const code = await outbox.waitForCode(ann.email, { after })
    await again.focus(ui.code)
    await paste(again, `${code.slice(0, 3)} ${code.slice(3)}\n`)
    await again.waitForSelector('[data-testid="me"]')

    for (const section of SECTIONS) {
      await tabTo(again, `open-${section}`)
      await again.keyboard.press('Enter')
      await again.waitForSelector(`[data-testid="section-${section}"]:focus-within h2`)
      // Back by the button and by Escape, in turn; the focus is where it was.
      if (SECTIONS.indexOf(section) % 2 === 0) await again.keyboard.press('Escape')
      else {
        await again.keyboard.press('Shift+Tab')
        expect(await focused(again)).toBe('back')
        await again.keyboard.press('Enter')
      }
      await again.waitForSelector(`[data-testid="open-${section}"]:focus`)
    }
    // What somebody chose holds when they come back, on other pages too.
    await again.keyboard.press('Shift+Tab')
    await tabTo(again, 'open-appearance')
    await again.keyboard.press('Enter')
    await tabTo(again, 'theme-auto')
    await again.keyboard.press('ArrowRight')
    await again.keyboard.press('ArrowRight')
    await again.waitForSelector(':root[data-theme="light"]')
    await again.close()
    const tab = await ann.open('shroud')
    const frame = await ann.browser.panelFrame(tab.page)
    await frame.waitForSelector(':root[data-theme="light"]')
  })

  test('a wrong code is refused in words, and signing out leaves the room', async ({ viewer }) => {
    const ann = await viewer('ann')
    const tab = await ann.open('shroud')
    await tab.panel.fill(ui.email, ann.email)
    await tab.panel.click(ui.sendCode)
    const code = await outbox.waitForCode(ann.email)
    await tab.panel.fill(ui.code, code === '000000' ? '000001' : '000000')
    await tab.panel.waitFor('[data-testid="problem"]')
    await tab.panel.fill(ui.code, code)
    await tab.seeMembers(1)

    const popup = await ann.browser.openPopup()
    await popup.click('[data-testid="sign-out"]')
    await popup.click('[data-testid="confirm-sign-out"]')
    await popup.waitForSelector(ui.email)
    await tab.panel.waitFor(ui.email)
  })
})

describe('the welcome page', () => {
  test('tests the microphone when asked to, and lets go of it', async ({ viewer }) => {
    const ann = await viewer('ann', {
      args: ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
    })
    const page = await ann.browser.context.newPage()
    await page.addInitScript(() => {
      const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
      navigator.mediaDevices.getUserMedia = async (wanted) => {
        const stream = await open(wanted)
        Object.assign(window, { tracks: stream.getTracks() })
        return stream
      }
    })
    const tracks = () =>
      page.evaluate(
        () => 'tracks' in window && (window.tracks as MediaStreamTrack[]).map((one) => one.readyState),
      )
    await page.goto(`chrome-extension://${ann.browser.extensionId}/welcome.html`)
    await page.waitForSelector('[data-testid="choice-relay"]:checked')
    expect(await tracks()).toBe(false)
    await page.click('[data-testid="microphone-button"]')
    await page.waitForSelector('text=It hears you.')
    expect(await tracks()).toEqual(['live'])
    await page.click('[data-testid="microphone-button"]')
    await page.waitForSelector('[data-testid="microphone-level"]', { state: 'detached' })
    expect(await tracks()).toEqual(['ended'])
  })
})
