// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nextTick } from 'vue'
import TwitchSection from '../../../components/TwitchSection.vue'
import { ControlError, type ControlErrorCode, type TwitchView } from '../../../protocol/control'
import { useTwitchStore } from '../../../stores/twitch'
import { settled } from '../stores/fake-host'
import { global } from './translate'

const NOT_LINKED: TwitchView = { state: 'not-linked', problem: null }
const LINKED: TwitchView = { state: 'linked', login: 'lumenfox', shown: false }

describe('the Twitch account in the popup', () => {
  let held: TwitchView | ControlError
  let calls: string[]
  let changed: () => void

  const answer = async (name: string): Promise<TwitchView> => {
    calls.push(name)
    if (held instanceof ControlError) throw held
    return held
  }
  async function show(view: TwitchView | ControlError) {
    held = view
    const wrapper = mount(TwitchSection, { global, attachTo: document.body })
    await settled()
    return wrapper
  }
  type Shown = Awaited<ReturnType<typeof show>>
  const press = async (wrapper: Shown, id: string) => {
    await wrapper.get(`[data-testid=${id}]`).trigger('click')
    await settled()
  }
  const status = (wrapper: Shown) => wrapper.get('[role=status]').text()
  const problem = (wrapper: Shown) => wrapper.find('[role=alert]')

  beforeEach(() => {
    setActivePinia(createPinia())
    calls = []
    useTwitchStore().attach({
      plane: {
        twitchLink: () => answer('twitchLink'),
        linkTwitch: () => answer('linkTwitch'),
        unlinkTwitch: () => answer('unlinkTwitch'),
        showTwitch: (shown) => answer(`showTwitch ${shown}`),
      },
      onChanged: (listener) => {
        changed = listener
        return () => {}
      },
    })
  })
  afterEach(() => document.body.replaceChildren())

  it('says before linking what is read, kept and shown', async () => {
    const wrapper = await show(NOT_LINKED)
    const button = wrapper.get('[data-testid=twitch-link]')
    const words = wrapper.get(`[id="${button.attributes('aria-describedby')}"]`).text()
    expect(words).toContain('read your Twitch name and which channels you run or moderate')
    expect(words).toContain('until you unlink')
    expect(words).toContain('only if you show it')
    expect(problem(wrapper).exists()).toBe(false)
  })

  it('waits for Twitch in words, and tells where it ended', async () => {
    const wrapper = await show(NOT_LINKED)
    held = { state: 'waiting' }
    wrapper.get<HTMLButtonElement>('[data-testid=twitch-link]').element.focus()
    await press(wrapper, 'twitch-link')
    expect(status(wrapper)).toContain('Waiting for Twitch')
    expect(wrapper.find('[data-testid=twitch-link]').exists()).toBe(false)
    held = LINKED
    changed()
    await settled()
    expect(wrapper.get('[data-testid=twitch-login]').text()).toContain('lumenfox')
    expect(document.activeElement).toBe(wrapper.get('h2').element)
  })

  it.each<[ControlErrorCode, string]>([
    ['twitch_cancelled', 'you said no there'],
    ['twitch_taken', 'linked to another Sidestream account'],
    ['twitch_unavailable', 'Twitch did not answer'],
    ['twitch_attempt_refused', 'Start again'],
    ['internal', 'on our side'],
  ])('tells how a try ended: %s', async (code, words) => {
    const wrapper = await show({ state: 'not-linked', problem: code })
    expect(problem(wrapper).text()).toContain(words)
    expect(wrapper.find('[data-testid=twitch-link]').exists()).toBe(true)
  })

  it('tells that a try cannot even be begun, and when it can', async () => {
    const wrapper = await show(NOT_LINKED)
    held = new ControlError('rate_limited', 60)
    await press(wrapper, 'twitch-link')
    expect(problem(wrapper).text()).toContain('too often')
    expect(problem(wrapper).text()).toContain('60')
  })

  it('shows the login to others only when asked, and hides it again', async () => {
    const wrapper = await show(LINKED)
    const toggle = wrapper.get<HTMLInputElement>('[data-testid=twitch-show]')
    expect(toggle.element.checked).toBe(false)
    expect(wrapper.get(`[id="${toggle.attributes('aria-describedby')}"]`).text()).toContain('Everybody')
    held = { ...LINKED, shown: true }
    await toggle.setValue(true)
    await settled()
    expect(calls).toContain('showTwitch true')
    expect(toggle.element.checked).toBe(true)
    expect(status(wrapper)).toBe('Others see your Twitch name now.')
    held = LINKED
    await toggle.setValue(false)
    await settled()
    expect(status(wrapper)).toBe('Others no longer see your Twitch name.')
  })

  it('does not pretend to show what could not be shown', async () => {
    const wrapper = await show(LINKED)
    const toggle = wrapper.get<HTMLInputElement>('[data-testid=twitch-show]')
    held = new ControlError('worker_unreachable')
    await toggle.setValue(true)
    await settled()
    await nextTick()
    expect(toggle.element.checked).toBe(false)
    expect(problem(wrapper).text()).toContain('cannot be reached')
  })

  it('unlinks only who means it, and leads back to the heading', async () => {
    const wrapper = await show(LINKED)
    await press(wrapper, 'twitch-unlink')
    expect(wrapper.get('legend').text()).toContain('lumenfox')
    expect(calls).not.toContain('unlinkTwitch')
    held = NOT_LINKED
    await press(wrapper, 'twitch-unlink-confirm')
    expect(status(wrapper)).toBe('Your Twitch account is not linked any more.')
    expect(document.activeElement).toBe(wrapper.get('h2').element)
  })

  it('says that Twitch vouches no more, and offers to link again or to forget it', async () => {
    const wrapper = await show({ state: 'gone', login: 'lumenfox', problem: null })
    expect(wrapper.get('[data-testid=twitch-gone]').text()).toContain('lumenfox')
    expect(wrapper.find('[data-testid=twitch-link]').exists()).toBe(true)
    held = NOT_LINKED
    await press(wrapper, 'twitch-forget')
    expect(calls).toContain('unlinkTwitch')
    expect(wrapper.find('[data-testid=twitch-gone]').exists()).toBe(false)
  })

  it('offers nothing where the Worker has no linking', async () => {
    const wrapper = await show({ state: 'unavailable' })
    expect(wrapper.text()).toContain('This server has no linking')
    expect(wrapper.findAll('button')).toHaveLength(0)
  })

  it('can be asked for again when nobody answered', async () => {
    const wrapper = await show(new ControlError('worker_unreachable'))
    expect(problem(wrapper).text()).toContain('cannot be reached')
    held = LINKED
    await press(wrapper, 'twitch-load')
    expect(wrapper.find('[data-testid=twitch-login]').exists()).toBe(true)
    expect(problem(wrapper).exists()).toBe(false)
  })
})
