// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nextTick } from 'vue'
import MessageComposer from '../../../components/MessageComposer.vue'
import { ownCommands } from '../../../components/own-commands'
import { moreCommandsKey, readTyped, type SlashCommand } from '../../../components/slash-commands'
import type { PersonChoice } from '../../../protocol/people'
import { HERON, ME, settled } from '../stores/fake-host'
import { global, translate } from './translate'

const heron = { accountId: HERON, name: 'CalmHeron' }

let wrapper: ReturnType<typeof mount>
let done: string[]
let choices: PersonChoice[]
let kept: boolean
let renamed: string | null
let isAway: boolean
let more: SlashCommand[]

beforeEach(() => {
  done = []
  choices = []
  kept = true
  renamed = null
  isAway = false
  more = []
})
afterEach(() => wrapper?.unmount())

function composer(props: Record<string, unknown> = {}) {
  const commands = ownCommands({
    translate,
    people: () => [heron],
    choices: () => choices,
    choose: async ({ name }, standing) => {
      done.push(`${name} ${standing}`)
      return kept
    },
    rename: async (name) => {
      done.push(`rename ${name}`)
      return renamed
    },
    isAway: () => isAway,
    setAway: async (away) => {
      done.push(`away ${away}`)
      return kept
    },
    clearHistory: async () => {
      done.push('clear')
      return kept
    },
  })
  wrapper = mount(MessageComposer, {
    attachTo: document.body,
    props: {
      me: { accountId: ME, name: 'BraveOtter' },
      channel: 'gamer',
      modelValue: '',
      commands,
      'onUpdate:modelValue': (modelValue: string) => wrapper.setProps({ modelValue }),
      ...props,
    },
    global: { provide: { ...global.provide, [moreCommandsKey]: () => more } },
  })
  const field = wrapper.get('textarea')
  const element = field.element
  if (!(element instanceof HTMLTextAreaElement)) throw new TypeError('no text field')
  const press = async (key: string) => {
    element.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))
    await settled()
  }
  return {
    press,
    field,
    /** Types it and presses Enter. */
    async enter(text: string): Promise<void> {
      element.focus()
      await field.setValue(text)
      await press('Escape')
      await press('Enter')
    },
    text: () => element.value,
    hint: () => wrapper.get('[data-testid=composer-hint]').text(),
    sent: () => wrapper.emitted('send') ?? [],
  }
}

describe('what is typed', () => {
  it.each([
    ['hello', { t: 'text', text: 'hello' }],
    [' hello ', { t: 'text', text: 'hello' }],
    ['//shrug', { t: 'text', text: '/shrug' }],
    ['/', { t: 'text', text: '/' }],
    ['/ hello', { t: 'text', text: '/ hello' }],
    ['/help', { t: 'command', name: 'help', argument: '' }],
    [' /ME  waves  twice ', { t: 'command', name: 'me', argument: 'waves  twice' }],
    ['/me\nwaves\ntwice', { t: 'command', name: 'me', argument: 'waves\ntwice' }],
    ['/r/cats', { t: 'command', name: 'r/cats', argument: '' }],
  ])('%j means %j', (text, meant) => expect(readTyped(text)).toEqual(meant))
})

