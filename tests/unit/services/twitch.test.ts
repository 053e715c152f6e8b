import { describe, expect, it } from 'vitest'
import { loginFromUrl } from '../../../services/twitch/location'

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
