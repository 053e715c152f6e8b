import { join } from 'node:path'
import type { Page } from 'playwright-core'
import type { Chromium } from './stage/chromium.ts'
import { ui } from './stage/viewer.ts'

const byTestId = (id: string) => `[data-testid="${id}"]`
/** As wide as browsers show it. */
const POPUP = { width: 380, height: 560 }

/**
 * Takes the pictures of docs/GUIDE.md, of a viewer whose panel shows a conversation with two others. Resolves with the paths of
 * the files.
 *
 * @param dir where they go; @param calm waits until nothing on the page moves.
 */
export async function takeGuidePictures(
  { browser, page }: { browser: Chromium; page: Page },
  dir: string,
  calm: () => Promise<void>,
): Promise<string[]> {
  const taken: string[] = []
  const frame = await browser.panelFrame(page)
  const path = (name: string) => {
    taken.push(join(dir, `guide-${name}.png`))
    return `${join(dir, `guide-${name}`)}.png` as const
  }
  /** Of the panel alone. */
  const take = async (name: string) => {
    await calm()
    await (await frame.frameElement()).screenshot({ path: path(name) })
  }

  const line = frame.locator(`${ui.message} ${byTestId('person')}`).first()
  await line.click()
  await frame.waitForSelector(byTestId('card-mute'))
  await take('person')
  await page.keyboard.press('Escape')

  await frame.fill(ui.composer, '/')
  await frame.waitForSelector(byTestId('completions'))
  await take('commands')
  await frame.fill(ui.composer, '')

  await frame.press(ui.composer, 'Control+f')
  await frame.waitForSelector(byTestId('search-field'))
  await frame.fill(byTestId('search-field'), 'filter')
  await frame.waitForSelector(byTestId('search-result'))
  await take('search')
  await page.keyboard.press('Escape')

  await page.click('[data-a-target="player-theatre-mode-button"]')
  await calm()
  await page.screenshot({ path: path('theatre') })
  await page.click('[data-a-target="player-theatre-mode-button"]')

  const popup = await browser.openPopup()
  await popup.setViewportSize(POPUP)
  await popup.click(byTestId('open-privacy'))
  await popup.waitForSelector(ui.choiceRelay)
  await popup.screenshot({ path: path('privacy') })
  await popup.close()
  return taken
}