describe('slash commands', () => {
  it('says what one does, and a slash behind a slash', async () => {
    const { enter, sent } = composer()
    await enter('/me waves')
    await enter('//me waves')
    expect(sent()).toEqual([
      ['waves', { me: true }],
      ['/me waves', { me: false }],
    ])
  })

  it('sends nothing that it does not know, and says so', async () => {
    const { enter, sent, hint, text, field } = composer()
    await enter('/mte CalmHeron')
    expect(sent()).toEqual([])
    expect(hint()).toContain('/mte')
    expect(text()).toBe('/mte CalmHeron')
    await field.setValue('/mte CalmHero')
    expect(hint()).toBe('')
  })

  it('counts what is said, not the command', async () => {
    const { field } = composer()
    await field.setValue(`/me ${'x'.repeat(500)}`)
    expect(wrapper.get('[data-testid=counter]').text()).toBe('0')
  })

  it.each([
    ['/mute CalmHeron', 'CalmHeron muted', 'no longer see what'],
    ['/mute @calmheron', 'CalmHeron muted', 'no longer see what'],
    ['/block CalmHeron', 'CalmHeron blocked', 'can still read'],
  ])('%s', async (typed, does, note) => {
    const { enter, hint, text, sent } = composer()
    await enter(typed)
    expect(done).toEqual([does])
    expect(hint()).toContain(note)
    expect([text(), sent()]).toEqual(['', []])
  })

  it.each([
    ['/mute', 'Type a name'],
    ['/mute Nobody', 'nobody called'],
    ['/unmute CalmHeron', 'nobody called'],
    ['/me', 'Type what you do'],
    ['/nick', 'Type a name'],
    ['/party', 'no parties yet'],
  ])('%s is explained, and stays', async (typed, words) => {
    const { enter, hint, text, sent } = composer()
    await enter(typed)
    expect(hint()).toContain(words)
    expect([text(), done, sent()]).toEqual([typed, [], []])
  })

  it('undoes for those alone who were muted or blocked', async () => {
    choices = [{ ...heron, standing: 'blocked', ms: 1 }]
    const { enter } = composer()
    await enter('/unmute CalmHeron')
    expect(done).toEqual([])
    await enter('/unblock CalmHeron')
    expect(done).toEqual(['CalmHeron null'])
  })

  it('says when it could not be kept', async () => {
    kept = false
    const { enter, hint } = composer()
    await enter('/mute CalmHeron')
    expect(hint()).toContain('could not be saved')
  })

  it('changes the name, or says why not', async () => {
    const { enter, hint, text } = composer()
    await enter('/nick NewName')
    expect(done).toEqual(['rename NewName'])
    expect(hint()).toContain('NewName')
    renamed = 'Somebody has it.'
    await enter('/nick Other')
    expect([hint(), text()]).toEqual(['Somebody has it.', '/nick Other'])
  })

  it('goes away and comes back', async () => {
    const { enter, hint } = composer()
    await enter('/away')
    expect(hint()).toContain('as away')
    isAway = true
    await enter('/away')
    expect(done).toEqual(['away true', 'away false'])
  })

  it('asks before it clears', async () => {
    const { enter, text, press } = composer()
    await enter('/clear')
    expect(done).toEqual([])
    expect(document.activeElement?.textContent?.trim()).toBe('Cancel')
    await wrapper.get('fieldset').trigger('keydown', { key: 'Escape' })
    expect(wrapper.find('[data-testid=command-question]').exists()).toBe(false)
    await settled()
    expect(document.activeElement).toBe(wrapper.get('textarea').element)
    await press('Enter')
    await wrapper.get('[data-testid=command-confirm]').trigger('click')
    await settled()
    expect([done, text()]).toEqual([['clear'], ''])
  })

  it('shows help, without what there is not', async () => {
    const { enter, field } = composer()
    await enter('/help')
    const help = wrapper.get('[data-testid=command-help]')
    for (const name of ['/me', '/mute', '/block', '/nick', '/away', '/clear', '/help'])
      expect(help.text()).toContain(name)
    expect(help.text()).not.toContain('/party')
    expect(document.activeElement).toBe(help.element)
    await help.trigger('keydown', { key: 'Escape' })
    await settled()
    expect(wrapper.find('[data-testid=command-help]').exists()).toBe(false)
    expect(document.activeElement).toBe(wrapper.get('textarea').element)
    await enter('/help')
    await wrapper.get('[data-testid=close-help]').trigger('click')
    await settled()
    expect(wrapper.find('[data-testid=command-help]').exists()).toBe(false)
    await enter('/help')
    await field.setValue('h')
    expect(wrapper.find('[data-testid=command-help]').exists()).toBe(false)
  })

  it('takes commands from elsewhere, which come before ours', async () => {
    const note = (what: string) => {
      done.push(what)
      return { t: 'done' } as const
    }
    more = [
      { name: 'ban', help: 'commandMute', run: (name) => note(`ban ${name}`) },
      { name: 'party', help: 'commandMe', run: () => note('party') },
    ]
    const { enter } = composer()
    await enter('/ban CalmHeron')
    await enter('/party')
    expect(done).toEqual(['ban CalmHeron', 'party'])
    await enter('/help')
    expect(wrapper.get('[data-testid=command-help]').text()).toContain('/party')
  })

  it('survives a command that throws', async () => {
    more = [{ name: 'boom', help: 'commandMute', run: () => Promise.reject(new Error('boom')) }]
    const { enter, hint, text } = composer()
    await enter('/boom')
    expect([hint(), text()]).toEqual(['That did not work. Try again.', '/boom'])
    await enter('hello')
    expect(wrapper.emitted('send')).toHaveLength(1)
  })

  it('suggests commands at the begin alone', async () => {
    const { field } = composer()
    await field.setValue('/mu')
    await nextTick()
    expect(wrapper.findAll('[data-testid=completion]')).toHaveLength(1)
    await field.setValue('so /mu')
    await nextTick()
    expect(wrapper.findAll('[data-testid=completion]')).toHaveLength(0)
  })
})

describe('what was sent before', () => {
  const sent = ['third', 'second', 'first']

  it('comes back by the arrow keys from an empty field', async () => {
    const { press, text } = composer({ sent })
    const seen: string[] = []
    for (const key of ['ArrowUp', 'ArrowUp', 'ArrowUp', 'ArrowUp', 'ArrowDown', 'ArrowDown', 'ArrowDown']) {
      await press(key)
      seen.push(text())
    }
    expect(seen).toEqual(['third', 'second', 'first', 'first', 'second', 'third', ''])
  })

  it('leaves a text that is being written alone', async () => {
    const { press, text, field } = composer({ sent })
    await field.setValue('draft')
    await press('ArrowUp')
    expect(text()).toBe('draft')
    await field.setValue('')
    await press('ArrowUp')
    await field.setValue('third, changed')
    await press('ArrowUp')
    expect(text()).toBe('third, changed')
  })
})

describe('a reply', () => {
  const reply = { id: 'a', name: 'CalmHeron', text: 'what they said' }

  it('says what it answers, and is called off by Escape or its button', async () => {
    const { press } = composer({ reply })
    expect(wrapper.get('[data-testid=reply-bar]').text()).toContain('Replying to CalmHeron')
    expect(wrapper.get('[data-testid=reply-bar]').text()).toContain('what they said')
    await press('Escape')
    await wrapper.get('[data-testid=cancel-reply]').trigger('click')
    expect(wrapper.emitted('cancelReply')).toHaveLength(2)
  })

  it('stays while Escape closes suggestions', async () => {
    const { field, press } = composer({ reply })
    await field.setValue('/')
    await nextTick()
    await press('Escape')
    expect(wrapper.emitted('cancelReply')).toBeUndefined()
    await press('Escape')
    expect(wrapper.emitted('cancelReply')).toHaveLength(1)
  })
})
