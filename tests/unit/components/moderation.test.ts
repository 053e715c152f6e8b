// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nextTick } from 'vue'
import { actWords } from '../../../components/act-words'
import { moderationCommands } from '../../../components/moderation-commands'
import { noticesOf } from '../../../components/notices'
import PanelRoot from '../../../components/PanelRoot.vue'
import type { IdentityView } from '../../../protocol/control'
import type { ActView, Decision, RulesView } from '../../../protocol/host-port'
import type { Role } from '../../../protocol/role'
import { useIdentityStore } from '../../../stores/identity'
import { useRoomStore } from '../../../stores/room'
import { fakeHost, HERON, ME, member, message, settled, view } from '../stores/fake-host'
import { global, translate } from './translate'

const IN: IdentityView = { state: 'signed-in', accountId: ME, displayName: 'BraveOtter' }
const NONE: RulesView = { linkedOnly: false, barred: false, mayRule: false, role: null, slow: 0, bar: null }
const asA = (role: Role): RulesView => ({ ...NONE, mayRule: true, role })
const target = { accountId: HERON, name: 'CalmHeron' }
const ban: ActView = { id: 'a1', act: 'ban', ms: 50, by: 'BraveOtter', target, stands: true }

describe('a panel', () => {
  let host: ReturnType<typeof fakeHost>
  let wrapper: ReturnType<typeof mount>
  const byId = (id: string) => wrapper.get(`[data-testid=${id}]`)
  const has = (id: string) => wrapper.find(`[data-testid=${id}]`).exists()

  async function open(rules: RulesView, role?: Role): Promise<void> {
    setActivePinia(createPinia())
    host = fakeHost()
    const answer = async () => IN
    const plane = {
      identity: answer,
      requestCode: answer,
      submitCode: answer,
      cancelSignIn: answer,
      signOut: answer,
    }
    await useIdentityStore().attach({ plane, onChanged: () => () => {} })
    useRoomStore().attach(host.connect)
    host.people.set(HERON, { ...target, me: false, presence: 'here', devices: [], ...(role && { role }) })
    host.state('open')
    const members = [
      member('BraveOtter', { accountId: ME, me: true }),
      member('CalmHeron', { accountId: HERON, ...(role && { role }) }),
    ]
    host.snapshot(
      view({
        rules,
        members,
        acts: [ban],
        messages: [message('a', { accountId: HERON, name: 'CalmHeron' })],
      }),
      0,
    )
    wrapper = mount(PanelRoot, { props: { openTwitch: () => {} }, global, attachTo: document.body })
    await nextTick()
    await settled()
  }
  async function openCard(): Promise<void> {
    await byId('person').trigger('click')
    await settled()
    await nextTick()
  }
  beforeEach(() => {
    document.body.innerHTML = ''
    for (const name of ['showPopover', 'hidePopover'])
      Object.defineProperty(HTMLElement.prototype, name, { configurable: true, value: () => {} })
  })
  afterEach(() => wrapper.unmount())

  it('of somebody without a role has nothing of it but what was decided', async () => {
    await open(NONE)
    await openCard()
    expect(has('card-mute')).toBe(true)
    for (const id of ['card-ban', 'card-timeout-ten', 'moderation-menu', 'moderation-pane'])
      expect(has(id)).toBe(false)
    await byId('message').trigger('pointerenter')
    expect(has('delete')).toBe(false)
    expect(byId('notice').text()).toContain('was banned by')
  })

  it('of a moderator times out and bans, but not who has a role, too', async () => {
    await open(asA('moderator'), 'moderator')
    await openCard()
    expect(has('card-ban')).toBe(false)
    wrapper.unmount()
    await open(asA('broadcaster'), 'moderator')
    await openCard()
    expect(has('card-ban')).toBe(true)
    wrapper.unmount()
    await open(asA('moderator'))
    await openCard()
    await byId('card-timeout-ten').trigger('click')
    expect(host.calls.filter((call) => call.startsWith('moderate'))).toHaveLength(1)
  })

  it('says that something did not count', async () => {
    await open(asA('moderator'))
    await openCard()
    host.broken.add('moderate')
    await byId('card-ban').trigger('click')
    await settled()
    await nextTick()
    expect(byId('moderation-failed').attributes('role')).toBe('alert')
  })

  it('tells whoever is silenced by whom and until when, and keeps what they wrote', async () => {
    await open(NONE)
    await byId('composer').setValue('half a thought')
    host.delta({
      changed: { rules: { ...NONE, bar: { kind: 'timeout', until: Date.now() + 60_000, by: 'CalmHeron' } } },
    })
    await nextTick()
    expect(byId('silenced').text()).toContain('timed you out until')
    const field = byId('composer')
    expect(field.attributes()).toMatchObject({ 'aria-disabled': 'true', readonly: '' })
    expect(field.element).toHaveProperty('value', 'half a thought')
    host.delta({ changed: { rules: { ...NONE, slow: 30 } } })
    await nextTick()
    expect(has('silenced')).toBe(false)
    expect(byId('slow-note').text()).toContain('30 seconds')
    expect(field.attributes('aria-disabled')).toBe('false')
  })
})

