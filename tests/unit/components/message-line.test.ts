// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import MessageLine from '../../../components/MessageLine.vue'
import type { LineStatus } from '../../../components/rows'
import { createClock } from '../../../components/time'
import { message, own } from '../stores/fake-host'
import { global } from './translate'

const clock = createClock('en')
const line = (text: string, status: LineStatus = 'said', grouped = false) =>
  mount(MessageLine, { props: { line: message('m1', { text }), status, grouped, clock }, global })

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
    const wrapper = line('hello', 'said', true)
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

  it('says why it was refused, and what can be done', async () => {
    const wrapper = line('hello', 'too-fast')
    expect(wrapper.get('[role=alert]').text()).toContain('you write too fast')
    await wrapper.get('[data-testid=retry]').trigger('click')
    await wrapper.get('[data-testid=discard]').trigger('click')
    expect(wrapper.emitted()).toMatchObject({ retry: [[]], discard: [[]] })
  })

  it('says that an own one has reached nobody', () => {
    const props = {
      line: { ...own('m', 'hello?'), reach: 0 },
      status: 'said' as const,
      grouped: false,
      clock,
    }
    expect(mount(MessageLine, { props, global }).text()).toContain('Nobody has it yet')
  })

  it('survives a time that no calendar has', () => {
    const props = {
      line: message('m', { ms: Number.MAX_SAFE_INTEGER }),
      status: 'said' as const,
      grouped: false,
      clock,
    }
    expect(mount(MessageLine, { props, global }).get('time').text()).not.toBe('')
  })
})
