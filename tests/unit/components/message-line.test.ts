// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { nextTick, ref } from 'vue'
import MessageLine from '../../../components/MessageLine.vue'
import { rolesKey } from '../../../components/roles'
import type { LineStatus, LineView } from '../../../components/rows'
import { createClock } from '../../../components/time'
import { HERON, message, own } from '../stores/fake-host'
import { global } from './translate'

const clock = createClock('en')
const SAID: LineStatus = { state: 'said' }
const draw = (
  line: LineView,
  status: LineStatus = SAID,
  more: { grouped?: boolean; newestOwn?: boolean; active?: boolean; copied?: boolean; toMe?: boolean } = {},
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
    expect(wrapper.find('[data-testid=retry], [data-testid=discard]').exists()).toBe(false)
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
    expect(wrapper.get('[data-testid=line-hint]').text()).toBe('Sending…')
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

  it('says what its author does, behind their name', () => {
    const wrapper = draw(message('m', { me: true, text: 'waves' }))
    expect(wrapper.get('[data-testid=message-text]').text()).toBe('CalmHeron waves')
    expect(wrapper.get('[data-testid=message]').attributes('data-kind')).toBe('me')
    expect(wrapper.find('.head').exists()).toBe(false)
    // Without a head it is told elsewhere when it was.
    expect(wrapper.get('[data-testid=message-text]').attributes('title')).toContain('1970')
  })

  it('shows what it answers, and the way there', async () => {
    const reply = { id: 'a', accountId: HERON, name: 'CalmHeron', text: '<b>bold</b>' }
    const wrapper = draw(message('m', { reply }))
    const answered = wrapper.get('[data-testid=answered]')
    expect(answered.text()).toBe('CalmHeron<b>bold</b>')
    expect(answered.attributes('aria-label')).toBe('Answers \u2068CalmHeron\u2069: \u2068<b>bold</b>\u2069')
    await answered.trigger('click')
    expect(wrapper.emitted('act')).toMatchObject([[{ action: 'origin', line: { id: 'm' } }]])
  })

  it('says so where what it answers is not here', () => {
    const wrapper = draw(message('m', { reply: { id: 'a' } }))
    expect(wrapper.get('[data-testid=answered]').text()).toBe('Answers a message that is not here')
    expect(wrapper.find('button[data-testid=answered]').exists()).toBe(false)
  })

  it('wears the badge of what its author is by now, where that is known', () => {
    const badge = (wrapper: ReturnType<typeof draw>) =>
      wrapper.find('[data-testid=badge]').exists() &&
      wrapper.get('[data-testid=badge]').attributes('aria-label')
    const then = message('m', { role: 'moderator' })
    expect(badge(draw(then))).toBe('Moderator')
    const known = (roles: [string, 'broadcaster'][]) =>
      mount(MessageLine, {
        props: { line: then, status: SAID, grouped: false, newestOwn: false, clock },
        global: { provide: { ...global.provide, [rolesKey as symbol]: ref(new Map(roles)) } },
      })
    expect(badge(known([[HERON, 'broadcaster']]))).toBe('Broadcaster')
    expect(badge(known([]))).toBe(false)
  })

  it('shows what can be done with it only where somebody is', async () => {
    const wrapper = draw(message('m'))
    expect(wrapper.find('[data-testid=line-actions]').exists()).toBe(false)
    await wrapper.setProps({ active: true })
    for (const action of ['reply', 'mention', 'copy'])
      await wrapper.get(`[data-testid=${action}]`).trigger('click')
    await wrapper.get('[data-testid=person]').trigger('click')
    expect(wrapper.emitted('act')?.map(([act]) => act)).toMatchObject([
      { action: 'reply', line: { id: 'm' } },
      { action: 'mention' },
      { action: 'copy' },
      { action: 'person' },
    ])
    expect(wrapper.get('[data-testid=reply]').attributes('aria-label')).toBe('Reply to \u2068CalmHeron\u2069')
    expect(wrapper.get('[data-testid=copy]').attributes('aria-label')).toBe('Copy')
    await wrapper.setProps({ copied: true })
    expect(wrapper.get('[data-testid=copy]').attributes('aria-label')).toBe('Copied')
  })

  it('offers no mention of oneself, and nothing for what is not said yet', () => {
    const mine = draw(own('m', 'hello'), SAID, { active: true })
    expect(mine.find('[data-testid=mention]').exists()).toBe(false)
    expect(mine.find('[data-testid=reply]').exists()).toBe(true)
    const underWay = draw(own('k', 'hello'), { state: 'network' }, { active: true })
    expect(underWay.find('[data-testid=line-actions]').exists()).toBe(false)
  })

  it('stands out where it speaks to the viewer', () => {
    expect(draw(message('m'), SAID, { toMe: true }).get('[data-testid=message]').classes()).toContain('to-me')
  })

  it('survives a time that no calendar has', () => {
    expect(
      draw(message('m', { ms: Number.MAX_SAFE_INTEGER }))
        .get('time')
        .text(),
    ).not.toBe('')
  })
})
