// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nextTick } from 'vue'
import NameSection from '../../../components/NameSection.vue'
import { NAME_STATUS_WORDS } from '../../../components/name-words'
import type { NameAvailability } from '../../../protocol/api'
import { ControlError, type IdentityView } from '../../../protocol/control'
import { accountIdSchema } from '../../../protocol/device'
import { useIdentityStore } from '../../../stores/identity'
import { useNameStore } from '../../../stores/name'
import { settled } from '../stores/fake-host'
import { VirtualClock } from '../world/virtual-clock'
import { global, translate } from './translate'

const accountId = accountIdSchema.parse('A'.repeat(22))
const PAUSE_MS = 350

let clock: VirtualClock
let view: IdentityView
let changed: () => void
let availability: NameAvailability
let refusal: ControlError | null
let ideas: string[][] | null
let renamed: string[]
let wrapper: ReturnType<typeof mount>

beforeEach(async () => {
  setActivePinia(createPinia())
  clock = new VirtualClock()
  view = { state: 'signed-in', accountId, displayName: 'AmberOtter417' }
  availability = { available: true }
  refusal = null
  renamed = []
  ideas = [['BraveWren123', 'CalmYak456'], ['DaringFox789']]
  const unasked = () => Promise.reject(new Error('not asked for'))
  await useIdentityStore().attach({
    plane: {
      identity: async () => view,
      requestCode: unasked,
      submitCode: unasked,
      cancelSignIn: unasked,
      signOut: unasked,
    },
    onChanged: (listener) => {
      changed = listener
      return () => {}
    },
  })
  useNameStore().attach(
    {
      nameAvailability: async () => availability,
      suggestNames: async () => {
        if (!ideas) throw new ControlError('rate_limited', 10)
        return ideas.shift() ?? []
      },
      rename: async (name) => {
        if (refusal) throw refusal
        renamed.push(name)
        view = { state: 'signed-in', accountId, displayName: name }
        changed()
        return view
      },
    },
    (ms, task) => clock.after(ms, task),
  )
  wrapper = mount(NameSection, { global, attachTo: document.body })
})
afterEach(() => wrapper.unmount())

const byId = (id: string) => wrapper.get<HTMLElement>(`[data-testid=${id}]`)
const has = (id: string) => wrapper.find(`[data-testid=${id}]`).exists()
const field = () => wrapper.get<HTMLInputElement>('[data-testid=name-field]')
const focused = () => document.activeElement?.getAttribute('data-testid')

async function open(): Promise<void> {
  await byId('change-name').trigger('click')
  await settled()
}

async function type(text: string): Promise<void> {
  await field().setValue(text)
  clock.advance(PAUSE_MS)
  await settled()
}

