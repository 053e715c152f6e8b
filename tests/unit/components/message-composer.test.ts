// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import MessageComposer from '../../../components/MessageComposer.vue'
import { ME } from '../stores/fake-host'
import { global } from './translate'

function composer(more: Partial<InstanceType<typeof MessageComposer>['$props']> = {}) {
  const told: boolean[] = []
  const wrapper = mount(MessageComposer, {
    attachTo: document.body,
    props: {
      ...more,
      me: { accountId: ME, name: 'BraveOtter' },
      channel: 'gamer',
      modelValue: '',
      onWriting: (now: boolean) => told.push(now),
      'onUpdate:modelValue': (modelValue: string) => wrapper.setProps({ modelValue }),
    },
    global,
  })
  const field = wrapper.get('textarea')
  const type = async (text: string) => {
    await field.setValue(text)
    await nextTick()
  }
  const press = (key: string, more: KeyboardEventInit = {}) => field.trigger('keydown', { key, ...more })
  return {
    wrapper,
    field,
    type,
    press,
    told,
    sent: () => wrapper.emitted('send')?.map(([text]) => text) ?? [],
  }
}

describe('the composer', () => {
  it('sends on Enter and is empty again', async () => {
    const { type, press, sent, field } = composer()
    await type('hello')
    await press('Enter')
    expect(sent()).toEqual(['hello'])
    expect(field.element.value).toBe('')
    await press('Enter')
    expect(sent()).toEqual(['hello'])
  })

  it('sends by its button', async () => {
    const { wrapper, type, sent } = composer()
    await type('hello')
    await wrapper.get('form').trigger('submit')
    expect(sent()).toEqual(['hello'])
  })

  it('leaves Shift+Enter to the text', async () => {
    const { type, press, sent, field } = composer()
    await type('one')
    await press('Enter', { shiftKey: true })
    expect(sent()).toEqual([])
    expect(field.element.value).toBe('one')
  })

  it('leaves the Enter that ends a composition to the input method', async () => {
    const { type, press, sent } = composer()
    await type('にほん')
    await press('Enter', { isComposing: true })
    await press('Enter', { keyCode: 229 })
    expect(sent()).toEqual([])
    await press('Enter')
    expect(sent()).toEqual(['にほん'])
  })

  it('sends no white space', async () => {
    const { wrapper, type, press, sent } = composer()
    await type(' \n ')
    await press('Enter')
    expect(sent()).toEqual([])
    expect(wrapper.get('[data-testid=send]').attributes('disabled')).toBeDefined()
  })

  it('counts code points near the end, and refuses what is too long without cutting it', async () => {
    const { wrapper, type, press, sent, field } = composer()
    await type('x'.repeat(439))
    expect(wrapper.find('[data-testid=counter]').exists()).toBe(false)
    await type('x'.repeat(440))
    expect(wrapper.get('[data-testid=counter]').text()).toBe('60')
    await type('🎉'.repeat(500))
    expect(wrapper.get('[data-testid=counter]').text()).toBe('0')
    await type('🎉'.repeat(503))
    await press('Enter')
    expect(sent()).toEqual([])
    expect(wrapper.get('[role=status]').text()).toBe('Too long by 3.')
    expect(field.attributes('aria-invalid')).toBe('true')
    expect([...field.element.value]).toHaveLength(503)
  })

  it('says under whose name', () => {
    const { wrapper } = composer()
    expect(wrapper.get('[data-testid=me]').text()).toBe('BraveOtter')
    expect(wrapper.get('.me').text()).toBe('You are BraveOtter')
  })

  describe('tells that somebody writes', () => {
    beforeEach(() => {
      vi.useFakeTimers({ toFake: ['performance'] })
    })
    afterEach(() => {
      vi.useRealTimers()
    })

    it('at most every second, while there is text', async () => {
      const one = composer()
      await one.type(' ')
      expect(one.told).toEqual([])
      await one.type('h')
      await one.type('he')
      vi.advanceTimersByTime(900)
      await one.type('hel')
      expect(one.told).toEqual([true])
      vi.advanceTimersByTime(200)
      await one.type('hell')
      expect(one.told).toEqual([true, true])
    })

    it('and no more, once, when it is emptied, and at once again', async () => {
      const one = composer()
      await one.type('h')
      await one.type('')
      await one.type('')
      expect(one.told).toEqual([true, false])
      await one.type('h')
      expect(one.told).toEqual([true, false, true])
    })

    it('and no more when it is sent', async () => {
      const one = composer()
      await one.type('h')
      await one.press('Enter')
      expect(one.told).toEqual([true, false])
    })

    it('and no more when the composer goes away', async () => {
      const one = composer()
      await one.type('h')
      one.wrapper.unmount()
      expect(one.told).toEqual([true, false])
      const idle = composer()
      idle.wrapper.unmount()
      expect(idle.told).toEqual([])
    })
  })
})
