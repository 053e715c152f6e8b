// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { defineComponent, h, nextTick } from 'vue'
import { imageOf } from '../../../components/emotes'
import { MessageText } from '../../../components/MessageText'
import { useEmotesInTexts } from '../../../components/use-emotes-in-texts'
import { type Appearance, DEFAULT_APPEARANCE } from '../../../protocol/appearance'
import { type EmoteSet, type EmotesView, NO_EMOTES } from '../../../protocol/emotes'
import { useAppearanceStore } from '../../../stores/appearance'
import { type FoundEmote, useEmotesStore } from '../../../stores/emotes'
import { useRoomStore } from '../../../stores/room'
import { fakeHost, settled, view } from '../stores/fake-host'
import { global } from './translate'

const SETS: EmoteSet[] = [
  { provider: 'ffz', scope: 'channel', emotes: [{ code: 'LULW', id: '139407', width: 28, height: 32 }] },
  {
    provider: '7tv',
    scope: 'channel',
    emotes: [
      { code: 'pokiDance', id: '60a1', animated: true },
      { code: 'Rain', id: '01F5', overlay: true },
      { code: 'LULW', id: '60ae' },
    ],
  },
  {
    provider: 'bttv',
    scope: 'global',
    emotes: [{ code: ':tf:', id: '54fa', animated: true, width: 84, height: 28 }],
  },
]

let host: ReturnType<typeof fakeHost>
let reduced: { matches: boolean; change(matches: boolean): void }

beforeEach(() => {
  setActivePinia(createPinia())
  host = fakeHost()
  const listeners = new Set<() => void>()
  reduced = {
    matches: false,
    change(matches) {
      reduced.matches = matches
      for (const listener of listeners) listener()
    },
  }
  vi.stubGlobal('matchMedia', (query: string) => ({
    get matches() {
      return query.includes('reduced-motion') && reduced.matches
    },
    addEventListener: (_: string, listener: () => void) => listeners.add(listener),
    removeEventListener: (_: string, listener: () => void) => listeners.delete(listener),
  }))
})
afterEach(() => vi.unstubAllGlobals())

async function show(text: string, shown: EmotesView = { ...NO_EMOTES, allowed: true, sets: SETS }) {
  useRoomStore().attach(host.connect)
  host.state('open')
  host.snapshot(view(), 0)
  useEmotesStore().attach({ load: async () => shown, recent: { load: async () => [], save: async () => {} } })
  const Root = defineComponent({
    setup() {
      useEmotesInTexts()
      return () => h('p', [h(MessageText, { text })])
    },
  })
  const wrapper = mount(Root, { global })
  await settled()
  const images = () => wrapper.findAll('img').map((image) => image.attributes())
  return { wrapper, images, text: () => wrapper.element.textContent }
}

