// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import MessageList from '../../../components/MessageList.vue'
import type { Row } from '../../../components/rows'
import { message } from '../stores/fake-host'
import { global } from './translate'

const row = (id: string): Row => ({
  kind: 'message',
  key: id,
  line: message(id),
  status: { state: 'said' },
  grouped: false,
  newestOwn: false,
})

describe('the list of messages', () => {
  let wrapper: ReturnType<typeof mount<typeof MessageList>>
  const heights = { scrollHeight: 1_000, clientHeight: 400 }

  /** Nothing is laid out here: the heights are what the test says. */
  function scrollTo(top: number, changed: Partial<typeof heights> = {}): Promise<void> {
    Object.assign(heights, changed)
    const log = wrapper.get('[role=log]')
    log.element.scrollTop = top
    return log.trigger('scroll')
  }
  const isAway = () => wrapper.find('[data-testid=to-newest]').exists()

  beforeEach(async () => {
    Object.assign(heights, { scrollHeight: 1_000, clientHeight: 400 })
    wrapper = mount(MessageList, {
      global,
      props: { rows: [row('c'), row('d')], more: false, older: 'idle', unread: 0, busy: false },
    })
    for (const name of ['scrollHeight', 'clientHeight'] as const)
      Object.defineProperty(wrapper.get('[role=log]').element, name, {
        configurable: true,
        get: () => heights[name],
      })
    await scrollTo(600)
  })
  afterEach(() => wrapper.unmount())

  it('lets go of its end when somebody scrolls up, and offers the way back', async () => {
    await scrollTo(300)
    expect(isAway()).toBe(true)
    await scrollTo(590)
    expect(isAway()).toBe(false)
    expect(wrapper.emitted('atBottom')).toEqual([[true], [false], [true]])
  })

  it('keeps to its end when the frame or a line changes its size', async () => {
    await scrollTo(500, { scrollHeight: 1_200 })
    await scrollTo(400, { clientHeight: 200 })
    expect(isAway()).toBe(false)
  })

  it('knows a hand even while lines change their size', async () => {
    await wrapper.get('[role=log]').trigger('wheel', { deltaY: -100 })
    await scrollTo(500, { scrollHeight: 1_200 })
    expect(isAway()).toBe(true)
  })
  describe('with older messages', () => {
    const asked = () => wrapper.emitted('older')?.length ?? 0
    const older = () => wrapper.get('[data-testid=older]')

    beforeEach(async () => {
      Object.assign(heights, { scrollHeight: 2_000 })
      await scrollTo(1_600)
      await wrapper.setProps({ more: true })
    })

    it('asks for them near the top, and not while they are on their way', async () => {
      await scrollTo(800)
      expect(asked()).toBe(0)
      await scrollTo(150)
      expect(asked()).toBe(1)
      await wrapper.setProps({ older: 'loading' })
      await scrollTo(0)
      expect(asked()).toBe(1)
      expect(older().text()).toBe('Loading older messages …')
      await wrapper.setProps({ older: 'idle' })
      expect(older().text()).toBe('')
    })

    it('asks for nothing where nothing is older', async () => {
      await wrapper.setProps({ more: false })
      await scrollTo(0)
      expect(asked()).toBe(0)
      expect(wrapper.find('[data-testid=older]').exists()).toBe(false)
    })

    it('keeps in view what was in view when they come', async () => {
      await scrollTo(100)
      const log = wrapper.get('[role=log]').element
      const rows = [row('a'), row('b'), row('c'), row('d')]
      const patched = wrapper.setProps({ rows, older: 'idle' })
      heights.scrollHeight = 2_000
      // The new rows make the list higher while they are drawn.
      Object.defineProperty(log, 'scrollHeight', {
        configurable: true,
        get: () => (log.querySelectorAll('[data-testid=message]').length > 2 ? 2_500 : 2_000),
      })
      await patched
      expect(log.scrollTop).toBe(600)
    })

    it('asks until its box is full, but not again after a failure', async () => {
      Object.assign(heights, { scrollHeight: 400 })
      await wrapper.setProps({ rows: [row('b'), row('c'), row('d')] })
      expect(asked()).toBe(1)
      await wrapper.setProps({ older: 'loading' })
      await wrapper.setProps({ older: 'failed' })
      expect(asked()).toBe(1)
      expect(older().text()).toContain('could not be loaded')
      await wrapper.get('[data-testid=older-retry]').trigger('click')
      expect(asked()).toBe(2)
    })

    it('asks again on the next scroll after a failure', async () => {
      await wrapper.setProps({ older: 'failed' })
      await scrollTo(100)
      expect(asked()).toBe(1)
    })

    it('has nobody listen to the past', async () => {
      const live = () => wrapper.get('[role=log]').attributes('aria-live')
      vi.useFakeTimers()
      await wrapper.setProps({ older: 'loading' })
      expect(live()).toBe('off')
      await wrapper.setProps({ older: 'idle' })
      expect(live()).toBe('off')
      vi.advanceTimersByTime(1_000)
      await nextTick()
      expect(live()).toBe('polite')
      vi.useRealTimers()
    })
  })
})
