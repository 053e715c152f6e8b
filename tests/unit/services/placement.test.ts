import { describe, expect, it } from 'vitest'
import { PANEL_WIDTH } from '../../../services/twitch/panel-size'
import {
  type Box,
  boxOf,
  HANDLE,
  MIN_CONTENT_WIDTH,
  type PageMeasures,
  placePanel,
} from '../../../services/twitch/placement'

const page: PageMeasures = {
  width: 1600,
  height: 900,
  top: 50,
  controls: 0,
  content: { left: 240, top: 50, right: 1260, bottom: 900 },
  chat: { left: 1260, top: 50, right: 1600, bottom: 900 },
  lines: { left: 1260, top: 100, right: 1600, bottom: 800 },
  side: 'right',
  mode: 'page',
}

/** The same page in another size; the chat keeps its width, and what is above and below its lines. */
function sized(width: number, height = 900): PageMeasures {
  const left = Math.max(0, width - 340)
  const chat = { left, top: Math.min(50, height - 2), right: width, bottom: height }
  return {
    ...page,
    width,
    height,
    content: left > 240 ? { left: 240, top: 50, right: left, bottom: height } : null,
    chat,
    lines: { ...chat, top: Math.min(100, height - 1), bottom: Math.max(height - 100, 1) },
  }
}

/** Theatre: nothing but video and chat. */
const theatre = ({ width, height }: PageMeasures): PageMeasures => {
  const chat = { left: width - 340, top: 0, right: width, bottom: height }
  const lines = { ...chat, top: 50, bottom: height - 100 }
  return { ...page, width, height, top: 0, controls: 64, content: null, chat, lines, mode: 'immersive' }
}

