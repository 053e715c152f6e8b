// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import RoomHeader from '../../../components/RoomHeader.vue'
import type { ConnectionView, MemberView, RulesView } from '../../../protocol/host-port'
import { connected, ME, member, settled } from '../stores/fake-host'
import { global } from './translate'

const ALONE = [member('BraveOtter', { accountId: ME, me: true })]
const HUB = connected()
const VIEWER: RulesView = { linkedOnly: false, barred: false, mayRule: false, role: null, slow: 0, bar: null }

function header(
  connection: ConnectionView,
  { members = ALONE, memberCount = members.length }: { members?: MemberView[]; memberCount?: number } = {},
  clearHistory = async () => true,
  rules = VIEWER,
  setLinkedOnly: (on: boolean) => Promise<boolean> = async () => false,
) {
  const about = async () => null
  const room = { connection, members, memberCount, rules, choices: [] }
  const props = { login: 'gamer', room, clearHistory, about, setLinkedOnly }
  return mount(RoomHeader, { props, global, attachTo: document.body })
}

describe('the connection, in words', () => {
  it.each([
    ['signed-out', connected({}, { state: 'signed-out', server: false }), 1, 'Signed out', '', false],
    [
      'offline',
      connected({}, { state: 'offline', server: false }),
      1,
      'No connection',
      'What you write is sent when it is back.',
      true,
    ],
    ['connecting', connected({}, { state: 'connecting', server: false }), 1, 'Connecting…', '', true],
    ['alone', HUB, 1, 'You are the only one here', '', false],
    ['not linked yet', HUB, 2, 'Reaching the others…', '', true],
    ['connected', connected({ turn: 3 }), 4, 'Connected', '', false],
    ['connected in several ways', connected({ direct: 1, hub: 2 }), 4, 'Connected', '', false],
    ['by relay and server', connected({ turn: 1, hub: 2 }), 4, 'Connected', '', false],
    ['through the server alone', connected({ hub: 2 }), 3, 'Connected through the server', '', false],
    ['banned', connected({}, { state: 'banned', server: false }), 1, 'Banned from this room', '', true],
    ['not let in', connected({}, { state: 'barred', server: false }), 1, 'Linked accounts only', '', true],
    [
      'without the server',
      connected({ turn: 3 }, { server: false }),
      4,
      'The server is away',
      'You can talk on. Newcomers are let in when it is back.',
      true,
    ],
  ] as const)('%s', async (_, connection, memberCount, words, note, canReconnect) => {
    const wrapper = header(connection, { memberCount })
    const state = wrapper.get('[data-testid=connection]')
    expect(state.attributes()).toMatchObject({
      'data-state': connection.state,
      'data-links': String(connection.links),
      'data-server': String(connection.server),
    })
    expect(state.get('[role=status]').text()).toBe(words)
    const notes = wrapper.findAll('[data-testid=connection-note]').map((one) => one.text())
    expect(notes.join()).toBe(note)
    const button = wrapper.find('[data-testid=reconnect]')
    expect(button.exists()).toBe(canReconnect)
    if (canReconnect) await button.trigger('click')
    expect(wrapper.emitted('reconnect')?.length ?? 0).toBe(canReconnect ? 1 : 0)
    wrapper.unmount()
  })

  it.each([
    [{ turn: 2, hub: 1 }, 'Links to others: 3 (2 relayed, 1 through the server)'],
    [{ direct: 1, turn: 2, hub: 3 }, 'Links to others: 6 (2 relayed, 1 direct, 3 through the server)'],
    [{ direct: 1 }, 'Links to others: 1 (1 direct)'],
  ])('tells on request how many links there are and of which kinds (%j)', (kinds, words) => {
    const wrapper = header(connected(kinds))
    expect(wrapper.get('[data-testid=connection]').attributes('title')).toBe(words)
    // Also without a mouse.
    expect(wrapper.get('[data-testid=member-list] [data-testid=links]').text()).toContain(`${words}Only`)
    wrapper.unmount()
  })

  it('tells of no links where there are none', () => {
    const wrapper = header(HUB)
    expect(wrapper.get('[data-testid=connection]').attributes('title')).toBeUndefined()
    expect(wrapper.find('[data-testid=links]').exists()).toBe(false)
    wrapper.unmount()
  })

  it('says that an offer was changed on the way, and what that means', () => {
    const honest = header(connected({ turn: 1 }))
    expect(honest.find('[data-testid=tampered]').exists()).toBe(false)
    honest.unmount()
    const wrapper = header(connected({ turn: 1 }, { tampered: true }))
    const note = wrapper.get('[data-testid=tampered]')
    expect(note.attributes('role')).toBe('status')
    expect(note.text()).toBe(
      'Someone on the way changed a connection offer. It was refused; nobody can listen in.',
    )
    wrapper.unmount()
  })
})

