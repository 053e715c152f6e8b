import { describe, expect, it } from 'vitest'
import { loginFromUrl } from '../../../services/twitch/location'
import { HANDLE, PANEL_WIDTH, type PageMeasures, placePanel } from '../../../services/twitch/placement'

describe('the channel in a URL', () => {
  it.each([
    ['https://www.twitch.tv/shroud', 'shroud'],
    ['https://www.twitch.tv/Shroud/', 'shroud'],
    ['https://www.twitch.tv/shroud?referrer=raid#x', 'shroud'],
    ['https://www.twitch.tv/shroud/video/123', 'shroud'],
    ['https://www.twitch.tv/shroud/clip/FunnyName', 'shroud'],
    ['https://www.twitch.tv/popout/shroud/chat', 'shroud'],
    ['https://www.twitch.tv/embed/shroud/chat', 'shroud'],
    ['https://www.twitch.tv/moderator/shroud', 'shroud'],
    ['https://www.twitch.tv/popout/moderator/shroud/chat', 'shroud'],
    ['https://www.twitch.tv/u/shroud/stream-manager', 'shroud'],
    ['https://www.twitch.tv/popout/u/shroud/stream-manager/chat', 'shroud'],
    ['https://www.twitch.tv/', null],
    ['https://www.twitch.tv/directory/category/chess', null],
    ['https://www.twitch.tv/settings/profile', null],
    ['https://www.twitch.tv/videos/1234567', null],
    ['https://www.twitch.tv/popout', null],
    ['https://www.twitch.tv/an_extremely_long_login_name', null],
    ['https://www.twitch.tv/sh%00roud', null],
    ['https://www.twitch.tv/schröder', null],
    ['https://clips.twitch.tv/shroud', null],
    ['https://www.twitch.tv.evil.example/shroud', null],
    ['http://www.twitch.tv/shroud', null],
    ['shroud', null],
  ])('%s → %s', (url, login) => {
    expect(loginFromUrl(url)).toBe(login)
  })
})

describe('the place of the panel', () => {
  const page: PageMeasures = {
    width: 1600,
    height: 900,
    top: 50,
    navWidth: 240,
    chat: { left: 1260, top: 100, right: 1600, bottom: 900 },
    chatSide: 'right',
    immersive: false,
  }
  /** The same page in another size; the chat keeps its width. */
  const sized = (width: number, height = 900): PageMeasures => ({
    ...page,
    width,
    height,
    chat: { left: Math.max(0, width - 340), top: Math.min(100, height - 2), right: width, bottom: height },
  })

  it('is a column beside the chat, and Twitch makes room', () => {
    expect(placePanel(page, false)).toEqual({
      shape: 'column',
      side: 'right',
      inset: 340,
      top: 50,
      width: PANEL_WIDTH,
      height: 850,
      reserve: PANEL_WIDTH,
    })
  })

  it('is a handle when collapsed, and nothing moves', () => {
    expect(placePanel(page, true)).toMatchObject({ ...HANDLE, inset: 340, top: 110, reserve: 0 })
  })

  it('shares the column of the chat where the video would become too small', () => {
    const half = { shape: 'sheet', inset: 0, top: 100, width: 340, height: 400, reserve: 0 }
    expect(placePanel(sized(1280), false)).toMatchObject(half)
    expect(placePanel({ ...sized(1280), navWidth: 50 }, false).shape).toBe('column')
    expect(placePanel(sized(1000), false)).toMatchObject(half)
  })

  it('shares a chat below the video: one side of it, or all where it is narrow', () => {
    const below = (width: number) => ({
      ...page,
      width,
      chat: { left: 50, top: 610, right: width, bottom: 900 },
    })
    expect(placePanel(below(700), false)).toMatchObject({ inset: 0, top: 610, width: 325, height: 290 })
    expect(placePanel(below(400), false)).toMatchObject({ inset: 0, top: 610, width: 350, height: 290 })
  })

  it('takes a chat whole that is too low for two', () => {
    expect(placePanel(sized(800, 450), false)).toMatchObject({ top: 100, height: 350 })
    expect(placePanel(sized(800, 250), false)).toMatchObject({ top: 0, height: 250 })
  })

  it('leaves the newer half of a popout chat', () => {
    const popout = { ...page, width: 400, top: 0, navWidth: 0, immersive: true }
    const chat = { left: 0, top: 50, right: 400, bottom: 900 }
    expect(placePanel({ ...popout, chat }, false)).toMatchObject({ top: 50, width: 400, height: 425 })
  })

  it('lies over the video in theatre and fullscreen, off the controls', () => {
    const card = { shape: 'card', top: 10, height: 826, width: PANEL_WIDTH, reserve: 0 }
    const covered = { ...page, top: 0, immersive: true }
    expect(placePanel(covered, false)).toMatchObject({ ...card, inset: 350 })
    expect(placePanel({ ...covered, chat: null }, false)).toMatchObject({ ...card, inset: 10 })
    const narrow = { ...sized(1000), top: 0, immersive: true }
    expect(placePanel(narrow, false)).toMatchObject({ shape: 'sheet', inset: 0 })
  })

  it.each([320, 340, 500, 679, 680, 1100, 3840])('stays inside a page %i px wide', (width) => {
    for (const collapsed of [true, false])
      for (const height of [150, 300, 2160])
        for (const chat of [sized(width, height).chat, null])
          for (const immersive of [true, false]) {
            const place = placePanel({ ...sized(width, height), chat, immersive }, collapsed)
            expect(place.inset + place.width).toBeLessThanOrEqual(width)
            expect(place.top).toBeGreaterThanOrEqual(0)
            expect(place.top + place.height).toBeLessThanOrEqual(height)
            expect(place.width).toBeGreaterThan(0)
          }
  })

  it('follows the chat to the left edge', () => {
    const chat = { left: 0, top: 100, right: 340, bottom: 900 }
    expect(placePanel({ ...page, chat, chatSide: 'left' }, false)).toMatchObject({ side: 'left', inset: 340 })
  })
})
