// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { afterEach, describe, expect, it } from 'vitest'
import { nextTick } from 'vue'
import type { CompletionSource } from '../../../components/completion'
import { completionSourcesKey, wordAt } from '../../../components/completion'
import MessageComposer from '../../../components/MessageComposer.vue'
import { peopleCompletion } from '../../../components/people-completion'
import { accountIdSchema } from '../../../protocol/device'
import { ME } from '../stores/fake-host'
import { global } from './translate'

const person = (name: string, index: number) => ({
  accountId: accountIdSchema.parse(`person${index}`.padEnd(22, 'A')),
  name,
})
const PEOPLE = ['CalmHeron', 'QuickLynx', 'CalmYak', 'Żółw'].map(person)

const emotes: CompletionSource = {
  name: 'emotes',
  trigger: ':',
  minLength: 2,
  onTab: true,
  label: 'suggestedPeople',
  complete: (query, limit) =>
    ['Kappa', 'KappaPride', 'Keepo']
      .filter((name) => name.toLowerCase().startsWith(query.toLowerCase()))
      .slice(0, limit)
      .map((name) => ({ id: name, text: name, label: name })),
}

let wrapper: ReturnType<typeof mount>
afterEach(() => wrapper?.unmount())

function composer() {
  wrapper = mount(MessageComposer, {
    attachTo: document.body,
    props: {
      me: { accountId: ME, name: 'BraveOtter' },
      channel: 'gamer',
      modelValue: '',
      completions: [peopleCompletion(() => PEOPLE)],
      'onUpdate:modelValue': (modelValue: string) => wrapper.setProps({ modelValue }),
    },
    global: { provide: { ...global.provide, [completionSourcesKey]: [emotes] } },
  })
  const field = wrapper.get('textarea')
  const element = field.element
  if (!(element instanceof HTMLTextAreaElement)) throw new TypeError('no text field')
  /** Types `text`; the caret is where the bar is, or at the end. */
  async function type(text: string): Promise<void> {
    element.focus()
    const caret = text.includes('|') ? text.indexOf('|') : text.length
    element.value = text.replace('|', '')
    element.setSelectionRange(caret, caret)
    await field.trigger('input')
    await nextTick()
  }
  async function press(key: string, more: KeyboardEventInit = {}): Promise<boolean> {
    const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more })
    element.dispatchEvent(event)
    await nextTick()
    return event.defaultPrevented
  }
  return {
    field,
    type,
    press,
    text: () => element.value,
    caret: () => element.selectionStart,
    listed: () => wrapper.findAll('[data-testid=completion]').map((one) => one.get('.label').text()),
    chosen: () => wrapper.find('[aria-selected=true] .label').text(),
    sent: () => wrapper.emitted('send')?.map(([text]) => text) ?? [],
  }
}

describe('the word at the caret', () => {
  it.each([
    ['hey @ca', 7, '@ca'],
    ['@ca', 3, '@ca'],
    ['@ca lm', 3, '@ca'],
    ['a\n:ka', 5, ':ka'],
  ])('of %j at %i is %j', (text, caret, word) => expect(wordAt(text, caret)?.word).toBe(word))

  it.each([
    ['', 0],
    ['a ', 2],
    ['@calm', 3],
  ])('of %j at %i is none', (text, caret) => expect(wordAt(text, caret)).toBeNull())
})