describe('a message', () => {
  it('shows words that are codes as emotes, and all else as it is', async () => {
    const { images, text } = await show('so  LULW and lulw, LULW! :tf:\nend')
    expect(images().map(({ alt }) => alt)).toEqual(['LULW', ':tf:'])
    expect(text()).toBe('so   and lulw, LULW! \nend')
  })

  it('takes the first set that has a code', async () => {
    const { images } = await show('x LULW')
    expect(images()[0]).toMatchObject({
      src: 'https://cdn.frankerfacez.com/emote/139407/1',
      srcset:
        'https://cdn.frankerfacez.com/emote/139407/1 1x, https://cdn.frankerfacez.com/emote/139407/2 2x',
      title: 'LULW · FrankerFaceZ',
    })
  })

  it('tells the providers nothing but that it looks, and moves no line', async () => {
    const { images } = await show('x :tf:')
    expect(images()[0]).toMatchObject({
      referrerpolicy: 'no-referrer',
      loading: 'lazy',
      width: '84',
      height: '28',
    })
  })

  it('lays overlays over the emote before them, and shows them beside words', async () => {
    const { wrapper, text } = await show('Rain a LULW Rain  Rain b Rain')
    const stacks = wrapper
      .findAll('.stack')
      .map((stack) => stack.findAll('img').map((one) => one.attributes('alt')))
    expect(stacks).toEqual([['Rain'], ['LULW', 'Rain', 'Rain'], ['Rain']])
    expect(text()).toBe(' a  b ')
  })

  it('piles up no more than a few', async () => {
    const { wrapper } = await show(`LULW ${'Rain '.repeat(40)}`)
    const heights = wrapper.findAll('.stack').map((stack) => stack.findAll('img').length)
    expect(Math.max(...heights)).toBe(7)
    expect(heights.reduce((sum, height) => sum + height)).toBe(41)
  })

  it.each([
    ['LULW', true],
    ['LULW Rain  :tf:', true],
    ['LULW 😀👍🏽', true],
    ['LULW yes', false],
    ['LULW 1', false],
    ['LULW https://a.example/', false],
    ['LULW '.repeat(9), false],
  ])('of emotes alone shows them larger (%s: %s)', async (text, large) => {
    const { wrapper } = await show(text)
    expect(wrapper.find('.stack').classes('large')).toBe(large)
  })

  it('shows the word where there is no image', async () => {
    const { wrapper, text } = await show('x LULW y')
    await wrapper.get('img').trigger('error')
    expect(wrapper.find('img').exists()).toBe(false)
    expect(text()).toBe('x LULW y')
  })

  it('never loads what the viewer has not agreed to', async () => {
    const { images, text } = await show('x LULW y', NO_EMOTES)
    expect(images()).toEqual([])
    expect(text()).toBe('x LULW y')
  })

  it('changes when emotes come or go', async () => {
    const { images } = await show('x LULW', { ...NO_EMOTES, allowed: true })
    expect(images()).toEqual([])
    const emotes = useEmotesStore()
    emotes.attach({
      load: async () => ({ ...NO_EMOTES, allowed: true, sets: SETS }),
      recent: { load: async () => [], save: async () => {} },
    })
    await settled()
    expect(images()).toHaveLength(1)
  })
})

describe('animated emotes', () => {
  const MOVING = 'https://cdn.7tv.app/emote/60a1/1x.webp'
  const STILL = 'https://cdn.7tv.app/emote/60a1/1x_static.webp'

  it('stand still while the system asks for less motion', async () => {
    const { images } = await show('x pokiDance')
    expect(images()[0]?.src).toBe(MOVING)
    reduced.change(true)
    await nextTick()
    expect(images()[0]?.src).toBe(STILL)
    expect(images()[0]?.srcset).not.toContain('2x.webp')
  })

  it('stand still where the viewer wants them to', async () => {
    const { images } = await show('x pokiDance')
    let kept: Appearance = DEFAULT_APPEARANCE
    await useAppearanceStore().attach({
      load: async () => kept,
      save: async (next) => {
        kept = next
      },
      onChanged: () => () => {},
    })
    await useAppearanceStore().choose({ motion: 'still' })
    await nextTick()
    expect(images()[0]?.src).toBe(STILL)
  })

  const found = (more: Partial<FoundEmote>): FoundEmote => ({
    code: 'x',
    id: '1',
    provider: 'ffz',
    scope: 'global',
    ...more,
  })
  it.each([
    [found({ provider: 'bttv', animated: true }), 2, false, 'https://cdn.betterttv.net/emote/1/2x.webp'],
    [
      found({ provider: 'bttv', animated: true }),
      2,
      true,
      'https://cdn.betterttv.net/emote/1/static/2x.webp',
    ],
    [found({ provider: 'bttv' }), 1, true, 'https://cdn.betterttv.net/emote/1/1x.webp'],
    [found({ animated: true }), 2, false, 'https://cdn.frankerfacez.com/emote/1/animated/2'],
    [found({ animated: true }), 2, true, 'https://cdn.frankerfacez.com/emote/1/2'],
    [found({ single: true }), 2, false, 'https://cdn.frankerfacez.com/emote/1/1'],
    [found({ provider: '7tv' }), 2, true, 'https://cdn.7tv.app/emote/1/2x.webp'],
  ] as const)('have their images where the providers keep them (%#)', (emote, size, still, url) => {
    expect(imageOf(emote, size, still)).toBe(url)
  })
})