describe('what was decided', () => {
  it('is said in words', () => {
    const words = (view: Partial<ActView>) =>
      actWords({ ...ban, ...view }, translate).replace(/[\u2066-\u2069]/g, '')
    expect(words({})).toBe('CalmHeron was banned by BraveOtter')
    expect(words({ act: 'slow', seconds: 120 })).toBe('Slow mode by BraveOtter: a message every 2 minutes')
    expect(words({ act: 'slow', seconds: 0 })).toBe('Slow mode was ended by BraveOtter')
    expect(words({ act: 'linked-only', on: true })).toBe('Linked accounts only, by BraveOtter')
    expect(words({ act: 'delete', at: 5 })).toBe('A message of CalmHeron was deleted by BraveOtter')
    expect(words({ act: 'timeout', until: Date.now() })).toMatch(
      /^CalmHeron was timed out by BraveOtter until .+/,
    )
  })

  it('takes its place among the messages, a deleted one the message’s own', () => {
    const gone: ActView = { ...ban, id: 'a2', act: 'delete', ms: 90, at: 20 }
    const left = { id: 'n', kind: 'left' as const, name: 'QuickLynx', ms: 30 }
    const places = (since?: number) =>
      noticesOf({ memberships: [left], acts: [ban, gone], since }).map(({ id }) => id)
    expect(places()).toEqual(['a2', 'n', 'a1'])
    expect(places(40)).toEqual(['n', 'a1'])
  })
})

describe('commands of moderators', () => {
  const made: Decision[] = []
  const commands = moderationCommands({
    translate,
    decide: async (decision) => made.push(decision) > 0,
    messages: () => [message('m1', { accountId: HERON, name: 'CalmHeron' })],
    members: () => [member('BraveOtter', { accountId: ME, me: true })],
    acts: () => [],
    roleOf: () => undefined,
    mayActOn: (mine) => !mine,
  })
  const run = (name: string, argument = '') => commands.find((one) => one.name === name)?.run(argument)

  it('mean who is named, and tell what is missing', async () => {
    expect(await run('timeout', 'calmheron 5')).toEqual({ t: 'done' })
    expect(await run('timeout', '@CalmHeron')).toEqual({ t: 'done' })
    expect(await run('ban', 'CalmHeron')).toEqual({ t: 'done' })
    expect(await run('unban', 'CalmHeron')).toEqual({ t: 'done' })
    expect(await run('delete', 'CalmHeron')).toEqual({ t: 'done' })
    expect(await run('slow', '30')).toEqual({ t: 'done' })
    expect(await run('slow', 'off')).toEqual({ t: 'done' })
    const who = { account: HERON, name: 'CalmHeron' }
    expect(made).toEqual([
      { act: 'timeout', ...who, ms: 300_000 },
      { act: 'timeout', ...who, ms: 600_000 },
      { act: 'ban', ...who },
      { act: 'unban', ...who },
      { act: 'delete', message: 'm1' },
      { act: 'slow', seconds: 30 },
      { act: 'slow', seconds: 0 },
    ])
    for (const [name, argument] of [
      ['ban', ''],
      ['ban', 'nobody'],
      ['ban', 'BraveOtter'],
      ['slow', ''],
      ['slow', 'x'],
      ['delete', 'BraveOtter'],
    ] as const)
      expect(await run(name, argument)).toMatchObject({ t: 'problem' })
    const asked = await run('clear-room')
    expect(asked).toMatchObject({ t: 'ask' })
    expect(made).toHaveLength(7)
    if (asked?.t === 'ask') await asked.act()
    expect(made.at(-1)).toEqual({ act: 'clear' })
  })
})
