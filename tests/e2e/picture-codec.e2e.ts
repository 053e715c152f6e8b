import { chromium } from 'playwright-core'
import { launch } from 'puppeteer-core'
import { describe, expect, test } from 'vitest'
import { findBrowser } from '../../scripts/stage/browsers.ts'
import { bundle } from './bundle.ts'
import type { Outcome } from './codec-page.ts'

const run = () => (Reflect.get(globalThis, 'readAll') as () => Promise<Record<string, Outcome>>)()

async function inChromium(script: string): Promise<Record<string, Outcome>> {
  const executablePath = findBrowser('chromium') ?? ''
  const browser = await chromium.launch({ executablePath, channel: 'chromium', chromiumSandbox: false })
  try {
    const page = await browser.newPage()
    await page.addScriptTag({ content: script })
    return await page.evaluate(run)
  } finally {
    await browser.close()
  }
}

async function inFirefox(script: string): Promise<Record<string, Outcome>> {
  const executablePath = findBrowser('firefox') ?? ''
  const browser = await launch({ browser: 'firefox', executablePath, headless: true })
  try {
    const page = await browser.newPage()
    await page.addScriptTag({ content: script })
    return await page.evaluate(run)
  } finally {
    await browser.close()
  }
}

const [RED, GREEN, BLUE, WHITE] = ['10 0 0 10', '0 10 0 10', '0 0 10 10', '10 10 10 10']
const NONE = '0 0 0 0'

describe.each([
  ['Chromium', inChromium],
  ['Firefox', inFirefox],
])('%s', (_, read) => {
  test('makes profile pictures of whatever it can decode, as the Worker wants them', async () => {
    const outcomes = await read(await bundle('tests/e2e/codec-page.ts'))
    const good = (from: string, ...corners: (string | undefined)[]) => ({ from, corners, refused: null })
    expect(outcomes).toMatchObject({
      png: good('100×100', RED, GREEN, BLUE, WHITE),
      webp: good('300×300', RED, GREEN, BLUE, WHITE),
      photograph: good('300×400', BLUE, RED, WHITE, GREEN),
      'large photograph': good('1536×2048', BLUE, RED, WHITE, GREEN),
      'upside down': good('300×400', WHITE, BLUE, GREEN, RED),
      transparent: good('300×300', '10 0 0 5', NONE, '10 0 0 5', NONE),
      animation: good('2×2', RED, RED, RED, RED),
      vector: good('512×1024', RED, RED, BLUE, BLUE),
      'one pixel': { refused: null },
      'vector without a size': { refused: null },
      noise: { refused: null },
      'transparent noise': { fault: 'picture_too_detailed' },
      'too many pixels': { fault: 'picture_too_many_pixels' },
      text: { fault: 'picture_file_unreadable' },
      nothing: { fault: 'picture_file_unreadable' },
    })
    for (const outcome of Object.values(outcomes))
      if ('bytes' in outcome) expect(outcome.bytes).toBeLessThanOrEqual(50_000)
  })
})
