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
    chatWidth: 340,
    chatSide: 'right',
    immersive: false,
  }

  it('is a column beside the chat, and Twitch makes room', () => {
    expect(placePanel(page, false)).toEqual({
      side: 'right',
      inset: 340,
      top: 50,
      width: PANEL_WIDTH,
      height: 850,
      reserve: PANEL_WIDTH,
    })
  })

  it('is a handle when collapsed, and nothing moves', () => {
    expect(placePanel(page, true)).toMatchObject({ ...HANDLE, inset: 340, top: 370, reserve: 0 })
  })

  it('lies over the video in theatre and fullscreen, and over a narrow page', () => {
    expect(placePanel({ ...page, immersive: true }, false).reserve).toBe(0)
    expect(placePanel({ ...page, width: 1000 }, false)).toMatchObject({ inset: 340, reserve: 0 })
  })

  it.each([320, 340, 500, 679, 680, 1100, 3840])('stays inside a page %i px wide', (width) => {
    for (const collapsed of [true, false])
      for (const height of [100, 300, 2160]) {
        const place = placePanel({ ...page, width, height }, collapsed)
        expect(place.inset + place.width).toBeLessThanOrEqual(width)
        expect(place.top).toBeGreaterThanOrEqual(0)
        expect(place.width).toBeGreaterThan(0)
      }
  })

  it('follows the chat to the left edge', () => {
    expect(placePanel({ ...page, chatSide: 'left' }, false)).toMatchObject({ side: 'left', inset: 340 })
  })
})
