// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import PanelRoot from '../../../components/PanelRoot.vue'
import { DEFAULT_APPEARANCE } from '../../../protocol/appearance'
import { CALLED_BY, CALLED_IN, DEFAULT_ATTENTION } from '../../../protocol/attention'
import type { IdentityView } from '../../../protocol/control'
import type { SettingsSource } from '../../../protocol/kept-settings'
import { useAppearanceStore } from '../../../stores/appearance'
import { useAttentionStore } from '../../../stores/attention'
import { EMPTY_MS } from '../../../stores/company'
import { useIdentityStore } from '../../../stores/identity'
import { useRoomStore } from '../../../stores/room'
import {
  connected,
  fakeHost,
  HERON,
  ME,
  member,
  message,
  own,
  settled,
  view,
  waiting,
} from '../stores/fake-host'
import { global } from './translate'

const IN: IdentityView = { state: 'signed-in', accountId: ME, displayName: 'BraveOtter' }

/** Settings in memory alone. */
function keptIn<Settings>(settings: Settings): SettingsSource<Settings> {
  let kept = settings
  return {
    load: async () => kept,
    save: async (next) => {
      kept = next
    },
    onChanged: () => () => {},
  }
}

describe('the panel', () => {
  let host: ReturnType<typeof fakeHost>
  let wrapper: ReturnType<typeof mount>
  /** Pages that were opened beside it. */
  let pages: string[]
  const byId = (id: string) => wrapper.get(`[data-testid=${id}]`)
  const has = (id: string) => wrapper.find(`[data-testid=${id}]`).exists()

  async function open(identity: IdentityView, room = view()): Promise<void> {
    const answer = async () => identity
    await useIdentityStore().attach({
      plane: {
        identity: answer,
        requestCode: answer,
        submitCode: answer,
        cancelSignIn: answer,
        signOut: answer,
      },
      onChanged: () => () => {},
    })
    useRoomStore().attach(host.connect)
    host.state('open')
    host.snapshot(room, 0)
    wrapper = mount(PanelRoot, {
      props: { openTwitch: () => pages.push('twitch') },
      global,
      attachTo: document.body,
    })
    await nextTick()
  }

  beforeEach(() => {
    setActivePinia(createPinia())
    host = fakeHost()
    pages = []
  })
  afterEach(() => wrapper.unmount())

  it('lets nobody in who is not signed in', async () => {
    await open({ state: 'signed-out' }, view({ messages: [message('a')] }))
    expect(wrapper.find('input[name=email]').exists()).toBe(true)
    expect(has('composer')).toBe(false)
    expect(has('message')).toBe(false)
    expect(has('collapse')).toBe(true)
  })

  it('says quietly that the account is suspended, where the room would be', async () => {
    await open({ ...IN, suspended: true }, view({ me: null }))
    expect(byId('suspended').text()).toMatch(/suspended/)
    expect(has('composer')).toBe(false)
  })

  it.each([
    ['auto', 12, true],
    ['auto', 13, false],
    ['shown', 13, true],
    ['hidden', 2, false],
  ] as const)('tells who comes and goes (%s, %i people: %s)', async (comings, memberCount, tells) => {
    const notices = [{ id: 'n', kind: 'left' as const, name: 'QuickLynx', ms: 1 }]
    await open(IN, view({ memberCount, notices, messages: [message('a')] }))
    await useAppearanceStore().attach(keptIn({ ...DEFAULT_APPEARANCE, comings }))
    await nextTick()
    expect(has('notice')).toBe(tells)
  })

  it('tells the host what calls the viewer, in their language, and each new host again', async () => {
    await open(IN, view())
    await useAttentionStore().attach(keptIn(DEFAULT_ATTENTION))
    await nextTick()
    const before = host.attended.length
    await useAttentionStore().choose({ words: ['otter'] })
    await nextTick()
    const told = host.attended.slice(before)
    expect(told.map(({ words }) => words.join())).toEqual(told.map(() => 'otter'))
    expect(told).not.toEqual([])
    expect(host.titles.at(-1)).toBe(`${CALLED_BY} called you in ${CALLED_IN}`)
    await host.die()
    host.snapshot(view())
    host.state('open')
    await nextTick()
    expect(host.attended).toHaveLength(before + told.length + 1)
  })

  it('shows the room', async () => {
    const members = [
      member('BraveOtter', { accountId: ME, me: true }),
      member('CalmHeron', { accountId: HERON }),
    ]
    const notices = [{ id: 'n', kind: 'left' as const, name: 'QuickLynx', ms: 1 }]
    await open(IN, view({ members, memberCount: 2, notices, messages: [message('a'), own('b', 'me too')] }))
    expect(byId('panel').attributes('data-login')).toBe('gamer')
    expect(byId('connection').attributes()).toMatchObject({ 'data-state': 'connected', 'data-links': '2' })
    expect(byId('member-count').text()).toBe('2')
    expect(byId('me').text()).toBe('BraveOtter')
    expect(byId('notice').text()).toContain('QuickLynx')
    expect(wrapper.findAll('[role=log] [data-testid=message]')).toHaveLength(2)
    expect(wrapper.findAll('[data-testid=member]').map((one) => one.text())).toEqual([
      'BraveOtteryou',
      'CalmHeron',
    ])
  })

  it('says what is written and shows it at once', async () => {
    await open(IN)
    expect(byId('empty').text()).toContain("You're the first one here")
    await byId('composer').setValue('hello')
    await byId('composer').trigger('keydown', { key: 'Enter' })
    expect(host.said[0]?.text).toBe('hello')
    expect(byId('message').attributes('data-status')).toBe('sending')
    expect(has('empty')).toBe(false)
    const key = host.said[0]?.key ?? ''
    host.delta({ changed: { waiting: [waiting(key, { text: 'hello', state: 'pace' })] } })
    await nextTick()
    expect(byId('message').attributes('data-status')).toBe('pace')
    host.delta({ changed: { waiting: [] }, newMessages: [own('m1', 'hello', { key })] })
    const drawn = byId('message').element
    await nextTick()
    expect(wrapper.findAll('[data-testid=message]')).toHaveLength(1)
    expect(byId('message').attributes()).toMatchObject({ 'data-id': 'm1', 'data-status': 'said' })
    expect(byId('message').element).toBe(drawn)
  })

  it('tells whoever may not take part why, keeps what they wrote, and helps', async () => {
    await open(IN)
    await byId('composer').setValue('half a thought')
    const rules = { linkedOnly: true, barred: true, mayRule: false, role: null, slow: 0, bar: null }
    host.delta({
      changed: { rules, connection: connected({}, { state: 'barred', server: false }) },
      newMessages: [],
    })
    await nextTick()
    expect(byId('connection').text()).toContain('Linked accounts only')
    expect(has('linked-only')).toBe(false)
    expect(has('empty')).toBe(false)
    const field = byId('composer')
    expect(field.attributes()).toMatchObject({ 'aria-disabled': 'true', readonly: '' })
    const [why = ''] = field.attributes('aria-describedby')?.split(' ') ?? []
    expect(document.getElementById(why)?.textContent).toContain('linked Twitch account')
    await field.trigger('keydown', { key: 'Enter' })
    expect(byId('send').attributes('disabled')).toBeDefined()
    expect(host.said).toEqual([])
    expect(field.element).toHaveProperty('value', 'half a thought')
    await byId('barred-link').trigger('click')
    expect(pages).toEqual(['twitch'])
    // It is linked now.
    host.delta({ changed: { rules: { ...rules, barred: false }, connection: connected({ turn: 1 }) } })
    await nextTick()
    expect(has('barred')).toBe(false)
    expect(byId('linked-only').text()).toBe('Only people with a linked Twitch account take part here.')
    expect(field.attributes('aria-disabled')).toBe('false')
    await field.trigger('keydown', { key: 'Enter' })
    expect(host.said[0]?.text).toBe('half a thought')
  })

  it('collapses to a handle that counts, and opens again with the draft in place', async () => {
    await open(IN)
    await byId('composer').setValue('half a')
    await byId('collapse').trigger('click')
    expect(has('composer')).toBe(false)
    const ms = Date.now() + 60_000
    host.delta({ newMessages: [message('a', { ms }), message('b', { ms })] })
    await nextTick()
    expect(byId('unread').text()).toBe('2')
    expect(byId('expand').attributes('aria-label')).toBe('Open Sidestream. New messages: 2')
    await byId('expand').trigger('click')
    expect(byId('composer').element).toHaveProperty('value', 'half a')
    expect(host.calls).toEqual(['writing true', 'setCollapsed true', 'writing false', 'setCollapsed false'])
  })

  it('says who was here last, once nobody else has been here for a while', async () => {
    vi.useFakeTimers()
    try {
      await open(IN, view({ connection: connected(), messages: [message('a')] }))
      vi.advanceTimersByTime(EMPTY_MS - 1)
      await nextTick()
      expect(has('empty')).toBe(false)
      vi.advanceTimersByTime(1)
      await nextTick()
      expect(byId('last-here').text()).toContain('CalmHeron')
      expect(has('invite')).toBe(true)
      host.delta({ changed: { memberCount: 2 } })
      await nextTick()
      expect(has('empty')).toBe(false)
    } finally {
      vi.useRealTimers()
    }
  })

  it('marks the handle when somebody comes into the room that was empty', async () => {
    vi.useFakeTimers()
    try {
      await open(IN, view({ connection: connected(), collapsed: true }))
      vi.advanceTimersByTime(EMPTY_MS)
      host.delta({ changed: { memberCount: 2 } })
      await nextTick()
      expect(has('came-in')).toBe(true)
      host.delta({ changed: { login: 'other' } })
      await nextTick()
      expect(has('came-in')).toBe(false)
    } finally {
      vi.useRealTimers()
    }
  })

  it('takes the focus only from those who are in it', async () => {
    await open(IN)
    expect(document.activeElement).toBe(document.body)
    await byId('collapse').trigger('pointerdown')
    await byId('collapse').trigger('click')
    await byId('expand').trigger('click')
    expect(document.activeElement).toBe(byId('composer').element)
  })

  it('collapses and opens by the keyboard alone', async () => {
    await open(IN)
    await byId('collapse').trigger('keydown', { key: 'Enter' })
    await byId('collapse').trigger('click')
    expect(document.activeElement).toBe(byId('expand').element)
    await byId('expand').trigger('click')
    expect(document.activeElement).toBe(byId('composer').element)
  })

  it('appears at once and whole: nothing shows before it is known what', async () => {
    useRoomStore().attach(host.connect)
    wrapper = mount(PanelRoot, {
      props: { openTwitch: () => pages.push('twitch') },
      global,
      attachTo: document.body,
    })
    expect(byId('panel').text()).toBe('')
    expect(has('collapse')).toBe(false)
  })

  it('says what is the matter, and helps', async () => {
    await open(IN, view({ connection: connected({}, { state: 'offline', server: false }) }))
    expect(byId('connection').text()).toContain('No connection')
    await byId('reconnect').trigger('click')
    expect(host.calls).toEqual(['reconnectNow'])
    host.state('connecting')
    await nextTick()
    expect(byId('connection').attributes('data-state')).toBe('connecting')
  })

  it('lets the viewer say a refused line again or drop it, and keeps the focus', async () => {
    const late = { state: 'refused', refused: 'too-late' } as const
    await open(IN, view({ waiting: [waiting('a', late), waiting('b', { state: 'network' })] }))
    await byId('retry').trigger('click')
    expect(document.activeElement).toBe(byId('composer').element)
    await wrapper.findAll('[data-testid=discard]')[1]?.trigger('click')
    expect(host.calls).toEqual(['sayAgain a', 'discard b'])
    expect(wrapper.findAll('[data-testid=message]')).toHaveLength(1)
  })

  it('shows who is writing, and nobody of a host that is gone', async () => {
    await open(IN, view({ typing: [{ accountId: HERON, name: 'CalmHeron' }] }))
    expect(byId('typing').text()).toBe('CalmHeron is writing…')
    host.state('connecting')
    await nextTick()
    expect(byId('typing').text()).toBe('')
  })

  it('loads older messages above the others', async () => {
    const history = { more: true, corrupt: 2, problem: 'full' as const }
    await open(IN, view({ messages: [message('c')], history }))
    expect(wrapper.findAll('[data-testid=history-note]').map((one) => one.text())).toEqual([
      'Storage is full: the oldest messages were let go.',
      '2 stored messages could not be read',
    ])
    await wrapper.get('[role=log]').trigger('scroll')
    await nextTick()
    expect(byId('older').attributes('data-state')).toBe('loading')
    host.pages[0]?.answer({ messages: [message('b', { ms: 1 })], more: false })
    await settled()
    const texts = wrapper.findAll('[data-testid=message-text]').map((one) => one.text())
    expect(texts).toEqual(['text of b', 'text of c'])
    expect(has('older')).toBe(false)
  })

  it("forgets the room's history", async () => {
    Object.defineProperty(HTMLElement.prototype, 'hidePopover', { configurable: true, value: () => {} })
    await open(IN)
    await byId('clear-room').trigger('click')
    await byId('clear-room-confirm').trigger('click')
    await settled()
    expect(host.calls).toEqual(['clearHistory', 'refresh'])
  })

  it('answers and mentions from the list, and opens the card of whoever spoke', async () => {
    await open(IN, view({ messages: [message('a', { text: 'who is there?' })] }))
    const act = async (action: string) => {
      byId('message').element.dispatchEvent(
        new PointerEvent('pointerover', { pointerType: 'mouse', bubbles: true }),
      )
      await nextTick()
      await byId(action).trigger('click')
    }
    await act('reply')
    expect(useRoomStore().replyTo).toMatchObject({ id: 'a', name: 'CalmHeron', text: 'who is there?' })
    expect(document.activeElement).toBe(byId('composer').element)
    await act('mention')
    expect(byId('composer').element).toHaveProperty('value', '@CalmHeron ')
    await byId('composer').trigger('keydown', { key: 'Enter' })
    expect(host.said[0]?.text.trim()).toBe('@CalmHeron')
    expect(useRoomStore().replyTo).toBeNull()
  })

  it('shows mentions of those who are here, and marks what speaks to the viewer', async () => {
    const texts = ['@braveotter and @QuickLynx, not @Nobody', 'hello']
    const messages = texts.map((text, index) => message(`m${index}`, { text }))
    await open(IN, view({ members: [member('QuickLynx')], messages }))
    expect(wrapper.findAll('.mention').map((one) => one.text())).toEqual(['@braveotter', '@QuickLynx'])
    expect(wrapper.findAll('.to-me')).toHaveLength(1)
  })

  it('goes to what a message answers, or says that it is not here', async () => {
    const answers = message('b', { reply: { id: 'a', name: 'CalmHeron', text: 'so?' } })
    await open(
      IN,
      view({ messages: [message('a'), answers, message('c', { reply: { id: 'x', name: 'Y' } })] }),
    )
    const answered = wrapper.findAll('[data-testid=answered]')
    await answered[0]?.trigger('click')
    await settled()
    expect(wrapper.get('.found').find('[data-id=a]').exists()).toBe(true)
    expect(has('told')).toBe(false)
    await answered[1]?.trigger('click')
    await settled()
    expect(byId('told').text()).toBe('That message is no longer here.')
  })

  it('searches by the keys that browsers search with, and gives those back on the second time', async () => {
    Object.defineProperty(HTMLElement.prototype, 'hidePopover', { configurable: true, value: () => {} })
    await open(IN, view({ messages: [message('a')] }))
    const find = () => {
      const event = new KeyboardEvent('keydown', { key: 'f', ctrlKey: true, bubbles: true, cancelable: true })
      byId('composer').element.dispatchEvent(event)
      return event.defaultPrevented
    }
    expect(find()).toBe(true)
    await nextTick()
    expect(document.activeElement).toBe(byId('search-field').element)
    expect(find()).toBe(false)
    await byId('search-close').trigger('click')
    await nextTick()
    expect(has('search')).toBe(false)
    expect(document.activeElement).toBe(byId('composer').element)
    await byId('open-search').trigger('click')
    expect(has('search')).toBe(true)
  })

  it('draws a line above what came while the tab was out of sight', async () => {
    await open(IN, view({ messages: [message('a')] }))
    const visibility = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden')
    document.dispatchEvent(new Event('visibilitychange'))
    host.delta({ newMessages: [message('b', { ms: Date.now() + 60_000 })] })
    visibility.mockReturnValue('visible')
    document.dispatchEvent(new Event('visibilitychange'))
    await nextTick()
    const below = byId('unread-from').element.closest('.row')?.nextElementSibling
    expect(below?.querySelector('[data-id=b]')).not.toBeNull()
    visibility.mockRestore()
  })

  it("wears the page's theme", async () => {
    await open(IN, view({ theme: 'light' }))
    expect(document.documentElement.dataset.theme).toBe('light')
    host.delta({ changed: { theme: 'dark' } })
    await nextTick()
    expect(document.documentElement.dataset.theme).toBe('dark')
  })

  it('has no room where the page has none', async () => {
    await open(IN, view({ login: null }))
    expect(byId('panel').attributes('data-login')).toBe('')
    expect(wrapper.text()).toContain('There is no room here')
    expect(has('composer')).toBe(false)
  })
})
