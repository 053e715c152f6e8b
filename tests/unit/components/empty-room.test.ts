// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import CollapsedHandle from '../../../components/CollapsedHandle.vue'
import EmptyRoom from '../../../components/EmptyRoom.vue'
import { lastHere } from '../../../components/last-here'
import { accountIdSchema } from '../../../protocol/device'
import { message, own, settled } from '../stores/fake-host'
import { global } from './translate'

const HOUR = 3_600_000
const account = (name: string) => accountIdSchema.parse(name.padEnd(22, 'A'))
const said = (name: string, ms: number) => message(`${name} ${ms}`, { accountId: account(name), name, ms })

describe('who was here last', () => {
  it('are others, each once, the latest first, by the newest of their names', () => {
    const renamed = message('z', { accountId: account('Heron'), name: 'Stork', ms: 4 })
    expect(lastHere([said('Heron', 1), said('Lynx', 2), own('o', 'me', { ms: 3 }), renamed])).toEqual([
      { accountId: account('Heron'), name: 'Stork', ms: 4 },
      { accountId: account('Lynx'), name: 'Lynx', ms: 2 },
    ])
  })

  it('are five at most, and nobody without history', () => {
    const many = Array.from({ length: 9 }, (_, index) => said(`Name${index}`, index))
    expect(lastHere(many).map(({ name }) => name)).toEqual(['Name8', 'Name7', 'Name6', 'Name5', 'Name4'])
    expect(lastHere([])).toEqual([])
  })
})

describe('an empty room', () => {
  const write = vi.fn<(text: string) => Promise<void>>()
  const open = (messages = [said('Heron', Date.now() - 3 * HOUR), said('Lynx', Date.now())]) =>
    mount(EmptyRoom, { props: { login: 'gamer', alone: true, messages }, global, attachTo: document.body })

  beforeEach(() => {
    write.mockReset().mockResolvedValue(undefined)
    vi.stubGlobal('navigator', { clipboard: { writeText: write } })
  })
  afterEach(() => {
    vi.unstubAllGlobals()
    document.body.innerHTML = ''
  })

  it('names them with their pictures and when', () => {
    const wrapper = open()
    const people = wrapper.findAll('[data-testid=last-here]')
    expect(people.map((one) => one.text())).toEqual(['Lynxwithin the last hour', 'Heron3 hours ago'])
    expect(wrapper.findAll('[data-testid=last-here] svg, [data-testid=last-here] img')).toHaveLength(2)
    expect(wrapper.get('ul').attributes('aria-label')).toBe('Here last')
    expect(wrapper.text()).toContain('Nobody else is here right now')
  })

  it('has no list where nobody ever said anything', () => {
    const wrapper = open([])
    expect(wrapper.find('ul').exists()).toBe(false)
    expect(wrapper.text()).toContain("You're the first one here")
  })

  it('invites by the address of the channel, and says that it is copied', async () => {
    const wrapper = open([])
    const button = wrapper.get('[data-testid=invite]')
    await button.trigger('click')
    await settled()
    expect(write.mock.calls).toEqual([['https://www.twitch.tv/gamer']])
    expect(button.text()).toBe('Invitation link copied')
    expect(wrapper.get('[role=status]').text()).toBe('Invitation link copied')
    expect(wrapper.find('[data-testid=invite-link]').exists()).toBe(false)
  })

  it('shows the link where the clipboard refuses', async () => {
    write.mockRejectedValue(new Error('denied'))
    const wrapper = open([])
    await wrapper.get('[data-testid=invite]').trigger('click')
    await settled()
    expect(wrapper.get('[data-testid=invite-link]').text()).toBe('https://www.twitch.tv/gamer')
    expect(wrapper.get('[data-testid=invite]').text()).toBe('Copy invitation link')
  })

  it('invites nobody where people are', () => {
    const wrapper = mount(EmptyRoom, { props: { login: 'gamer', alone: false, messages: [] }, global })
    expect(wrapper.find('[data-testid=invite]').exists()).toBe(false)
  })
})

describe('the handle', () => {
  const handle = (unread: number, cameIn: boolean) =>
    mount(CollapsedHandle, { props: { unread, cameIn, takeFocus: false }, global })

  it('says that somebody is here, in its name, too', () => {
    const wrapper = handle(0, true)
    expect(wrapper.find('[data-testid=came-in]').exists()).toBe(true)
    expect(wrapper.attributes('aria-label')).toBe('Open Sidestream. Someone is here')
  })

  it('says how much was said instead, once something was', () => {
    const wrapper = handle(2, true)
    expect(wrapper.find('[data-testid=came-in]').exists()).toBe(false)
    expect(wrapper.attributes('aria-label')).toBe('Open Sidestream. New messages: 2')
    expect(handle(0, false).attributes('aria-label')).toBe('Open Sidestream')
  })
})
