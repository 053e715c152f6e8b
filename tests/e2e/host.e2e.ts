import { describe, expect } from 'vitest'
import { chromiumBuild } from './builds.ts'
import { readBackwards } from './reading.ts'
import { pair, test, ui } from './stage.ts'

const LINES = 1_000
const lines = Array.from({ length: LINES }, (_, index) => `line ${index + 1}`)

describe('the room host', () => {
  test('carries 1,000 messages while the service worker cannot start, and pages back through them later', {
    timeout: 240_000,
  }, async ({ viewer }) => {
    const { ann, ben, annTab, benTab } = await pair(viewer, 'shroud', {
      extensionDir: await chromiumBuild('unpaced'),
    })

    const annHold = await ann.browser.holdServiceWorker()
    const benHold = await ben.browser.holdServiceWorker()
    // Opening DevTools' own tab hid theirs, and hidden pages draw no frames.
    await annTab.page.bringToFront()
    await benTab.page.bringToFront()
    // Typed into the composer like a viewer would, only faster.
    await annTab.panel.evaluate(
      async ({ composer, unsaid, lines }) => {
        const input = document.querySelector<HTMLTextAreaElement>(composer)
        if (!input) throw new Error('no composer')
        for (let line = 1; line <= lines; line++) {
          input.value = `line ${line}`
          input.dispatchEvent(new InputEvent('input', { bubbles: true }))
          await new Promise(requestAnimationFrame)
          input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }))
          await new Promise(requestAnimationFrame)
          // Nobody may have more than some hundred waiting for the disk; of those only the newest are drawn.
          while (document.querySelectorAll(unsaid).length > 10) await new Promise(requestAnimationFrame)
        }
      },
      { composer: ui.composer, unsaid: `${ui.message}:not([data-status=said])`, lines: LINES },
    )
    await benTab.seeMessage(`line ${LINES}`, 60_000)
    expect((await benTab.messages()).map(({ text }) => text)).toEqual(lines)
    expect([annHold.starts, benHold.starts]).toEqual([0, 0])
    await annHold.release()
    await benHold.release()

    // Days later, so to speak, and with nobody there to ask.
    await ann.close()
    await ben.reopen()
    const later = await ben.open('shroud')
    await later.seeMessage(`line ${LINES}`)
    const { texts, pages, jumps } = await readBackwards(later.panel, lines[0] ?? '')
    expect(texts).toEqual(lines)
    expect(pages).toBeGreaterThan(1)
    expect(jumps).toEqual([])
  })

  test('is back in the room within seconds after it was killed', async ({ viewer }) => {
    const { ann, annTab, benTab } = await pair(viewer, 'shroud')

    const worker = await ann.browser.serviceWorker()
    await worker.evaluate(() => chrome.offscreen.closeDocument())
    await annTab.panel.until(
      (selector) => document.querySelector<HTMLElement>(selector)?.dataset.links === '0',
      ui.connection,
      { what: 'the loss of the host' },
    )
    await annTab.seeLinks(1, 10_000)
    await annTab.seeMembers(2, 10_000)
    await annTab.say('alive again')
    await benTab.seeMessage('alive again')
    await benTab.say('welcome back')
    await annTab.seeMessage('welcome back')
  })
})