describe('completion in the composer', () => {
  it('suggests people to an @, and says so to screen readers', async () => {
    const { type, listed, chosen, field, press } = composer()
    await type('hey @')
    expect(listed()).toEqual(['CalmHeron', 'QuickLynx', 'CalmYak', 'Żółw'])
    expect(field.attributes()).toMatchObject({ role: 'combobox', 'aria-expanded': 'true' })
    const list = wrapper.get('[role=listbox]')
    expect(field.attributes('aria-controls')).toBe(list.attributes('id'))
    const active = field.attributes('aria-activedescendant') ?? ''
    expect(document.getElementById(active)?.textContent).toContain('CalmHeron')
    expect(wrapper.get('[data-testid=suggestions]').text()).toBe('Suggestions: 4')
    await press('ArrowDown')
    expect(chosen()).toBe('QuickLynx')
    await press('ArrowUp')
    await press('ArrowUp')
    expect(chosen()).toBe('Żółw')
  })

  it('finds names by their begin first, by any part, without case and accents', async () => {
    const { type, listed } = composer()
    await type('@y')
    expect(listed()).toEqual(['QuickLynx', 'CalmYak'])
    await type('@yak')
    expect(listed()).toEqual(['CalmYak'])
    await type('@ŻÓ')
    expect(listed()).toEqual(['Żółw'])
    await type('@zo')
    expect(listed()).toEqual(['Żółw'])
    await type('@nobody')
    expect(listed()).toEqual([])
  })

  it.each(['Enter', 'Tab'])('puts the suggestion in by %s, with a space behind it', async (key) => {
    const { type, press, text, caret, listed, sent } = composer()
    await type('hey @cal')
    await press('ArrowDown')
    expect(await press(key)).toBe(true)
    expect(text()).toBe('hey @CalmYak ')
    expect(caret()).toBe(text().length)
    expect(listed()).toEqual([])
    expect(sent()).toEqual([])
    await press('Enter')
    expect(sent()).toEqual(['hey @CalmYak'])
  })

  it('puts in no second space', async () => {
    const { type, press, text, caret } = composer()
    await type('hey @qui| you')
    await press('Enter')
    expect(text()).toBe('hey @QuickLynx you')
    expect(caret()).toBe('hey @QuickLynx'.length)
  })

  it('takes a click', async () => {
    const { type, text } = composer()
    await type('@')
    await wrapper.findAll('[data-testid=completion]')[1]?.trigger('pointerup')
    expect(text()).toBe('@QuickLynx ')
  })

  it('sends by Enter what is whole already', async () => {
    const { type, press, sent } = composer()
    await type('@CalmHeron')
    await press('Enter')
    expect(sent()).toEqual(['@CalmHeron'])
  })

  it('goes away by Escape until another word, and the keys are free again', async () => {
    const { type, press, listed, sent, field } = composer()
    await type('@cal')
    expect(await press('Escape')).toBe(true)
    expect(listed()).toEqual([])
    expect(field.attributes('role')).toBeUndefined()
    await type('@calm')
    expect(listed()).toEqual([])
    expect(await press('Tab')).toBe(false)
    await press('Enter')
    expect(sent()).toEqual(['@calm'])
    await type('@calm @ca')
    expect(listed()).toEqual(['CalmHeron', 'CalmYak'])
  })

  it('leaves keys to an input method', async () => {
    const { type, press, text, sent } = composer()
    await type('@cal')
    expect(await press('Enter', { isComposing: true })).toBe(false)
    expect(await press('ArrowDown', { keyCode: 229 })).toBe(false)
    expect([text(), sent()]).toEqual(['@cal', []])
  })

  it('asks a source only when enough follows its trigger', async () => {
    const { type, listed } = composer()
    await type(':k')
    expect(listed()).toEqual([])
    await type(':ka')
    expect(listed()).toEqual(['Kappa', 'KappaPride'])
    await type('12:ka')
    expect(listed()).toEqual([])
  })

  it('goes away with the caret', async () => {
    const { type, listed, field } = composer()
    await type('a @cal')
    expect(listed()).not.toEqual([])
    await field.trigger('blur')
    expect(listed()).toEqual([])
  })
})

describe('Tab in the composer', () => {
  it('goes through what a word may become, and back', async () => {
    const { type, press, text } = composer()
    await type('so kap')
    expect(await press('Tab')).toBe(true)
    expect(text()).toBe('so Kappa ')
    expect(wrapper.get('[data-testid=suggestions]').text()).toContain('1 of 2')
    await press('Tab')
    expect(text()).toBe('so KappaPride ')
    await press('Tab')
    expect(text()).toBe('so Kappa ')
    await press('Tab', { shiftKey: true })
    expect(text()).toBe('so KappaPride ')
  })

  it('completes names, by their begin alone', async () => {
    const { type, press, text } = composer()
    await type('heron')
    expect(await press('Tab')).toBe(false)
    await type('calmh')
    await press('Tab')
    expect(text()).toBe('@CalmHeron ')
  })

  it('gives the word back by Escape, and leaves the field then', async () => {
    const { type, press, text } = composer()
    await type('kap| you')
    await press('Tab')
    expect(text()).toBe('Kappa you')
    expect(await press('Escape')).toBe(true)
    expect(text()).toBe('kap you')
    expect(await press('Tab')).toBe(false)
  })

  it('is no trap: nothing to complete, and it leaves', async () => {
    const { type, press } = composer()
    for (const words of ['', 'hello', 'k', 'hello ']) {
      await type(words)
      expect(await press('Tab')).toBe(false)
    }
    await type('kap')
    expect(await press('Tab', { shiftKey: true })).toBe(false)
  })

  it('begins anew where something else was typed', async () => {
    const { type, press, text } = composer()
    await type('kap')
    await press('Tab')
    await type('Kappa kee')
    await press('Tab')
    expect(text()).toBe('Kappa Keepo ')
  })
})
