// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it } from 'vitest'
import PeopleSection from '../../../components/PeopleSection.vue'
import type { PersonChoice } from '../../../protocol/people'
import { useChoicesStore } from '../../../stores/choices'
import { HERON, settled } from '../stores/fake-host'
import { global } from './translate'

let wrapper: ReturnType<typeof mount>
let choices: PersonChoice[]
let isBroken: boolean
let kept: boolean
let changed: () => void

beforeEach(() => {
  setActivePinia(createPinia())
  choices = [{ accountId: HERON, name: 'CalmHeron', standing: 'blocked', ms: 1 }]
  isBroken = false
  kept = true
})
afterEach(() => wrapper.unmount())

async function open(): Promise<void> {
  useChoicesStore().attach({
    list: async () => {
      if (isBroken) throw new Error('no host')
      return choices
    },
    choose: async (accountId, _name, standing) => {
      if (standing === null) choices = choices.filter((one) => one.accountId !== accountId)
      return kept
    },
    onChanged: (listener) => {
      changed = listener
      return () => {}
    },
  })
  wrapper = mount(PeopleSection, { global, attachTo: document.body })
  await settled()
}

it('lists whom the viewer has blocked, and undoes it', async () => {
  await open()
  expect(wrapper.get('[data-testid=choice]').text()).toContain('CalmHeron')
  expect(wrapper.get('[data-testid=choice]').text()).toContain('blocked')
  await wrapper.get('[data-testid=undo-choice]').trigger('click')
  await settled()
  expect(wrapper.find('[data-testid=no-choices]').exists()).toBe(true)
  expect(document.activeElement).toBe(wrapper.get('h2').element)
})

it('follows what a panel does meanwhile', async () => {
  await open()
  choices = []
  changed()
  await settled()
  expect(wrapper.find('[data-testid=choice]').exists()).toBe(false)
})

it('says when the list cannot be loaded, and tries again', async () => {
  isBroken = true
  await open()
  expect(wrapper.get('[role=alert]').text()).toContain('could not be loaded')
  isBroken = false
  await wrapper.get('[role=alert] button').trigger('click')
  await settled()
  expect(wrapper.find('[data-testid=choice]').exists()).toBe(true)
})

it('says when an undoing could not be kept', async () => {
  kept = false
  await open()
  await wrapper.get('[data-testid=undo-choice]').trigger('click')
  await settled()
  expect(wrapper.text()).toContain('could not be saved')
})
