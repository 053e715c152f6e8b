// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import NotificationsSection from '../../../components/NotificationsSection.vue'
import QuietToggle from '../../../components/QuietToggle.vue'
import ShortcutsSection from '../../../components/ShortcutsSection.vue'
import { type Attention, DEFAULT_ATTENTION, FOREVER_MS, MAX_WORDS } from '../../../protocol/attention'
import { useAttentionStore } from '../../../stores/attention'
import { useShortcutsStore } from '../../../stores/shortcuts'
import { settled } from '../stores/fake-host'
import { global } from './translate'

let wrapper: ReturnType<typeof mount>
let kept: Attention
let granted: boolean
let answer: boolean
let asked: number

beforeEach(() => {
  setActivePinia(createPinia())
  kept = DEFAULT_ATTENTION
  granted = false
  answer = true
  asked = 0
})
afterEach(() => {
  wrapper?.unmount()
  vi.useRealTimers()
})

const attach = () =>
  useAttentionStore().attach(
    {
      load: async () => kept,
      save: async (attention) => {
        kept = attention
      },
      onChanged: () => () => {},
    },
    {
      isGranted: async () => granted,
      request: async () => {
        asked += 1
        granted = answer
        return answer
      },
    },
  )

async function open(): Promise<void> {
  await attach()
  wrapper = mount(NotificationsSection, { global, attachTo: document.body })
}

const box = (id: string) => wrapper.get<HTMLInputElement>(`[data-testid=${id}]`)
const isOn = (id: string) => box(id).element.checked

describe('notifications', () => {
  it('are off, with all that disturbs; the icon counts', async () => {
    await open()
    expect(['notify', 'sound', 'badge'].map(isOn)).toEqual([false, false, true])
    expect(wrapper.find('[data-testid=preview]').exists()).toBe(false)
    expect(asked).toBe(0)
  })

  it('are asked for when they are turned on, and not before', async () => {
    await open()
    await box('notify').setValue(true)
    await settled()
    expect([asked, kept.notify, isOn('notify')]).toEqual([1, true, true])
    await box('preview').setValue(true)
    await box('notify').setValue(false)
    await settled()
    expect([asked, kept.notify]).toEqual([1, false])
  })

  it('stay off where the browser says no, and it is said', async () => {
    answer = false
    await open()
    await box('notify').setValue(true)
    await settled()
    expect([kept.notify, isOn('notify')]).toEqual([false, false])
    expect(wrapper.get('[role=alert]').text()).toContain('does not allow')
  })

  it('are off again where the browser has taken the permission back', async () => {
    kept = { ...DEFAULT_ATTENTION, notify: true }
    await open()
    expect([kept.notify, isOn('notify')]).toEqual([false, false])
  })

  it('can be silenced for an hour, or for good', async () => {
    await open()
    const before = Date.now()
    await box('quiet-hour').setValue()
    await settled()
    expect(kept.quietUntil).toBeGreaterThanOrEqual(before + 3_600_000)
    expect(wrapper.text()).toContain('Until ')
    await box('quiet-forever').setValue()
    await settled()
    expect(kept.quietUntil).toBe(FOREVER_MS)
    await box('quiet-off').setValue()
    await settled()
    expect(kept.quietUntil).toBe(0)
  })

  it('are silent until the hour is over', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'], now: 1_000 })
    kept = { ...DEFAULT_ATTENTION, quietUntil: 60_000 }
    await open()
    expect(isOn('quiet-hour')).toBe(true)
    vi.advanceTimersByTime(70_000)
    await settled()
    expect(isOn('quiet-off')).toBe(true)
  })
})

describe('words that call the viewer', () => {
  const add = async (word: string) => {
    await box('new-word').setValue(word)
    await wrapper.get('form').trigger('submit')
  }

  it('are added and removed', async () => {
    await open()
    await add('  speed   run ')
    await add('otter')
    expect(kept.words).toEqual(['speed run', 'otter'])
    expect(box('new-word').element.value).toBe('')
    await wrapper.findAll('[data-testid=remove-word]')[0]?.trigger('click')
    expect(kept.words).toEqual(['otter'])
    expect(wrapper.findAll('[data-testid=word]')).toHaveLength(1)
  })

  it('are bounded, each once, and the field says why not', async () => {
    kept = { ...DEFAULT_ATTENTION, words: Array.from({ length: MAX_WORDS - 1 }, (_, n) => `w${n}`) }
    await open()
    await add('W1')
    expect(wrapper.get('[role=alert]').text()).toContain('already')
    await add('x'.repeat(41))
    expect(wrapper.get('[role=alert]').text()).toContain('40')
    await add('last')
    await add('one more')
    expect(wrapper.get('[role=alert]').text()).toContain('30')
    expect(kept.words).toHaveLength(MAX_WORDS)
  })
})

it('"do not disturb" is at hand in the panel', async () => {
  await attach()
  wrapper = mount(QuietToggle, { global })
  await box('quiet').setValue(true)
  expect(kept.quietUntil).toBe(FOREVER_MS)
  await box('quiet').setValue(false)
  expect(kept.quietUntil).toBe(0)
})

it('shortcuts are listed as the browser has them, with the way to change them', async () => {
  const change = vi.fn()
  useShortcutsStore().attach({
    list: async () => [
      { name: 'toggle-panel', keys: 'Alt+Shift+S' },
      { name: 'focus-composer', keys: '' },
    ],
    change,
  })
  wrapper = mount(ShortcutsSection, { global })
  await settled()
  expect(wrapper.findAll('[data-testid=shortcut]').map((one) => one.text())).toEqual(['Alt+Shift+S', 'none'])
  await wrapper.get('[data-testid=change-shortcuts]').trigger('click')
  expect(change).toHaveBeenCalledOnce()
})
