// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { keyFingerprint } from '../../../components/key-fingerprint'
import MembersPopover from '../../../components/MembersPopover.vue'
import PersonCard from '../../../components/PersonCard.vue'
import { type CardSubject, openPersonCardKey, personActionsKey } from '../../../components/person-card'
import { deviceIdSchema } from '../../../protocol/device'
import type { PersonChoice, PersonView } from '../../../protocol/people'
import { HERON, ME, member, settled } from '../stores/fake-host'
import { global } from './translate'

const DEVICE = deviceIdSchema.parse('A'.repeat(43))
const heron: PersonView = {
  accountId: HERON,
  name: 'CalmHeron',
  me: false,
  presence: 'here',
  devices: [DEVICE],
}

let wrapper: ReturnType<typeof mount>
let known: PersonView | null
let done: string[]
let kept: boolean
beforeEach(() => {
  known = heron
  done = []
  kept = true
  for (const name of ['showPopover', 'hidePopover'])
    Object.defineProperty(HTMLElement.prototype, name, { configurable: true, value: () => {} })
})
afterEach(() => wrapper?.unmount())

const byId = (id: string) => wrapper.get(`[data-testid=${id}]`)
const has = (id: string) => wrapper.find(`[data-testid=${id}]`).exists()

async function open(choices: PersonChoice[] = [], who: CardSubject = heron): Promise<void> {
  const props = {
    me: ME,
    choices,
    person: async () => known,
    choose: async ({ name }: CardSubject, standing: string | null) => {
      done.push(`${name} ${standing}`)
      return kept
    },
  }
  const more = {
    id: 'party',
    label: 'mention' as const,
    isFor: ({ presence }: PersonView) => presence === 'here',
    run: ({ name }: PersonView) => void done.push(`party ${name}`),
  }
  const card = mount(PersonCard, {
    props,
    attachTo: document.body,
    global: { provide: { ...global.provide, [personActionsKey]: () => [more] } },
  })
  wrapper = card
  await card.vm.open(who, document.body)
  await settled()
}

describe('the card of somebody', () => {
  it('says who they are', async () => {
    known = { ...heron, role: 'moderator', twitch: 'heronlive', presence: 'away' }
    await open()
    expect(wrapper.get('h2').text()).toBe('CalmHeron')
    expect(byId('card-role').text()).toBe('Moderator')
    expect(byId('card-presence').text()).toBe('Here, but stepped away')
    expect(byId('card-twitch').attributes()).toMatchObject({
      href: 'https://www.twitch.tv/heronlive',
      rel: 'noopener noreferrer nofollow',
    })
    expect(wrapper.get('section').attributes('aria-label')).toContain('CalmHeron')
    expect(document.activeElement).toBe(wrapper.get('h2').element)
  })

  it('says no more than is known', async () => {
    await open()
    for (const id of ['card-role', 'card-twitch']) expect(has(id)).toBe(false)
    wrapper.unmount()
    known = null
    await open()
    expect(wrapper.text()).toContain('They are not here now.')
    await byId('card-block').trigger('click')
    expect(done).toEqual(['CalmHeron blocked'])
  })

  it('mentions, mutes and blocks', async () => {
    await open()
    await byId('card-mention').trigger('click')
    expect(wrapper.emitted('mention')).toEqual([['CalmHeron']])
    await byId('card-mute').trigger('click')
    await byId('card-block').trigger('click')
    expect(done).toEqual(['CalmHeron muted', 'CalmHeron blocked'])
  })

  it('undoes, and says what holds', async () => {
    await open([{ ...heron, standing: 'muted', ms: 1 }])
    expect(byId('card-mute').text()).toBe('Unmute')
    expect(wrapper.get('[role=status]').text()).toContain('do not see what they say')
    await byId('card-mute').trigger('click')
    wrapper.unmount()
    await open([{ ...heron, standing: 'blocked', ms: 1 }])
    expect(has('card-mute')).toBe(false)
    await byId('card-block').trigger('click')
    expect(done).toEqual(['CalmHeron null', 'CalmHeron null'])
  })

  it('says when it could not be kept', async () => {
    kept = false
    await open()
    await byId('card-mute').trigger('click')
    await settled()
    expect(wrapper.get('[role=alert]').text()).toContain('could not be saved')
  })

  it('offers nothing against oneself', async () => {
    known = { ...heron, accountId: ME, me: true }
    await open([], { accountId: ME, name: 'BraveOtter' })
    for (const id of ['card-mention', 'card-mute', 'card-block', 'card-party']) expect(has(id)).toBe(false)
    await vi.waitUntil(() => wrapper.find('code').exists())
    expect(wrapper.get('code').text()).toBe(await keyFingerprint(DEVICE))
  })

  it('has a place for what else can be done, and no button that does nothing', async () => {
    await open()
    await byId('card-party').trigger('click')
    expect(done).toEqual(['party CalmHeron'])
    wrapper.unmount()
    known = { ...heron, presence: 'gone' }
    await open()
    expect(has('card-party')).toBe(false)
  })

  it('shows keys as people compare them', async () => {
    const print = await keyFingerprint(DEVICE)
    // SHA-256 of 32 zero bytes.
    expect(print.replaceAll(' ', '')).toBe('66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925')
    expect(print.split(' ')).toHaveLength(16)
  })
})

describe('who is here', () => {
  it('opens cards, and lists whom the viewer muted or blocked', async () => {
    const opened: string[] = []
    const choices: PersonChoice[] = [{ ...heron, standing: 'muted', ms: 1 }]
    wrapper = mount(MembersPopover, {
      props: {
        members: [
          member('BraveOtter', { accountId: ME, me: true }),
          member('CalmHeron', { accountId: HERON }),
        ],
        count: 2,
        choices,
      },
      attachTo: document.body,
      global: {
        provide: { ...global.provide, [openPersonCardKey]: ({ name }: CardSubject) => opened.push(name) },
      },
    })
    expect(wrapper.findAll('[data-testid=member]')[1]?.text()).toContain('muted')
    await wrapper.findAll('[data-testid=open-card]')[1]?.trigger('click')
    expect(opened).toEqual(['CalmHeron'])
    await byId('undo-choice').trigger('click')
    expect(wrapper.emitted('undo')).toEqual([[choices[0]]])
  })
})
