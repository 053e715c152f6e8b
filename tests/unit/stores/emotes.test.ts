// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import { type EmotesView, NO_EMOTES } from '../../../protocol/emotes'
import { useEmotesStore } from '../../../stores/emotes'
import { useRoomStore } from '../../../stores/room'
import { fakeHost, view } from './fake-host'

const EMOTES: EmotesView = {
  allowed: true,
  sets: [
    { provider: 'ffz', scope: 'channel', emotes: [{ code: 'LULW', id: '1' }] },
    { provider: '7tv', scope: 'global', emotes: [{ code: 'EZ', id: '2' }] },
  ],
  unreachable: [],
  askAgainMs: 60_000,
}

let host: ReturnType<typeof fakeHost>
let asked: number
let answer: () => Promise<EmotesView>
let stop: () => void

beforeEach(() => {
  vi.useFakeTimers()
  setActivePinia(createPinia())
  host = fakeHost()
  asked = 0
  answer = async () => EMOTES
  useRoomStore().attach(host.connect)
  stop = useEmotesStore().attach({
    load: () => {
      asked++
      return answer()
    },
    recent: {
      load: () => Promise.reject(new Error('no storage')),
      save: () => Promise.reject(new Error('full')),
    },
  })
})
afterEach(() => {
  stop()
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const codes = () => [...useEmotesStore().byCode.keys()]
const settle = () => vi.advanceTimersByTimeAsync(0)

async function enter(login: string | null = 'gamer'): Promise<void> {
  host.state('open')
  host.snapshot(view({ login }), 0)
  await settle()
}
function hide(hidden: boolean): void {
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(hidden)
  document.dispatchEvent(new Event('visibilitychange'))
}

it('asks the host once it is there, again when it says so, and again after a restart', async () => {
  await settle()
  expect(asked).toBe(0)
  await enter()
  expect(codes()).toEqual(['LULW', 'EZ'])
  const before = asked
  await vi.advanceTimersByTimeAsync(59_000)
  expect(asked).toBe(before)
  await vi.advanceTimersByTimeAsync(2_000)
  expect(asked).toBe(before + 1)
  host.state('connecting')
  await settle()
  await enter()
  expect(asked).toBeGreaterThan(before + 1)
})

it("shows nothing of another channel's for a moment, but what is the same everywhere", async () => {
  await enter()
  answer = () => new Promise(() => {})
  host.snapshot(view({ login: 'another' }), 1)
  await nextTick()
  expect(codes()).toEqual(['EZ'])
})

it('asks nothing while nobody sees the panel', async () => {
  await enter()
  hide(true)
  const before = asked
  await vi.advanceTimersByTimeAsync(10 * 60_000)
  expect(asked).toBe(before)
  hide(false)
  await settle()
  expect(asked).toBe(before + 1)
  host.snapshot(view({ collapsed: true }), 2)
  await vi.advanceTimersByTimeAsync(10 * 60_000)
  expect(asked).toBe(before + 1)
})

it('takes the newest answer, and keeps the last where one does not come', async () => {
  await enter()
  let late: (shown: EmotesView) => void = () => {}
  answer = () =>
    new Promise((resolve) => {
      late = resolve
    })
  void useEmotesStore().refresh()
  const first = late
  answer = async () => NO_EMOTES
  await useEmotesStore().refresh()
  first(EMOTES)
  await settle()
  expect(codes()).toEqual([])
  answer = () => Promise.reject(new Error('port closed'))
  await useEmotesStore().refresh()
  expect(useEmotesStore().allowed).toBe(false)
})

it('keeps what was picked for this visit where storage does not work', async () => {
  const emotes = useEmotesStore()
  for (let index = 0; index < 40; index++) emotes.picked(`e${index % 35}`)
  await settle()
  expect(emotes.recent).toHaveLength(32)
  expect(emotes.recent.slice(0, 2)).toEqual(['e4', 'e3'])
  expect(new Set(emotes.recent).size).toBe(32)
})
