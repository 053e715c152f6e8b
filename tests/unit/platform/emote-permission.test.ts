import { beforeEach, expect, it, vi } from 'vitest'
import { emotePermission } from '../../../platform/emote-permission'
import { recentEmotes } from '../../../platform/recent-emotes'

const browser = vi.hoisted(() => ({
  permissions: undefined as Record<string, unknown> | undefined,
  storage: { local: { get: async (): Promise<Record<string, unknown>> => ({}), set: vi.fn(async () => {}) } },
}))
vi.mock('webextension-polyfill', () => ({ default: browser }))

const ORIGINS = ['https://api.frankerfacez.com/*', 'https://api.betterttv.net/*', 'https://7tv.io/*']
const opened = vi.fn()
vi.stubGlobal('open', opened)

beforeEach(() => {
  browser.permissions = undefined
  opened.mockClear()
})

it('asks for the three providers, and for nothing else', async () => {
  const request = vi.fn(async () => true)
  browser.permissions = { request, contains: async () => false, remove: vi.fn() }
  const asking = emotePermission.request()
  // Before anything is awaited: else the click does not count any more.
  expect(request).toHaveBeenCalledExactlyOnceWith({ origins: ORIGINS })
  expect(await asking).toBe(true)
  expect(await emotePermission.isGranted()).toBe(false)
  expect(opened).not.toHaveBeenCalled()
})

it('opens the settings where a frame may not ask', async () => {
  expect(await emotePermission.request()).toBeNull()
  expect(opened).toHaveBeenCalledExactlyOnceWith('/popup.html#privacy', '_blank', 'noopener')
})

it.each([undefined, null, 'text', { 0: 'x' }, [7, 'ok', null, 'x'.repeat(65)]])(
  'finds what was picked among whatever is stored (%j)',
  async (recentEmotesStored) => {
    browser.storage.local.get = async () => ({ recentEmotes: recentEmotesStored })
    expect(await recentEmotes.load()).toEqual(Array.isArray(recentEmotesStored) ? ['ok'] : [])
  },
)
