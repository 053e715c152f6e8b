// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import MessageLine from '../../../components/MessageLine.vue'
import type { LineStatus, LineView } from '../../../components/rows'
import { createClock } from '../../../components/time'
import { message, own } from '../stores/fake-host'
import { global } from './translate'

const clock = createClock('en')
const SAID: LineStatus = { state: 'said' }
const draw = (
  line: LineView,
  status: LineStatus = SAID,
  more: { grouped?: boolean; newestOwn?: boolean } = {},
) =>
  mount(MessageLine, {
    props: { line, status, grouped: false, newestOwn: line.mine, clock, ...more },
    global,
  })
const line = (text: string) => draw(message('m1', { text }))

afterEach(() => {
  vi.useRealTimers()
})

describe('a message', () => {
  it('says who, when and what', () => {
    const wrapper = line('hello')
    const item = wrapper.get('[data-testid=message]')
    expect(item.attributes()).toMatchObject({ 'data-author': 'CalmHeron', 'data-id': 'm1' })
    expect(wrapper.get('bdi').text()).toBe('CalmHeron')
    expect(wrapper.get('[data-testid=message-text]').text()).toBe('hello')
    expect(wrapper.get('time').attributes('datetime')).toBe('1970-01-01T00:00:01.000Z')
  })

  it('names its author to those who cannot see the group', () => {
    const wrapper = draw(message('m1'), SAID, { grouped: true })
    expect(wrapper.find('time').exists()).toBe(false)
    expect(wrapper.get('.unseen').text()).toBe('CalmHeron')
  })

  it('is never HTML', () => {
    const text = '<img src=x onerror=alert(1)><b>bold</b> &amp; {{ 1 + 1 }}'
    const wrapper = line(text)
    expect(wrapper.find('img, b').exists()).toBe(false)
    expect(wrapper.get('[data-testid=message-text]').element.textContent).toBe(text)
  })

  it('keeps white space, line breaks and direction of the text', () => {
    const wrapper = line('two\n  lines')
    const element = wrapper.get('[data-testid=message-text]').element
    expect(element.textContent).toBe('two\n  lines')
    expect(element.getAttribute('dir')).toBe('auto')
  })

  it('opens links elsewhere and tells them nothing', () => {
    const link = line('see https://a.example/x').get('a')
    expect(link.attributes()).toMatchObject({
      href: 'https://a.example/x',
      target: '_blank',
      rel: 'noopener noreferrer nofollow',
    })
  })

  it('links nothing that runs', () => {
    expect(line('javascript:alert(1) data:text/html,x').find('a').exists()).toBe(false)
  })

  it.each([
    ['too-late', 'it waited too long'],
    ['too-many-waiting', 'too much is waiting'],
    ['storage', 'storage is full'],
    ['void-author', 'no longer accept'],
    ['unlinked', 'linked Twitch account'],
    ['no-room', 'room is closed'],
    ['signed-out', 'signed out'],
    ['text-not-allowed', 'not allowed'],
    ['failed', 'something went wrong'],
  ] as const)('says why it was refused (%s), and what can be done', async (refused, words) => {
    const wrapper = draw(own('k', 'hello'), { state: 'refused', refused })
    expect(wrapper.get('[data-testid=message]').attributes()).toMatchObject({
      'data-status': 'refused',
      'data-refused': refused,
    })
    expect(wrapper.get('[role=alert]').text()).toContain(words)
    // What nobody accepts need not be said again.
    if (refused === 'void-author') return expect(wrapper.find('[data-testid=retry]').exists()).toBe(false)
    await wrapper.get('[data-testid=retry]').trigger('click')
    await wrapper.get('[data-testid=discard]').trigger('click')
    expect(wrapper.emitted()).toMatchObject({ retry: [[]], discard: [[]] })
  })

  it.each([
    ['the network', 'network', 'Waiting for the network'],
    ['a linked account', 'unlinked', 'Sent when you may take part'],
  ] as const)('says that it waits for %s, and can be discarded', async (_, state, words) => {
    const wrapper = draw(own('k', 'hello'), { state })
    expect(wrapper.get('[data-testid=line-hint]').text()).toBe(words)
    expect(wrapper.find('[data-testid=retry]').exists()).toBe(false)
    await wrapper.get('[data-testid=discard]').trigger('click')
    expect(wrapper.emitted('discard')).toHaveLength(1)
  })

  it('says that it waits for others to keep up', () => {
    const wrapper = draw(own('k', 'hello'), { state: 'pace' })
    expect(wrapper.get('[data-testid=line-hint]').text()).toBe('Sent in a moment: you are quick')
    expect(wrapper.find('button').exists()).toBe(false)
  })

  it('says why it waits under the last of several alone, but lets each be discarded', () => {
    const waiting = draw(own('m1', 'hello'), { state: 'network' }, { newestOwn: false })
    expect(waiting.find('[data-testid=line-hint]').exists()).toBe(false)
    expect(waiting.find('[data-testid=discard]').exists()).toBe(true)
    const paced = draw(own('m1', 'hello'), { state: 'pace' }, { newestOwn: false })
    expect(paced.find('.below').exists()).toBe(false)
  })

  it('says that it is being sent only when that takes long', async () => {
    vi.useFakeTimers()
    const wrapper = draw(own('k', 'hello'), { state: 'sending' })
    const hint = () => wrapper.find('[data-testid=line-hint]').exists()
    vi.advanceTimersByTime(400)
    await nextTick()
    expect(hint()).toBe(false)
    vi.advanceTimersByTime(200)
    await nextTick()
    expect(wrapper.get('[data-testid=line-hint]').text()).toBe('Sending …')
    await wrapper.setProps({ status: SAID })
    expect(hint()).toBe(false)
  })

  it('tells quietly how many have it', () => {
    const wrapper = draw(own('m', 'hello', { reach: 3 }))
    expect(wrapper.get('[data-testid=message-text]').attributes('title')).toBe('Sent to 3')
    expect(wrapper.get('[data-testid=message]').attributes('data-reach')).toBe('3')
    expect(wrapper.text()).not.toContain('Sent to')
  })

  it('says that an own one has reached nobody for a while, under the newest only', async () => {
    vi.useFakeTimers()
    const unheard = own('m', 'hello?', { reach: 0 })
    const lines = [
      draw(unheard),
      draw(unheard, SAID, { newestOwn: false }),
      draw(own('m', 'hello?', { reach: 1 })),
      draw(own('m', 'from another visit')),
    ]
    const hints = () => lines.map((one) => one.find('[data-testid=line-hint]').exists())
    expect(hints()).toEqual([false, false, false, false])
    vi.advanceTimersByTime(500)
    await nextTick()
    expect(hints()).toEqual([true, false, false, false])
    expect(lines[0]?.text()).toContain('Nobody has it yet')
    await lines[0]?.setProps({ line: { ...unheard, reach: 1 } })
    expect(hints()).toEqual([false, false, false, false])
  })

  it('survives a time that no calendar has', () => {
    expect(
      draw(message('m', { ms: Number.MAX_SAFE_INTEGER }))
        .get('time')
        .text(),
    ).not.toBe('')
  })
})
