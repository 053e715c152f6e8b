// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import EmotePickerBody from '../../../components/EmotePickerBody.vue'
import { EMOJI_GROUPS, useEmoji } from '../../../components/emoji'
import stored from '../../../components/emoji.json'
import { emoteCompletion } from '../../../components/emote-completion'
import { neighbour } from '../../../components/grid-steps'
import { type EmoteSet, type EmotesView, NO_EMOTES } from '../../../protocol/emotes'
import { useEmoteConsentStore } from '../../../stores/emote-consent'
import { useEmotesStore } from '../../../stores/emotes'
import { useRoomStore } from '../../../stores/room'
import { fakeHost, settled, view } from '../stores/fake-host'
import { global } from './translate'

const many = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => ({ code: `${prefix}${index}`, id: `${prefix}${index}` }))
const SETS: EmoteSet[] = [
  { provider: 'ffz', scope: 'channel', emotes: [{ code: 'LULW', id: '139407' }] },
  { provider: '7tv', scope: 'channel', emotes: [{ code: 'PagMan', id: '60ae' }, ...many('seven', 500)] },
  { provider: '7tv', scope: 'global', emotes: [{ code: 'EZ', id: '6053' }] },
]
const EMOTES: EmotesView = { allowed: true, sets: SETS, unreachable: [] }

let wrapper: ReturnType<typeof mount>
let saved: readonly string[]
let granted: boolean
let asked: string[]

beforeEach(() => {
  setActivePinia(createPinia())
  saved = []
  granted = true
  asked = []
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener() {}, removeEventListener() {} }))
})
afterEach(() => {
  wrapper?.unmount()
  vi.unstubAllGlobals()
})

async function open(shown = EMOTES, recent: string[] = []) {
  const host = fakeHost()
  useRoomStore().attach(host.connect)
  host.state('open')
  host.snapshot(view(), 0)
  let changed = () => {}
  await useEmoteConsentStore().attach({
    isGranted: async () => granted,
    request: async () => {
      asked.push('request')
      return granted
    },
    remove: async () => {
      asked.push('remove')
      granted = false
      return true
    },
    onChanged(listener) {
      changed = listener
      return () => {}
    },
  })
  useEmotesStore().attach({
    load: async () => shown,
    recent: {
      load: async () => recent,
      save: async (texts) => {
        saved = texts
      },
    },
  })
  await settled()
  useEmoji()
  await vi.waitFor(() => expect(useEmoji().value).not.toEqual([]))
  wrapper = mount(EmotePickerBody, { global, attachTo: document.body })
  await nextTick()
  return { change: () => changed() }
}

const byId = (id: string) => wrapper.get(`[data-testid=${id}]`)
const tabs = () => wrapper.findAll('[role=tab]').map((tab) => tab.text())
const choices = () => wrapper.findAll('[data-testid=emote-choice]').map((one) => one.attributes('aria-label'))
const picked = () => wrapper.emitted('pick') ?? []

describe('the picker', () => {
  it('has a tab for each provider that has emotes here, and emoji', async () => {
    await open()
    expect(tabs()).toEqual(['7TV', 'FFZ', 'Emoji'])
    expect(byId('emote-tab-7tv').attributes('aria-selected')).toBe('true')
    expect(choices().slice(0, 2)).toEqual(['PagMan', 'seven0'])
    await byId('emote-tab-ffz').trigger('click')
    expect(choices()).toEqual(['LULW'])
    await byId('emote-tab-emoji').trigger('click')
    expect(choices()[0]).toBe(':grinning:')
    expect(wrapper.find('section h3').text()).toBe('Smileys')
  })

  it('puts what is picked into the text, and offers it first from then on', async () => {
    await open(EMOTES, ['EZ', 'NotHere', '😂'])
    expect(tabs()[0]).toBe('Recent')
    expect(choices()).toEqual(['EZ', ':joy:'])
    await wrapper.findAll('[data-testid=emote-choice]')[1]?.trigger('click')
    await wrapper.findAll('[data-testid=emote-choice]')[0]?.trigger('click', { shiftKey: true })
    expect(picked()).toEqual([
      ['😂', false],
      ['EZ', true],
    ])
    // What the channel lacks is not forgotten.
    expect(saved).toEqual(['EZ', '😂', 'NotHere'])
    // Nothing moves under the pointer.
    expect(choices()).toEqual(['EZ', ':joy:'])
  })

  it('searches all of them, emotes first, and Enter takes the first', async () => {
    await open()
    const field = byId('emote-search')
    await field.setValue('  LUL ')
    expect(choices()[0]).toBe('LULW')
    await field.trigger('keydown', { key: 'Enter' })
    expect(picked()).toEqual([['LULW', false]])
    await field.setValue('crying')
    expect(choices()).toContain(':joy:')
    await field.setValue('nothing is called so')
    expect(choices()).toEqual([])
    expect(wrapper.text()).toContain('Nothing found.')
    await field.trigger('keydown', { key: 'Enter' })
    expect(picked()).toHaveLength(1)
  })

  it('draws more as it is scrolled', async () => {
    await open()
    const before = choices().length
    expect(before).toBeLessThan(200)
    await byId('emote-grid').trigger('scroll')
    expect(choices().length).toBeGreaterThan(before)
  })

  it('says which provider does not answer, and shows what is kept of it', async () => {
    await open({ ...EMOTES, unreachable: ['7tv', 'bttv'] })
    expect(tabs()).toEqual(['7TV', 'BTTV', 'FFZ', 'Emoji'])
    expect(wrapper.text()).toContain('7TV does not answer just now.')
    expect(choices()[0]).toBe('PagMan')
    await byId('emote-tab-bttv').trigger('click')
    expect(wrapper.text()).toContain('BetterTTV does not answer just now.')
  })

  it('is gone through by arrow keys, back to the search above the first row', async () => {
    await open(EMOTES, ['EZ', '😂'])
    await byId('emote-search').trigger('keydown', { key: 'ArrowDown' })
    const [first, second] = wrapper.findAll<HTMLButtonElement>('[data-testid=emote-choice]')
    expect(document.activeElement).toBe(first?.element)
    await first?.trigger('keydown', { key: 'ArrowRight' })
    await nextTick()
    expect(document.activeElement).toBe(second?.element)
    expect(second?.attributes('tabindex')).toBe('0')
    expect(first?.attributes('tabindex')).toBe('-1')
    await second?.trigger('keydown', { key: 'ArrowUp' })
    await nextTick()
    expect(document.activeElement).toBe(byId('emote-search').element)
  })

  it('changes tabs by arrow keys, from the other side where one reads from there', async () => {
    await open()
    await byId('emote-tab-7tv').trigger('keydown', { key: 'ArrowRight' })
    await nextTick()
    expect(document.activeElement).toBe(byId('emote-tab-ffz').element)
    document.documentElement.dir = 'rtl'
    await byId('emote-tab-ffz').trigger('keydown', { key: 'ArrowRight' })
    await nextTick()
    document.documentElement.dir = ''
    expect(document.activeElement).toBe(byId('emote-tab-7tv').element)
  })
})

