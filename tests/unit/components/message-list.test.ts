// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import MessageList from '../../../components/MessageList.vue'
import type { Row } from '../../../components/rows'
import { message } from '../stores/fake-host'
import { Layout } from './layout'
import { global } from './translate'

/** Each line is as high (px). */
const ROW = 50

const row = (id: string): Row => ({
  kind: 'message',
  key: id,
  line: message(id),
  status: { state: 'said' },
  grouped: false,
  newestOwn: false,
  toMe: false,
})
const rowsFrom = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => row(`r${from + index}`))

describe('the list of messages', () => {
  let wrapper: ReturnType<typeof mount<typeof MessageList>>
  let layout: Layout
  const log = () => wrapper.get('[role=log]')
  const focusLog = () => document.querySelector<HTMLElement>('[role=log]')?.focus()
  const isAway = () => wrapper.find('[data-testid=to-newest]').exists()
  const drawn = () => wrapper.findAll('[data-testid=message]').map((one) => one.attributes('data-id'))
  const inView = () =>
    layout.inView().map((element) => element.querySelector('[data-id]')?.getAttribute('data-id'))

  async function scrollTo(top: number): Promise<void> {
    layout.scrollTo(top)
    await log().trigger('scroll')
    await layout.settle()
  }
  /** Somebody turns the wheel. */
  async function wheel(by: number): Promise<void> {
    await log().trigger('wheel', { deltaY: by })
    await scrollTo(layout.scrollTop + by)
  }
  async function show(rows: Row[], more: Record<string, unknown> = {}): Promise<void> {
    await wrapper.setProps({ rows, ...more })
    await layout.settle()
  }

  beforeEach(async () => {
    layout = new Layout({ view: 400, width: 340, row: () => ROW })
    wrapper = mount(MessageList, {
      global,
      attachTo: document.body,
      props: { rows: rowsFrom(0, 1_000), more: false, older: 'idle', unread: 0, busy: false },
    })
    await layout.settle()
  })
  afterEach(() => {
    wrapper.unmount()
    layout.end()
    vi.useRealTimers()
  })

  it('draws what is in view and near it, and no more', async () => {
    expect(inView().at(-1)).toBe('r999')
    expect(drawn().length).toBeLessThan(60)
    await scrollTo(20_000)
    expect(layout.scrollHeight).toBeGreaterThan(40_000)
    expect(inView().length).toBeGreaterThanOrEqual(8)
    expect(drawn().length).toBeLessThan(90)
    expect(drawn()).not.toContain('r999')
  })

  it('keeps to its end while more comes, whatever height that has', async () => {
    for (let count = 1_001; count < 1_040; count += 3) {
      await show(rowsFrom(0, count))
      expect(layout.fromEnd).toBe(0)
      expect(inView().at(-1)).toBe(`r${count - 1}`)
    }
    layout.view = 200
    await layout.settle()
    expect(layout.fromEnd).toBe(0)
    expect(isAway()).toBe(false)
  })

  it('lets go of its end when somebody scrolls up, and offers the way back', async () => {
    await wheel(-300)
    expect(isAway()).toBe(true)
    await show(rowsFrom(0, 1_010), { unread: 10 })
    expect(layout.fromEnd).toBeGreaterThan(300)
    expect(wrapper.get('[data-testid=to-newest]').text()).toBe('New messages: 10')
    await wrapper.get('[data-testid=to-newest]').trigger('click')
    await layout.settle()
    expect(layout.fromEnd).toBe(0)
    expect(isAway()).toBe(false)
    expect(wrapper.emitted('atBottom')).toEqual([[true], [false], [true]])
  })

  it('follows again when somebody scrolls back down', async () => {
    await wheel(-300)
    await wheel(290)
    expect(isAway()).toBe(false)
  })

  it('keeps in view what is in view when rows come or go above it, at the very top as well', async () => {
    await wheel(-20_000)
    const before = layout.places()
    await show(rowsFrom(-100, 1_000))
    expect(layout.places()).toMatchObject(before)
    await show(rowsFrom(-50, 1_000))
    expect(layout.places()).toMatchObject(before)
    await wheel(-1_000_000)
    expect(layout.scrollTop).toBe(0)
    const atTop = layout.places()
    await show(rowsFrom(-150, 1_000))
    expect(layout.places()).toMatchObject(atTop)
    expect(layout.scrollTop).toBeGreaterThan(99 * ROW)
  })

  it('stays in the present when what somebody reads is let go', async () => {
    await wheel(-1_000_000)
    await show(rowsFrom(500, 1_000))
    expect(inView().length).toBeGreaterThanOrEqual(8)
  })

  it('shows a message that is far up, in the middle and for a moment marked', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    expect(await wrapper.vm.reveal('r100', true)).toBe(true)
    await layout.settle()
    expect(inView()).toContain('r100')
    expect(isAway()).toBe(true)
    const found = wrapper.get('.found')
    expect(found.find('[data-id=r100]').exists()).toBe(true)
    expect(document.activeElement).toBe(found.element)
    vi.advanceTimersByTime(2_000)
    await nextTick()
    expect(wrapper.find('.found').exists()).toBe(false)
    expect(await wrapper.vm.reveal('nowhere')).toBe(false)
  })

  describe('by the keyboard', () => {
    const key = (name: string) => {
      const target = document.activeElement ?? log().element
      target.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true }))
      return layout.settle()
    }
    const focused = () => document.activeElement?.querySelector('[data-id]')?.getAttribute('data-id')

    beforeEach(() => {
      // What has the focus in these tests got it by the keyboard.
      const matches = HTMLElement.prototype.matches
      vi.spyOn(HTMLElement.prototype, 'matches').mockImplementation(function (this: HTMLElement, selector) {
        return selector === ':focus-visible' ? document.activeElement === this : matches.call(this, selector)
      })
      focusLog()
    })
    afterEach(() => vi.restoreAllMocks())

    it('goes to single messages, and out again', async () => {
      await key('ArrowUp')
      expect(focused()).toBe('r999')
      await key('ArrowUp')
      expect(focused()).toBe('r998')
      await key('ArrowDown')
      await key('ArrowDown')
      expect(focused()).toBe('r999')
      await key('Home')
      expect(focused()).toBe('r0')
      await key('End')
      expect(focused()).toBe('r999')
      await key('Escape')
      expect(wrapper.emitted('leave')).toHaveLength(1)
    })

    it('goes to the last message in view, however far up that is', async () => {
      await wheel(-20_000)
      const last = inView().at(-1)
      await key('ArrowUp')
      expect(focused()).toBe(last)
      expect(Number(last?.slice(1))).toBeLessThan(700)
    })

    it('shows what can be done with the message it is at, and rests meanwhile', async () => {
      await key('ArrowUp')
      expect(wrapper.get('[data-testid=line-actions]').element.closest('.row')).toBe(document.activeElement)
      await show(rowsFrom(0, 1_020), { unread: 20 })
      expect(focused()).toBe('r999')
      expect(layout.fromEnd).toBeGreaterThan(0)
      expect(wrapper.get('[data-testid=to-newest]').text()).toBe('Paused. New messages: 20')
      focusLog()
      await layout.settle()
      expect(layout.fromEnd).toBe(0)
    })
  })

  describe('while it runs', () => {
    let count = 1_000
    const run = async (times: number) => {
      for (let time = 0; time < times; time += 1) {
        count += 1
        await show(rowsFrom(0, count))
      }
    }
    const point = (type = 'pointermove', more: PointerEventInit = {}) =>
      log().element.dispatchEvent(new PointerEvent(type, { pointerType: 'mouse', bubbles: true, ...more }))

    beforeEach(() => {
      count = 1_000
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    })

    it('rests under a pointer that is moved, until that leaves or has been left there', async () => {
      point()
      await run(2)
      expect(layout.fromEnd).toBe(0)
      await run(3)
      expect(layout.fromEnd).toBeGreaterThan(0)
      expect(isAway()).toBe(false)
      point('pointerleave')
      await layout.settle()
      expect(layout.fromEnd).toBe(0)
      point()
      await run(1)
      expect(layout.fromEnd).toBe(ROW)
      vi.advanceTimersByTime(5_000)
      await layout.settle()
      expect(layout.fromEnd).toBe(0)
    })

    it('does not rest where little comes, nor where the viewer wants it by the key alone', async () => {
      point()
      for (let time = 0; time < 5; time += 1) {
        await run(1)
        vi.advanceTimersByTime(1_100)
      }
      expect(layout.fromEnd).toBe(0)
      await wrapper.setProps({ hold: 'key' })
      point()
      await run(5)
      expect(layout.fromEnd).toBe(0)
    })

    it('rests while the key is down', async () => {
      await wrapper.setProps({ hold: 'key' })
      window.dispatchEvent(new KeyboardEvent('keydown', { key: 'Alt' }))
      await run(1)
      expect(layout.fromEnd).toBe(ROW)
      window.dispatchEvent(new KeyboardEvent('keyup', { key: 'Alt' }))
      await layout.settle()
      expect(layout.fromEnd).toBe(0)
    })

    it('is read aloud, but not when it runs faster than anybody can listen', async () => {
      expect(log().attributes('aria-live')).toBe('polite')
      await run(14)
      expect(log().attributes('aria-live')).toBe('polite')
      await run(2)
      expect(log().attributes('aria-live')).toBe('off')
      vi.advanceTimersByTime(10_000)
      await nextTick()
      expect(log().attributes('aria-live')).toBe('polite')
      await wheel(-300)
      expect(log().attributes('aria-live')).toBe('off')
    })
  })

  describe('what can be done with a message', () => {
    const last = () => wrapper.findAll('[data-testid=message]').at(-1)
    const act = async (action: string) => {
      last()?.element.dispatchEvent(new PointerEvent('pointerover', { pointerType: 'mouse', bubbles: true }))
      await nextTick()
      await wrapper.get(`[data-testid=${action}]`).trigger('click')
    }

    it('is told to whoever can do it', async () => {
      await act('reply')
      expect(wrapper.emitted('act')).toMatchObject([[{ action: 'reply', line: { id: 'r999' } }]])
    })

    it('copies by itself', async () => {
      const texts: string[] = []
      vi.spyOn(navigator.clipboard, 'writeText').mockImplementation(async (text) => void texts.push(text))
      await act('copy')
      await nextTick()
      expect(texts).toEqual(['text of r999'])
      expect(wrapper.emitted('act')).toBeUndefined()
      expect(wrapper.get('[data-testid=copy]').attributes('aria-label')).toBe('Copied')
    })
  })

  describe('with older messages', () => {
    const asked = () => wrapper.emitted('older')?.length ?? 0
    const older = () => wrapper.get('[data-testid=older]')

    beforeEach(() => show(rowsFrom(0, 40), { more: true }))

    it('asks for them near the top, and not while they are on their way', async () => {
      await wheel(-100)
      expect(asked()).toBe(0)
      await wheel(-1_200)
      expect(asked()).toBe(1)
      await wrapper.setProps({ older: 'loading' })
      await wheel(-2_000)
      expect(asked()).toBe(1)
      expect(older().text()).toBe('Loading older messages…')
      await wrapper.setProps({ older: 'idle' })
      expect(older().text()).toBe('')
    })

    it('asks for nothing where nothing is older', async () => {
      await wrapper.setProps({ more: false })
      await wheel(-2_000)
      expect(asked()).toBe(0)
      expect(wrapper.find('[data-testid=older]').exists()).toBe(false)
    })

    it('asks until its box is full, but not again after a failure', async () => {
      await show(rowsFrom(0, 3))
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
      await wheel(-2_000)
      expect(asked()).toBe(1)
    })

    it('has nobody listen to the past', async () => {
      const live = () => log().attributes('aria-live')
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
      await wrapper.setProps({ older: 'loading' })
      expect(live()).toBe('off')
      await wrapper.setProps({ older: 'idle' })
      expect(live()).toBe('off')
      vi.advanceTimersByTime(1_000)
      await nextTick()
      expect(live()).toBe('polite')
    })
  })
})
