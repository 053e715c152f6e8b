// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import SearchPane from '../../../components/SearchPane.vue'
import { createClock } from '../../../components/time'
import type { FoundMessages } from '../../../protocol/host-port'
import { message } from '../stores/fake-host'
import { global } from './translate'

describe('the search', () => {
  let asked: { text: string; answer(found: FoundMessages): void; fail(): void }[]
  let wrapper: ReturnType<typeof mount<typeof SearchPane>>
  const byId = (id: string) => wrapper.get(`[data-testid=${id}]`)
  const results = () => wrapper.findAll('[data-testid=search-result]')
  const summary = () => byId('search-summary').text()

  async function look(text: string, ms = 200): Promise<void> {
    await byId('search-field').setValue(text)
    vi.advanceTimersByTime(ms)
    await nextTick()
  }
  async function answer(found: Partial<FoundMessages>, of = asked.length - 1): Promise<void> {
    asked[of]?.answer({ messages: [], more: false, ...found })
    await vi.advanceTimersByTimeAsync(0)
  }
  const key = (name: string) =>
    document.activeElement?.dispatchEvent(
      new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true }),
    )

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    asked = []
    wrapper = mount(SearchPane, {
      global,
      attachTo: document.body,
      props: {
        clock: createClock('en'),
        search: (text: string) =>
          new Promise<FoundMessages>((resolve, reject) => {
            asked.push({ text, answer: resolve, fail: () => reject(new Error('away')) })
          }),
      },
    })
  })
  afterEach(() => {
    wrapper.unmount()
    vi.useRealTimers()
  })

  it('takes the focus, and looks once nobody types any more', async () => {
    expect(document.activeElement).toBe(byId('search-field').element)
    await look('fil', 100)
    await look('filter', 100)
    expect(asked).toEqual([])
    vi.advanceTimersByTime(100)
    expect(asked.map(({ text }) => text)).toEqual(['filter'])
    await answer({ messages: [message('a', { text: 'the <b>filter</b>' }), message('b')] })
    expect(summary()).toBe('Messages found: 2')
    expect(results()[0]?.text()).toContain('CalmHeron')
    expect(results()[0]?.get('mark').text()).toBe('filter')
    expect(results()[0]?.find('b').exists()).toBe(false)
  })

  it('says where there are more, none, or nobody to ask', async () => {
    await look('a')
    await answer({ messages: [message('a')], more: true })
    expect(summary()).toBe('The newest 1 of what was found')
    await look('b')
    await answer({})
    expect(summary()).toBe('Nothing found.')
    await look('c')
    asked.at(-1)?.fail()
    await vi.advanceTimersByTimeAsync(0)
    expect(summary()).toBe('The history could not be searched.')
    await look(' ')
    expect(summary()).toBe('')
    expect(asked).toHaveLength(3)
  })

  it('shows nothing of an answer that comes too late', async () => {
    await look('old')
    await look('new')
    await answer({ messages: [message('b')] }, 1)
    await answer({ messages: [message('a'), message('c')] }, 0)
    expect(results()).toHaveLength(1)
  })

  it('goes by the arrow keys to what was found, and leaves the view free to it', async () => {
    await look('a')
    await answer({ messages: [message('a'), message('b')] })
    key('ArrowDown')
    key('ArrowDown')
    key('ArrowDown')
    expect(document.activeElement).toBe(results()[1]?.element)
    key('ArrowUp')
    key('ArrowUp')
    expect(document.activeElement).toBe(byId('search-field').element)
    key('Enter')
    await nextTick()
    expect(wrapper.emitted('find')).toEqual([['a']])
    expect(results()).toHaveLength(0)
    await byId('search-field').trigger('focus')
    await results()[1]?.trigger('click')
    expect(wrapper.emitted('find')).toEqual([['a'], ['b']])
  })

  it('closes by its button and by Escape', async () => {
    key('Escape')
    await byId('search-close').trigger('click')
    expect(wrapper.emitted('close')).toHaveLength(2)
  })
})