describe('the place of the panel', () => {
  it('is a column beside the chat, and Twitch makes room', () => {
    expect(placePanel(page, false)).toMatchObject({
      shape: 'column',
      side: 'right',
      inset: 340,
      top: 50,
      width: PANEL_WIDTH,
      height: 850,
      reserve: PANEL_WIDTH,
    })
  })

  it('is beside what makes room, whether or not the chat is known', () => {
    expect(placePanel({ ...page, chat: null, lines: null }, false)).toMatchObject({
      shape: 'column',
      inset: 340,
    })
  })

  it('is a handle when collapsed, off the scroll bar, and nothing moves', () => {
    expect(placePanel(page, true)).toMatchObject({ ...HANDLE, inset: 356, top: 110, reserve: 0, grip: null })
  })

  it('finds a handle a place where there is nothing to press', () => {
    const button = { left: 1200, top: 60, right: 1240, bottom: 260 }
    const taken = (box: Box) => box.top < button.bottom && box.bottom > button.top
    const { top } = placePanel(page, true, {}, taken)
    expect(top).toBeGreaterThanOrEqual(button.bottom)
    expect(top).toBeLessThan(button.bottom + HANDLE.height)
    expect(placePanel(page, true, {}, () => true)).toMatchObject({ top: 110 })
  })

  it('shares the lines of the chat where the video would become too small, and leaves its controls', () => {
    const half = { shape: 'sheet', inset: 0, top: 100, width: 340, height: 320, reserve: 0 }
    expect(placePanel(sized(1280), false)).toMatchObject(half)
    expect(placePanel(sized(1000), false)).toMatchObject(half)
    const wide = { ...sized(1280), content: { left: 50, top: 50, right: 940, bottom: 900 } }
    expect(placePanel(wide, false).shape).toBe('column')
  })

  it('shares a chat below the video: one side of its lines, or their upper half where they are narrow', () => {
    const below = (width: number): PageMeasures => ({
      ...page,
      width,
      chat: { left: 50, top: 400, right: width, bottom: 900 },
      lines: { left: 50, top: 450, right: width, bottom: 800 },
    })
    expect(placePanel(below(700), false)).toMatchObject({ inset: 0, top: 450, width: 325, height: 350 })
    expect(placePanel(below(400), false)).toMatchObject({ inset: 0, top: 450, width: 350, height: 290 })
    const low = { ...below(400), lines: { left: 50, top: 600, right: 400, bottom: 800 } }
    expect(placePanel(low, false)).toMatchObject({ top: 600, height: 192 })
  })

  it('never reaches into the chat’s input', () => {
    for (const height of [420, 500, 700, 2160])
      for (const sheet of [undefined, 4_000]) {
        const narrow = sized(800, height)
        const place = placePanel(narrow, false, sheet === undefined ? {} : { sheet })
        expect(place.top + place.height).toBeLessThanOrEqual(narrow.lines?.bottom ?? 0)
      }
  })

  it('lies over the video in theatre and fullscreen, off the controls', () => {
    const card = { shape: 'card', top: 10, height: 826, width: PANEL_WIDTH, reserve: 0, isImmersive: true }
    const covered = theatre(page)
    expect(placePanel(covered, false)).toMatchObject({ ...card, inset: 350 })
    expect(placePanel({ ...covered, chat: null, lines: null }, false)).toMatchObject({ ...card, inset: 10 })
    expect(placePanel(theatre(sized(1000)), false)).toMatchObject({ shape: 'sheet', inset: 0 })
  })

  it('is over the lines where everything else is a tool', () => {
    const dock = { left: 400, top: 300, right: 700, bottom: 800 }
    const tool: PageMeasures = { ...page, content: null, chat: dock, lines: dock, mode: 'tool' }
    expect(placePanel(tool, false)).toMatchObject({ shape: 'sheet', inset: 900, top: 300, width: 300 })
    expect(placePanel(tool, true)).toMatchObject({ inset: 916, top: 310 })
  })

  it('takes the longest part that is free where nothing of the page is known', () => {
    const unknown: PageMeasures = { ...page, content: null, chat: null, lines: null }
    const taken = ({ top, bottom }: Box) => top < 100 || (bottom > 400 && top < 420) || bottom > 800
    const place = placePanel(unknown, false, {}, taken)
    expect(place.shape).toBe('card')
    expect(place.top).toBeGreaterThanOrEqual(420)
    expect(place.top + place.height).toBeLessThanOrEqual(800)
    expect(place.height).toBeGreaterThan(300)
    expect(placePanel(unknown, false, {}, () => true)).toMatchObject({ top: 60, height: 830 })
  })

  it.each([320, 340, 500, 679, 680, 1100, 3840])('stays inside a page %i px wide', (width) => {
    for (const collapsed of [true, false])
      for (const height of [150, 300, 2160])
        for (const known of [sized(width, height), { ...sized(width, height), chat: null, lines: null }])
          for (const mode of ['page', 'immersive', 'tool'] as const)
            for (const size of [undefined, 1, 10_000]) {
              const sizes = size === undefined ? {} : { column: size, card: size, sheet: size }
              const place = placePanel({ ...known, mode }, collapsed, sizes)
              const box = boxOf(place, width)
              expect(box.left).toBeGreaterThanOrEqual(0)
              expect(box.right).toBeLessThanOrEqual(width)
              expect(place.top).toBeGreaterThanOrEqual(0)
              expect(box.bottom).toBeLessThanOrEqual(height)
              expect(place.width).toBeGreaterThan(0)
            }
  })

  it('follows the chat to the left edge', () => {
    const mirrored: PageMeasures = {
      ...page,
      content: { left: 340, top: 50, right: 1360, bottom: 900 },
      chat: { left: 0, top: 50, right: 340, bottom: 900 },
      side: 'left',
    }
    expect(placePanel(mirrored, false)).toMatchObject({ side: 'left', inset: 340, grip: { edge: 'right' } })
  })
})

describe('the size of the panel', () => {
  it('is what the viewer chose for that place, and no other', () => {
    const sizes = { column: 400, card: 300, sheet: 200 }
    expect(placePanel(page, false, sizes)).toMatchObject({ width: 400, reserve: 400 })
    expect(placePanel(theatre(page), false, sizes).width).toBe(300)
    expect(placePanel(sized(1280), false, sizes)).toMatchObject({ width: 340, height: 200 })
    expect(placePanel(page, false, { card: 500 }).width).toBe(PANEL_WIDTH)
  })

  it('leaves Twitch its content, however wide the viewer wants the panel', () => {
    const { width, grip } = placePanel(page, false, { column: 4_000 })
    expect(width).toBe(1020 - MIN_CONTENT_WIDTH)
    expect(grip).toMatchObject({ edge: 'left', max: width, min: 260, usual: PANEL_WIDTH })
    expect(placePanel(page, false, { column: 1 }).width).toBe(260)
  })

  it('lets a narrow column be one where a usual one would not fit', () => {
    const tight = { ...sized(1400), content: { left: 240, top: 50, right: 240 + 780, bottom: 900 } }
    expect(placePanel(tight, false).shape).toBe('sheet')
    expect(placePanel(tight, false, { column: 280 })).toMatchObject({ shape: 'column', width: 280 })
  })

  it('has no edge to drag where there is no choice', () => {
    expect(placePanel(sized(800, 360), false).grip).toBeNull()
  })
})
