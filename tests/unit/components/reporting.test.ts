// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import MessageList from '../../../components/MessageList.vue'
import PanelRoot from '../../../components/PanelRoot.vue'
import type { IdentityView } from '../../../protocol/control'
import type { ReportView } from '../../../protocol/report-view'
import { EMPTY_MS } from '../../../stores/company'
import { useIdentityStore } from '../../../stores/identity'
import { useRoomStore } from '../../../stores/room'
import { connected, fakeHost, HERON, ME, message, own, settled, view } from '../stores/fake-host'
import { global } from './translate'

const IN: IdentityView = { state: 'signed-in', accountId: ME, displayName: 'BraveOtter' }
const REPORT: ReportView = {
  id: 'r',
  ms: 1,
  by: { accountId: HERON, name: 'CalmHeron' },
  about: { accountId: ME, name: 'BraveOtter' },
  reason: 'hate',
  words: '',
  messages: [],
  unproven: 0,
}

describe('reporting from the panel', () => {
  let host: ReturnType<typeof fakeHost>
  let wrapper: ReturnType<typeof mount>
  const wishes: unknown[] = []
  const byId = (id: string) => wrapper.get(`[data-testid=${id}]`)
  const has = (id: string) => wrapper.find(`[data-testid=${id}]`).exists()

  async function open(room = view()): Promise<void> {
    const answer = async () => IN
    const plane = {
      identity: answer,
      requestCode: answer,
      submitCode: answer,
      cancelSignIn: answer,
      signOut: answer,
    }
    await useIdentityStore().attach({ plane, onChanged: () => () => {} })
    useRoomStore().attach((events) => ({
      ...host.connect(events),
      report: async (wish) => {
        wishes.push(wish)
        return { to: 'moderators' }
      },
    }))
    host.state('open')
    host.snapshot(room, 0)
    wrapper = mount(PanelRoot, { props: { openTwitch: () => {} }, global, attachTo: document.body })
    await nextTick()
  }

  /** Presses the flag at a line. */
  async function flag(): Promise<void> {
    const line = { ...message('a'), line: undefined }
    wrapper.findComponent(MessageList).vm.$emit('act', { action: 'report', line, target: document.body })
    await vi.waitFor(() => byId('report-form'))
  }

  async function send(): Promise<void> {
    await byId('report-spam').setValue()
    await byId('report-form').trigger('submit')
    await settled()
  }

  beforeEach(() => {
    setActivePinia(createPinia())
    wishes.length = 0
    host = fakeHost()
  })
  afterEach(() => wrapper.unmount())

  it('names the message and the channel, and can be done again', async () => {
    await open(view({ memberCount: 2, messages: [message('a')] }))
    await flag()
    await send()
    expect(wishes).toEqual([expect.objectContaining({ account: HERON, message: 'a', login: 'gamer' })])
    await flag()
    await nextTick()
    expect(has('report-send')).toBe(true)
  })

  it('ends with the channel: what is sent would go elsewhere', async () => {
    await open(view({ memberCount: 2, messages: [message('a')] }))
    await flag()
    host.snapshot(view({ login: 'other', memberCount: 2, messages: [] }))
    await settled()
    expect(has('report-form')).toBe(false)
  })

  it('leaves the focus where one writes', async () => {
    await open(view({ memberCount: 2, messages: [message('a')] }))
    await flag()
    await byId('report-form').trigger('keydown', { key: 'Escape' })
    await flushPromises()
    expect(has('report-form')).toBe(false)
    expect(document.activeElement?.getAttribute('data-testid')).toBe('composer')
  })

  it('shows whoever moderates that reports wait, on the handle, too; and nobody else', async () => {
    const rules = { ...view().rules, mayRule: true, role: 'moderator' as const }
    await open(view({ collapsed: true, memberCount: 2, rules, reports: [REPORT] }))
    expect(has('handle-reports')).toBe(true)
    expect(byId('expand').attributes('aria-label')).toContain('Reports: 1')
    host.delta({ changed: { collapsed: false } })
    await nextTick()
    expect(byId('open-reports').text()).toContain('1')
    host.delta({ changed: { rules: { ...rules, mayRule: false } } })
    await nextTick()
    expect(has('open-reports')).toBe(false)
  })
})

describe('somebody alone who has only spoken to themselves', () => {
  it('can invite others', async () => {
    vi.useFakeTimers()
    try {
      setActivePinia(createPinia())
      const host = fakeHost()
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
      host.state('open')
      host.snapshot(view({ connection: connected(), memberCount: 1, messages: [own('a', 'anybody?')] }), 0)
      const wrapper = mount(PanelRoot, { props: { openTwitch: () => {} }, global, attachTo: document.body })
      await vi.advanceTimersByTimeAsync(EMPTY_MS)
      await nextTick()
      expect(wrapper.find('[data-testid=invite]').exists()).toBe(true)
      wrapper.unmount()
    } finally {
      vi.useRealTimers()
    }
  })
})
