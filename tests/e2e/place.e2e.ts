import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Bystander, heightOf, twitchs } from './bystander.ts'
import { compare } from './geometry.ts'
import { ui } from './stage.ts'

let viewer: Bystander
beforeAll(async () => {
  viewer = await Bystander.arrive()
})
afterAll(async () => viewer?.chromium.close())

interface Variant {
  name: string
  path?: string
  size?: readonly [number, number]
  zoom?: number
  /** What the viewer clicks first. */
  click?: string
  /** Looked at open alone: collapsed, it is like another one. */
  isAlike?: boolean
  /** No place is left that touches nothing: all that is promised is that the panel collapses. */
  isCramped?: boolean
}

const { theatre, fullscreen, toggle } = twitchs

const variants: Variant[] = [
  { name: 'a channel, 1600 px wide' },
  { name: '320 px wide', size: [320, 900] },
  { name: '320 px wide and low', size: [320, 560], isCramped: true },
  { name: '768 px wide', size: [768, 1024] },
  { name: '1280 px wide', size: [1280, 720] },
  { name: '1920 px wide', size: [1920, 1080], isAlike: true },
  { name: '3840 px wide', size: [3840, 2160], isAlike: true },
  { name: 'at 67 %', size: [1920, 1080], zoom: 67, isAlike: true },
  { name: 'at 200 %', size: [1920, 1080], zoom: 200 },
  { name: 'from right to left', path: 'lumenfox?dir=rtl' },
  { name: 'from right to left, narrow', path: 'lumenfox?dir=rtl', size: [1000, 700], isAlike: true },
  { name: 'without its chat', click: toggle },
  { name: 'in theatre', click: theatre },
  { name: 'in theatre, narrow', click: theatre, size: [900, 700] },
  { name: 'in fullscreen', click: fullscreen },
  { name: 'offline', path: 'quietcove', isAlike: true },
  { name: 'a recording', path: 'lumenfox/video/123', isAlike: true },
  { name: 'a clip', path: 'lumenfox/clip/FunnyName' },
  { name: 'a squad', path: 'lumenfox/squad', isAlike: true },
  { name: 'mod view', path: 'moderator/lumenfox' },
  { name: 'the dashboard', path: 'u/lumenfox/stream-manager' },
  { name: 'popout chat', path: 'popout/lumenfox/chat', size: [400, 720] },
  { name: 'with other classes', path: 'lumenfox?names=renamed', isAlike: true },
  { name: 'with other classes, narrow', path: 'lumenfox?names=renamed', size: [1280, 720], isAlike: true },
  { name: 'with no name that is known', path: 'lumenfox?names=bare' },
]

describe.each(['open', 'collapsed'] as const)('the panel, %s', (how) => {
  beforeAll(async () => {
    if (how === 'collapsed') await viewer.panel.press(ui.collapse, 'Enter')
  })
  afterAll(async () => {
    if (how === 'collapsed') await viewer.panel.press(ui.expand, 'Enter')
  })

  test.each(variants.filter(({ isAlike }) => how === 'open' || !isAlike))(
    'touches none of Twitch’s controls: $name',
    async (variant) => {
      const { path = 'lumenfox', size, zoom, click, isCramped } = variant
      await viewer.go(path, size, zoom)
      if (click) await viewer.page.click(click)
      const scene = await (how === 'open' ? viewer.seeOpen() : viewer.seeHandle())
      const { left = -1, top = -1, right = 0, bottom = 0 } = scene.panel ?? {}
      expect(Math.min(left, top)).toBeGreaterThanOrEqual(0)
      expect(right).toBeLessThanOrEqual(scene.view.width)
      expect(bottom).toBeLessThanOrEqual(scene.view.height)
      expect(scene.isBuried).toBe(false)
      expect(scene.isInRoot).toBe(true)
      if (how === 'open') {
        expect(heightOf(scene)).toBeGreaterThanOrEqual(160)
        if (!isCramped) expect(scene.covered).toEqual([])
        return
      }
      expect(scene.covered).toEqual([])
      const { withPanel, without } = await viewer.page.evaluate(compare)
      expect(withPanel).toBe(without)
      expect(scene.mainStyle).toBeNull()
    },
  )
})
