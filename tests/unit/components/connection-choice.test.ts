// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nextTick } from 'vue'
import ConnectionChoice from '../../../components/ConnectionChoice.vue'
import type { PrivacyView } from '../../../protocol/control'
import { usePrivacyStore } from '../../../stores/privacy'
import { settled } from '../stores/fake-host'
import { global } from './translate'

describe('the choice how others reach one', () => {
  let held: PrivacyView
  let works: boolean
  let saved: boolean[]
  let changed: () => void
  let wrapper: ReturnType<typeof mount>

  const radio = (id: 'choice-relay' | 'choice-direct') =>
    wrapper.get<HTMLInputElement>(`[data-testid=${id}]`).element
  const chosen = () => [radio('choice-relay').checked, radio('choice-direct').checked]
  const has = (selector: string) => wrapper.find(selector).exists()

  const attach = () =>
    usePrivacyStore().attach({
      plane: {
        privacy: async () => held,
        setDirect: async (direct) => {
          saved.push(direct)
          if (!works) throw new Error('no storage')
          held = { ...held, direct }
        },
      },
      onChanged: (listener) => {
        changed = listener
        return () => {}
      },
    })

  beforeEach(() => {
    setActivePinia(createPinia())
    held = { direct: false, forced: null }
    works = true
    saved = []
    wrapper = mount(ConnectionChoice, { global, attachTo: document.body })
  })
  afterEach(() => wrapper.unmount())

  it('has relayed chosen beforehand', async () => {
    await attach()
    await nextTick()
    expect(chosen()).toEqual([true, false])
    expect(saved).toEqual([])
  })

  it('shows no choice that may be the wrong one', async () => {
    expect(chosen()).toEqual([false, false])
    held = { direct: true, forced: null }
    await attach()
    await nextTick()
    expect(chosen()).toEqual([false, true])
  })

  it('is one group with a name, each choice with its own, for keyboard and screen reader', async () => {
    await attach()
    expect(wrapper.get('fieldset > legend').text()).toBe('How others reach you')
    const lead = wrapper.get('fieldset').attributes('aria-describedby')?.split(' ')[0]
    expect(wrapper.get(`[id="${lead}"]`).text()).toContain('Choose whether strangers')
    const radios = wrapper.findAll('input[type=radio]')
    expect(radios).toHaveLength(2)
    expect(new Set(radios.map((one) => one.attributes('name'))).size).toBe(1)
    expect(radio('choice-relay').closest('label')?.textContent).toContain(
      'Nobody in a room learns your IP address',
    )
    expect(radio('choice-direct').closest('label')?.textContent).toContain(
      'people who also chose direct can see your IP address',
    )
  })

  it('takes one and the other', async () => {
    await attach()
    radio('choice-direct').click()
    await settled()
    expect(saved).toEqual([true])
    expect(chosen()).toEqual([false, true])
    radio('choice-relay').click()
    await settled()
    expect(saved).toEqual([true, false])
    expect(chosen()).toEqual([true, false])
    expect(has('[role=alert]')).toBe(false)
  })

  it('goes back and says so when a choice cannot be kept', async () => {
    await attach()
    await nextTick()
    works = false
    radio('choice-direct').click()
    await settled()
    expect(chosen()).toEqual([true, false])
    expect(wrapper.get('[role=alert]').text()).toContain('could not be saved')
    works = true
    radio('choice-direct').click()
    await settled()
    expect(chosen()).toEqual([false, true])
    expect(has('[role=alert]')).toBe(false)
  })

  it('follows what was chosen on another page', async () => {
    await attach()
    held = { direct: true, forced: null }
    changed()
    await settled()
    expect(chosen()).toEqual([false, true])
  })

  it('leaves a linked broadcaster relayed, and says why', async () => {
    await attach()
    expect(has('[data-testid=choice-forced]')).toBe(false)
    expect(wrapper.get('fieldset').attributes('disabled')).toBeUndefined()
    held = { direct: false, forced: 'broadcaster' }
    changed()
    await settled()
    expect(wrapper.get('fieldset').attributes('disabled')).toBeDefined()
    expect(chosen()).toEqual([true, false])
    expect(wrapper.get('[data-testid=choice-forced]').text()).toContain('you are always relayed')
    const described = wrapper.get('fieldset').attributes('aria-describedby')?.split(' ')
    expect(described).toContain(wrapper.get('[data-testid=choice-forced]').attributes('id'))
  })
})