describe('a viewer who has not agreed to emotes', () => {
  it('is not asked, until they look for them', async () => {
    granted = false
    await open(NO_EMOTES)
    expect(tabs()).toEqual(['Emotes', 'Emoji'])
    expect(asked).toEqual([])
    expect(byId('emote-consent').text()).toContain('IP address')
    expect(wrapper.findAll('img')).toHaveLength(0)
  })

  it('is asked by the browser at their click, and told if that came to nothing', async () => {
    granted = false
    await open(NO_EMOTES)
    await byId('allow-emotes').trigger('click')
    await settled()
    expect(asked).toEqual(['request'])
    expect(byId('emote-consent').get('[role=alert]').text()).toContain('Privacy')
  })

  it('sees them as soon as they agreed, also elsewhere', async () => {
    granted = false
    const { change } = await open()
    granted = true
    change()
    await settled()
    expect(tabs()).toEqual(['7TV', 'FFZ', 'Emoji'])
  })
})

describe('completion', () => {
  async function source() {
    await open()
    return emoteCompletion(() => useEmotesStore().byCode)
  }
  const texts = (found: readonly { text: string }[]) => found.map(({ text }) => text)

  it('finds emotes and emoji behind a colon', async () => {
    const { complete, trigger, minLength } = await source()
    expect({ trigger, minLength }).toEqual({ trigger: ':', minLength: 2 })
    expect(texts(complete('lu', 3))[0]).toBe('LULW')
    expect(texts(complete('joy', 5))[0]).toBe('😂')
    expect(texts(complete('joy:', 5))[0]).toBe('😂')
    expect(texts(complete('pagma', 5))).toEqual(['PagMan'])
    expect(complete('seven', 10)).toHaveLength(10)
  })

  it('finds by Tab only emotes that begin so, those in the very letters first', async () => {
    const { complete } = await source()
    expect(texts(complete('pag', 5, true))).toEqual(['PagMan'])
    expect(complete('man', 5, true)).toEqual([])
    expect(complete('joy', 5, true)).toEqual([])
    useEmotesStore().attach({
      load: async () => ({
        ...EMOTES,
        sets: [
          {
            provider: 'ffz',
            scope: 'channel',
            emotes: [
              { code: 'EZ', id: '1' },
              { code: 'ezDance', id: '2' },
            ],
          },
        ],
      }),
      recent: { load: async () => [], save: async () => {} },
    })
    await settled()
    expect(texts(complete('ez', 5, true))).toEqual(['ezDance', 'EZ'])
  })
})

describe('the emoji', () => {
  it('are all there, in the groups that have names', () => {
    expect(stored.groups).toHaveLength(EMOJI_GROUPS.length)
    const lines = stored.groups.flatMap((group) => group.split('\n'))
    expect(lines.length).toBeGreaterThan(1_800)
    for (const line of lines) expect(line).toMatch(/^\p{RGI_Emoji} \S+( \S+)*$/v)
    expect(new Set(lines.map((line) => line.split(' ')[1])).size).toBe(lines.length)
  })
})

describe('arrow keys in rows', () => {
  const COLUMNS = 4
  /** Rows of four, a heading's gap after the sixth. */
  const cells = Array.from({ length: 10 }, (_, index) => {
    const at = index < 6 ? index : index + 2
    const box = { left: (at % COLUMNS) * 40, width: 40, top: Math.floor(at / COLUMNS) * 40 }
    return { getBoundingClientRect: () => box } as unknown as Element
  })
  it.each([
    [0, 'right', 1],
    [0, 'left', 0],
    [9, 'right', 9],
    [3, 'first', 0],
    [3, 'last', 9],
    [1, 'down', 5],
    [3, 'down', 5],
    [5, 'down', 7],
    [8, 'up', 5],
    [9, 'down', 9],
    [2, 'up', null],
  ] as const)('from %i %s to %j', (from, direction, to) => {
    expect(neighbour(cells, from, direction, false)).toBe(to)
  })
  it('are mirrored with the page', () => {
    expect(neighbour(cells, 1, 'left', true)).toBe(2)
    expect(neighbour(cells, 1, 'right', true)).toBe(0)
  })
})
