import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { describe, expect, inject } from 'vitest'
import { until } from '../../scripts/stage/until.ts'
import { test } from './stage.ts'

const CHOOSE = '[data-testid="choose-picture"]'
const FILE = '[data-testid="picture-file"]'
const USE = '[data-testid="use-picture"]'
const STATUS = '[data-testid="picture-status"]'
const PROBLEM = '[data-testid="picture-problem"]'
const OWN = '[data-testid="own-picture"] img.shown'

/** A PNG of one colour in its upper half and another in the lower; `side` pixels squared. */
function png(side: number, upper: readonly number[], lower: readonly number[]): Buffer {
  const rows = Buffer.alloc(side * (1 + side * 3))
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) rows.set(y < side / 2 ? upper : lower, y * (1 + side * 3) + 1 + x * 3)
  const header = Buffer.alloc(13)
  header.writeUInt32BE(side, 0)
  header.writeUInt32BE(side, 4)
  header.set([8, 2], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10])
  return Buffer.concat([
    signature,
    ...[
      ['IHDR', header],
      ['IDAT', deflateSync(rows)],
      ['IEND', Buffer.alloc(0)],
    ].map(([name, data]) => chunk(String(name), Buffer.from(data ?? []))),
  ])
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name), data])
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(data.length, 0)
  frame.writeUInt32BE(crc32(body), 4)
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
}

function crc32(bytes: Buffer): number {
  let crc = ~0
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1))
  }
  return ~crc >>> 0
}

const RED = [255, 0, 0]
const BLUE = [0, 0, 255]

describe('a profile picture', () => {
  test('is chosen in the popup, seen by others beside the name, and removed', async ({ viewer }) => {
    const ann = await viewer('ann')
    const annTab = await ann.open('shroud')
    await annTab.signIn()
    const ben = await viewer('ben')
    const benTab = await ben.open('shroud')
    await benTab.signIn()
    await benTab.seeMembers(2)
    await annTab.say('hello')
    await benTab.seeMessage('hello')

    const popup = await ann.browser.openPopup()
    const refused: string[] = []
    popup.on('console', (message) => {
      if (/Content Security Policy|CORS/.test(message.text())) refused.push(message.text())
    })
    await popup.goto(`${popup.url()}#picture`)
    await popup.reload()
    await popup.waitForSelector(CHOOSE)
    await popup.setInputFiles(FILE, {
      name: 'me.png',
      mimeType: 'image/png',
      buffer: Buffer.from('no picture'),
    })
    await popup.waitForSelector(PROBLEM)
    await popup.setInputFiles(FILE, { name: 'me.png', mimeType: 'image/png', buffer: png(600, RED, BLUE) })
    await popup.waitForSelector(USE)
    await popup.keyboard.press('+')
    await popup.click(USE)
    await until(async () => (await popup.textContent(STATUS))?.startsWith('This is your picture'), {
      what: 'the upload to be done',
    })
    await popup.waitForSelector(OWN)
    const url = (await popup.getAttribute(OWN, 'src')) ?? ''
    expect(url.startsWith(inject('workerOrigin'))).toBe(true)

    const file = await fetch(url)
    expect(file.headers.get('content-type')).toBe('image/webp')
    expect((await file.bytes()).length).toBeLessThan(50_001)
    expect(await fetch(url, { headers: { 'If-None-Match': file.headers.get('etag') ?? '' } })).toMatchObject({
      status: 304,
    })
    const colours = await popup.evaluate(async (src) => {
      const bitmap = await createImageBitmap(await (await fetch(src)).blob())
      const context = new OffscreenCanvas(256, 256).getContext('2d')
      context?.drawImage(bitmap, 0, 0)
      const at = (y: number) =>
        [...(context?.getImageData(128, y, 1, 1).data ?? [])].map((one) => Math.round(one / 64))
      return [bitmap.width, bitmap.height, at(20), at(236)]
    }, url)
    expect(colours).toEqual([256, 256, [4, 0, 0, 4], [0, 0, 4, 4]])

    // Ben's panel, by the picture that Ann's new passport names, beside what she had said before.
    for (const tab of [annTab, benTab]) {
      const shows = () =>
        tab.panel.evaluate(
          (src) =>
            [...document.querySelectorAll<HTMLImageElement>('.line img.shown')].some(
              (face) => face.src === src,
            ),
          url,
        )
      await until(shows, { what: 'the picture in the panel' })
    }

    await popup.click('[data-testid="remove-picture"]')
    await popup.click('[data-testid="confirm-remove-picture"]')
    const isGone = () =>
      benTab.panel.evaluate(() => document.querySelectorAll('.line img').length === 0, null)
    await until(isGone, { what: 'the picture to be gone from the panel' })
    expect((await fetch(url)).status).toBe(404)
    expect(refused).toEqual([])
  })

  test('is taken of Firefox’s, too', async ({ firefoxViewer }) => {
    const fay = await firefoxViewer('fay')
    const tab = await fay.open('shroud')
    await tab.signIn()
    const popup = await fay.browser.openPopup()
    await popup.evaluate(() => {
      location.hash = '#picture'
      location.reload()
    })
    const path = join(inject('runDir'), 'me.png')
    await writeFile(path, png(600, RED, BLUE))
    const has = (selector: string) =>
      popup.evaluate((wanted) => document.querySelector(wanted) !== null, selector)
    await until(() => has(FILE), { what: 'the section' })
    await (await popup.$('input[type="file"]'))?.uploadFile(path)
    await until(() => has(USE), { what: 'the cropper' })
    await popup.click(USE)
    await until(() => has(OWN), { what: 'the picture' })
    const shows = () =>
      tab.panel.evaluate(() => document.querySelector('[data-testid="member"] img') !== null, null)
    await until(shows, { what: 'the picture in the panel' })
  })
})
