// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nextTick } from 'vue'
import LineActions from '../../../components/LineActions.vue'
import ReportForm from '../../../components/ReportForm.vue'
import ReportList from '../../../components/ReportList.vue'
import { openReportKey } from '../../../components/reporting'
import { createClock } from '../../../components/time'
import type { ReportOutcome, ReportView } from '../../../protocol/report-view'
import { useRoomStore } from '../../../stores/room'
import { fakeHost, HERON, ME, settled, view } from '../stores/fake-host'
import { global } from './translate'

const WHO = { accountId: HERON, name: 'CalmHeron' }

describe('the form for a report', () => {
  let host: ReturnType<typeof fakeHost>
  let wrapper: ReturnType<typeof mount>
  let outcome: ReportOutcome
  const wishes: unknown[] = []
  const byId = (id: string) => wrapper.get(`[data-testid=${id}]`)

  beforeEach(() => {
    setActivePinia(createPinia())
    wishes.length = 0
    outcome = { to: 'moderators' }
    host = fakeHost()
    useRoomStore().attach((events) => ({
      ...host.connect(events),
      report: async (wish) => {
        wishes.push(wish)
        return outcome
      },
    }))
    host.state('open')
    host.snapshot(view(), 0)
    wrapper = mount(ReportForm, { props: { login: 'gamer', who: WHO }, global, attachTo: document.body })
  })
  afterEach(() => wrapper.unmount())

  async function send(words = ''): Promise<void> {
    await byId('report-spam').setValue()
    await byId('report-words').setValue(words)
    await wrapper.trigger('submit')
    await settled()
  }

  it('wants a reason, and sends it with the words', async () => {
    expect(document.activeElement?.textContent).toContain('CalmHeron')
    expect(byId('report-send').attributes('disabled')).toBeDefined()
    await wrapper.trigger('submit')
    expect(wishes).toEqual([])
    await send('  again and again ')
    expect(wishes).toEqual([
      { account: HERON, name: 'CalmHeron', reason: 'spam', words: 'again and again', login: 'gamer' },
    ])
    expect(byId('report-told').text()).toContain("this channel's moderators")
    expect(byId('report-told').attributes('role')).toBe('status')
    expect(wrapper.find('[data-testid=report-send]').exists()).toBe(false)
  })

  it('says when the operator has it', async () => {
    outcome = { to: 'operator' }
    await send()
    expect(byId('report-told').text()).toContain('whoever runs this Sidestream server')
  })

  it.each([
    ['rate_limited', /too|many|fast|moment/i],
    ['network', /could not be sent/],
    ['whatever', /could not be sent/],
  ])('says what went wrong (%s), and lets them try again', async (failed, words) => {
    outcome = { failed }
    await send()
    expect(byId('report-told').text()).toMatch(words)
    expect(byId('report-told').attributes('role')).toBe('alert')
    outcome = { to: 'moderators' }
    await wrapper.trigger('submit')
    await settled()
    expect(wishes).toHaveLength(2)
  })

  it('takes no more words than may be sent', async () => {
    await send('𝒳'.repeat(301))
    expect(wishes).toEqual([])
    await send('𝒳'.repeat(300))
    expect(wishes).toHaveLength(1)
  })

  it('closes by Escape', async () => {
    await wrapper.trigger('keydown', { key: 'Escape' })
    expect(wrapper.emitted('close')).toHaveLength(1)
  })
})

describe('what a moderator is shown', () => {
  const report: ReportView = {
    id: 'r1',
    ms: 1_000,
    by: { accountId: ME, name: 'BraveOtter' },
    about: WHO,
    reason: 'hate',
    words: 'look',
    messages: [{ text: '<b>bad</b>', ms: 500 }],
    unproven: 2,
  }

  it('is each report with what was said, and can be dismissed', async () => {
    setActivePinia(createPinia())
    const host = fakeHost()
    useRoomStore().attach(host.connect)
    host.state('open')
    host.snapshot(view({ reports: [report] }), 0)
    const wrapper = mount(ReportList, { props: { clock: createClock('en') }, global })
    await nextTick()
    expect(wrapper.get('[data-testid=report]').text()).toMatch(/BraveOtter.* reported .*CalmHeron/)
    expect(wrapper.get('blockquote').text()).toContain('<b>bad</b>')
    expect(wrapper.text()).toContain('nobody can tell who said it: 2')
    await wrapper.get('[data-testid=dismiss-report]').trigger('click')
    expect(host.calls).toEqual(['dismissReport r1'])
  })
})

describe('a line', () => {
  it.each([
    [false, true],
    [true, false],
  ])('can be reported, unless it is one’s own (%s)', (mine, offered) => {
    const line = { id: 'a', accountId: HERON, name: 'CalmHeron', text: 'x', ms: 1, mine }
    const wrapper = mount(LineActions, {
      props: { line, clock: createClock('en'), untimed: false, copied: false },
      global: { ...global, provide: { ...global.provide, [openReportKey as symbol]: () => {} } },
    })
    expect(wrapper.find('[data-testid=report-line]').exists()).toBe(offered)
  })
})