describe('who is here', () => {
  it('puts oneself first, then who is present, then who is away', () => {
    const members = [
      member('Ann', { away: true }),
      member('Zoe'),
      member('Cleo', { away: true }),
      member('Ben'),
      member('Me', { accountId: ME, me: true, away: true }),
    ]
    const wrapper = header(HUB, { members })
    const items = wrapper.findAll('[data-testid=member]')
    expect(items.map((one) => one.get('bdi').text())).toEqual(['Me', 'Ben', 'Zoe', 'Ann', 'Cleo'])
    expect(items.map((one) => one.attributes('data-away'))).toEqual([
      'true',
      undefined,
      undefined,
      'true',
      'true',
    ])
    expect(items.at(-1)?.text()).toContain('away')
    expect(items[1]?.text()).not.toContain('away')
    expect(wrapper.find('[data-testid=more-members]').exists()).toBe(false)
    wrapper.unmount()
  })

  it('counts a crowd and names some of it', () => {
    const wrapper = header(HUB, { members: [...ALONE, member('Ann')], memberCount: 1_234 })
    expect(wrapper.get('[data-testid=member-count]').text()).toBe('1234')
    expect(wrapper.get('[data-testid=members]').attributes('aria-label')).toBe('People here: 1234')
    expect(wrapper.get('[data-testid=more-members]').text()).toBe('and 1232 more')
    wrapper.unmount()
  })
})

describe("the room's menu", () => {
  let cleared: number
  let works: boolean
  let wrapper: ReturnType<typeof header>
  const hide = vi.fn()
  const has = (id: string) => wrapper.find(`[data-testid=${id}]`).exists()
  const click = async (id: string) => {
    await wrapper.get(`[data-testid=${id}]`).trigger('click')
    await settled()
  }

  beforeEach(() => {
    cleared = 0
    works = true
    hide.mockReset()
    // No layout, no top layer here: what the browser does with a popover is its own.
    Object.defineProperty(HTMLElement.prototype, 'hidePopover', { configurable: true, value: hide })
    wrapper = header(HUB, {}, async () => {
      cleared += 1
      return works
    })
  })
  afterEach(() => wrapper.unmount())

  it('is a button that opens it', () => {
    const button = wrapper.get('[data-testid=room-menu]')
    expect(button.attributes('type')).toBe('button')
    expect(
      wrapper
        .get(`[id="${button.attributes('popovertarget')}"]`)
        .find('button')
        .exists(),
    ).toBe(true)
  })

  it('forgets the history of only who means it, and says where', async () => {
    await click('clear-room')
    expect(cleared).toBe(0)
    expect(wrapper.get('legend').text()).toContain('On this browser only')
    expect(document.activeElement?.textContent?.trim()).toBe('Cancel')
    await wrapper.get('fieldset').trigger('keydown', { key: 'Escape' })
    await settled()
    expect(has('clear-room-confirm')).toBe(false)
    expect(document.activeElement).toBe(wrapper.get('[data-testid=clear-room]').element)
    await click('clear-room')
    await click('clear-room-confirm')
    expect(cleared).toBe(1)
    expect(hide).toHaveBeenCalledOnce()
  })

  it('says that it did not work, and stays', async () => {
    works = false
    await click('clear-room')
    await click('clear-room-confirm')
    expect(wrapper.get('[role=alert]').text()).toContain('did not work')
    expect(hide).not.toHaveBeenCalled()
    expect(has('clear-room-confirm')).toBe(true)
  })

  it('asks anew when it is opened again, and for another room', async () => {
    await click('clear-room')
    const closed = Object.assign(new Event('toggle'), { newState: 'closed' })
    wrapper.get('[data-testid=room-menu-popover]').element.dispatchEvent(closed)
    await settled()
    expect(has('clear-room-confirm')).toBe(false)
    await click('clear-room')
    await wrapper.setProps({ login: 'other' })
    expect(has('clear-room-confirm')).toBe(false)
  })
})

describe('who takes part', () => {
  const decide = async (wrapper: ReturnType<typeof header>, on: boolean) => {
    await wrapper.get('[data-testid=linked-only-switch]').setValue(on)
    await settled()
  }
  const isTicked = (wrapper: ReturnType<typeof header>) =>
    wrapper.get<HTMLInputElement>('[data-testid=linked-only-switch]').element.checked

  it('is decided by those with a role alone, and told to everybody', () => {
    const viewer = header(HUB, {}, undefined, { ...VIEWER, linkedOnly: true })
    expect(viewer.find('[data-testid=linked-only-switch]').exists()).toBe(false)
    expect(viewer.get('[data-testid=linked-only]').attributes('role')).toBe('status')
    viewer.unmount()
    const moderator = header(HUB, {}, undefined, { ...VIEWER, mayRule: true })
    expect(moderator.find('[data-testid=linked-only]').exists()).toBe(false)
    expect(isTicked(moderator)).toBe(false)
    // Whoever decides shows who they are, and should know.
    expect(moderator.get('[data-testid=room-menu-popover]').text()).toContain('that you decided it')
    moderator.unmount()
  })

  it('is what was decided, once that counts', async () => {
    const asked: boolean[] = []
    const wrapper = header(HUB, {}, undefined, { ...VIEWER, mayRule: true }, async (on) => {
      asked.push(on)
      return true
    })
    await decide(wrapper, true)
    expect(asked).toEqual([true])
    expect(isTicked(wrapper)).toBe(true)
    expect(wrapper.find('[role=alert]').exists()).toBe(false)
    wrapper.unmount()
  })

  it('stays as it is where that failed, and says so', async () => {
    const wrapper = header(HUB, {}, undefined, { ...VIEWER, mayRule: true, linkedOnly: true })
    await decide(wrapper, false)
    expect(isTicked(wrapper)).toBe(true)
    expect(wrapper.get('[role=alert]').text()).toContain('did not work')
    const closed = Object.assign(new Event('toggle'), { newState: 'closed' })
    wrapper.get('[data-testid=room-menu-popover]').element.dispatchEvent(closed)
    await settled()
    expect(wrapper.find('[role=alert]').exists()).toBe(false)
    wrapper.unmount()
  })
})