describe('the section of the name', () => {
  it('shows which it is, and changes nothing until asked', () => {
    expect(byId('own-name').text()).toBe('AmberOtter417')
    expect(has('name-field')).toBe(false)
    expect(wrapper.text()).toContain('ten times a day')
    expect(wrapper.text()).toContain('30 days')
  })

  it('is edited in place, by keyboard alone', async () => {
    await open()
    expect(focused()).toBe('name-field')
    await type('Grebe')
    expect(byId('name-status').text()).toBe(translate('nameFree'))
    await wrapper.get('form').trigger('submit')
    await settled()
    expect(renamed).toEqual(['Grebe'])
    expect(byId('own-name').text()).toBe('Grebe')
    expect(byId('name-saved').text()).toContain('Grebe')
    expect(focused()).toBe('change-name')
  })

  it('leaves by Escape without a change, and without closing what it is in', async () => {
    await open()
    await type('Grebe')
    let heard = 0
    const listener = () => heard++
    addEventListener('keydown', listener)
    await field().trigger('keydown', { key: 'Escape' })
    await settled()
    removeEventListener('keydown', listener)
    expect(heard).toBe(0)
    expect(has('name-field')).toBe(false)
    expect(renamed).toEqual([])
    expect(focused()).toBe('change-name')
    await open()
    expect(field().element.value).toBe('')
  })

  it('tells its label, its hint and its state to a screen reader', async () => {
    await open()
    expect(wrapper.get(`label[for="${field().attributes('id')}"]`).text()).toBe('New name')
    const described = field().attributes('aria-describedby')?.split(' ') ?? []
    expect(described).toContain(byId('name-status').attributes('id'))
    expect(byId('name-status').attributes('role')).toBe('status')
    expect(wrapper.text()).toContain('3 to 25')
    expect(wrapper.get('fieldset > legend').text()).toBe('Names that are free')
    expect(field().attributes('aria-invalid')).toBe('false')
    availability = { available: false, reason: 'taken' }
    await type('Grebe')
    expect(field().attributes('aria-invalid')).toBe('true')
    expect(byId('name-status').text()).toBe(translate('nameTaken'))
    expect(byId('save-name').attributes('disabled')).toBeDefined()
  })

  it('does not read out that it is checking', async () => {
    await open()
    await field().setValue('Grebe')
    expect(byId('name-checking').attributes('aria-hidden')).toBe('true')
    expect(byId('name-status').text()).toBe('')
    expect(field().attributes('aria-invalid')).toBe('false')
  })

  it('never suggests to use an address, and says why not', async () => {
    await open()
    await type('ann@example.com')
    expect(byId('name-status').text()).toBe(translate('nameAddress'))
    expect(byId('save-name').attributes('disabled')).toBeDefined()
  })

  it('has words for every state that is told', () => {
    for (const key of Object.values(NAME_STATUS_WORDS))
      if (key !== null) expect(translate(key).length).toBeGreaterThan(10)
  })

  it('offers names, others on demand, and takes one by a click', async () => {
    await open()
    const chips = () => wrapper.findAll('[data-testid=name-idea]').map((chip) => chip.text())
    expect(chips()).toEqual(['BraveWren123', 'CalmYak456'])
    await byId('other-ideas').trigger('click')
    await settled()
    expect(chips()).toEqual(['DaringFox789'])
    await byId('name-idea').trigger('click')
    await settled()
    expect(field().element.value).toBe('DaringFox789')
    expect(focused()).toBe('name-field')
    await wrapper.get('form').trigger('submit')
    await settled()
    expect(renamed).toEqual(['DaringFox789'])
  })

  it('says why there are no other names, and leaves those there are', async () => {
    await open()
    ideas = null
    await byId('other-ideas').trigger('click')
    await settled()
    expect(byId('ideas-problem').text()).toContain('too often')
    expect(wrapper.findAll('[data-testid=name-idea]')).toHaveLength(2)
  })

  it('says what keeps a name from being saved, and when it will work', async () => {
    await open()
    await type('Grebe')
    refusal = new ControlError('renames_exhausted', 7_200)
    await wrapper.get('form').trigger('submit')
    await settled()
    expect(byId('problem').text()).toContain('ten times a day')
    expect(byId('problem').text()).toContain('2 hr')
    expect(byId('problem').attributes('role')).toBe('alert')
    expect(focused()).toBe('name-field')
    refusal = new ControlError('name_taken')
    await wrapper.get('form').trigger('submit')
    await settled()
    expect(byId('name-status').text()).toBe(translate('nameTaken'))
    expect(has('problem')).toBe(false)
    expect(renamed).toEqual([])
  })

  it('waits for what is being composed', async () => {
    await open()
    const input = field().element
    input.value = 'にほ'
    input.dispatchEvent(new InputEvent('input', { isComposing: true }))
    expect(useNameStore().draft).toBe('')
    input.value = 'にほん'
    input.dispatchEvent(new Event('compositionend'))
    expect(useNameStore().draft).toBe('にほん')
  })

  it('follows a name that was chosen elsewhere', async () => {
    await open()
    await type('Grebe')
    await wrapper.get('form').trigger('submit')
    await settled()
    view = { state: 'signed-in', accountId, displayName: 'Heron' }
    changed()
    await settled()
    await nextTick()
    expect(byId('own-name').text()).toBe('Heron')
    expect(byId('name-saved').text()).toBe('')
  })

  it('is for members', async () => {
    view = { state: 'signed-out' }
    changed()
    await settled()
    expect(has('name-section')).toBe(false)
  })
})
