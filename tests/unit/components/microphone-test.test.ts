// @vitest-environment happy-dom
import { mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import MicrophoneTest from '../../../components/MicrophoneTest.vue'
import { type Microphone, MicrophoneError, type MicrophoneTrouble } from '../../../protocol/microphone'
import { useMicrophoneStore } from '../../../stores/microphone'
import { global } from './translate'

/** A microphone whose owner answers when told, with a light that shows whether it is open. */
class FakeMicrophone implements Microphone {
  granted = false
  asked = 0
  lights = 0
  on: Parameters<Microphone['listen']>[0] | undefined
  #answer: { yes(): void; no(error: unknown): void } | undefined

  isGranted = async () => this.granted

  async listen(on: Parameters<Microphone['listen']>[0]) {
    this.asked += 1
    await new Promise<void>((yes, no) => {
      this.#answer = { yes, no }
    })
    this.on = on
    this.lights += 1
    let open = true
    return () => {
      if (open) this.lights -= 1
      open = false
    }
  }

  allow = () => this.#done(() => this.#answer?.yes())
  refuse = (trouble: MicrophoneTrouble) => this.#done(() => this.#answer?.no(new MicrophoneError(trouble)))

  async #done(answer: () => void): Promise<void> {
    answer()
    await vi.advanceTimersByTimeAsync(0)
  }
}

describe('the test of the microphone', () => {
  let microphone: FakeMicrophone
  let wrapper: VueWrapper

  const show = async (firefox = false) => {
    await useMicrophoneStore().attach(microphone)
    wrapper = mount(MicrophoneTest, { props: { firefox }, global, attachTo: document.body })
  }
  const button = () => wrapper.get<HTMLButtonElement>('[data-testid=microphone-button]')
  const status = () => wrapper.get('[data-testid=microphone-status]').text()
  const level = async (now: number) => {
    microphone.on?.onLevel(now)
    await vi.advanceTimersByTimeAsync(0)
  }

  beforeEach(() => {
    vi.useFakeTimers()
    setActivePinia(createPinia())
    microphone = new FakeMicrophone()
  })
  afterEach(() => {
    wrapper.unmount()
    vi.useRealTimers()
  })

  it('asks nobody before the button was pressed, and says what it is for', async () => {
    await show()
    expect(microphone.asked).toBe(0)
    expect(wrapper.text()).toContain('voice in parties, which is still to come')
    await button().trigger('click')
    expect(microphone.asked).toBe(1)
    expect(status()).toContain('Your browser asks')
  })

  it('shows the level while it hears, and lets go when stopped', async () => {
    await show()
    await button().trigger('click')
    await microphone.allow()
    expect(microphone.lights).toBe(1)
    expect(status()).toBe('Say something…')
    await level(0.2)
    expect(wrapper.get('[data-testid=microphone-level]').attributes('value')).toBe('20')
    expect(status()).toBe('Say something…')
    await level(0.6)
    await level(0)
    expect(status()).toBe('It hears you.')
    await button().trigger('click')
    expect(microphone.lights).toBe(0)
    expect(wrapper.find('[data-testid=microphone-level]').exists()).toBe(false)
    expect(status()).toContain('The microphone is off')
    expect(button().text()).toBe('Test again')
  })

  it('lets go by itself after half a minute, and when the page is left', async () => {
    await show()
    await button().trigger('click')
    await microphone.allow()
    await vi.advanceTimersByTimeAsync(29_000)
    expect(microphone.lights).toBe(1)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(microphone.lights).toBe(0)
    await button().trigger('click')
    await microphone.allow()
    expect(microphone.lights).toBe(1)
    wrapper.unmount()
    expect(microphone.lights).toBe(0)
  })

  it('lets go at once of what was allowed after all when nobody wanted it any more', async () => {
    await show()
    await button().trigger('click')
    await button().trigger('click')
    await microphone.allow()
    expect(microphone.lights).toBe(0)
    expect(button().text()).toBe('Test again')
  })

  it('ends with the microphone, as when it is pulled out', async () => {
    await show()
    await button().trigger('click')
    await microphone.allow()
    microphone.on?.onEnd()
    await vi.advanceTimersByTimeAsync(0)
    expect(wrapper.find('[data-testid=microphone-level]').exists()).toBe(false)
  })

  it.each([
    ['denied', false, 'left of the address bar'],
    ['denied', true, 'crossed-out microphone'],
    ['dismissed', false, 'test again'],
    ['missing', false, 'Plug one in'],
    ['busy', false, 'other programs'],
    ['failed', false, 'Test again'],
  ] as const)('says how to get out of it: %s (Firefox: %s)', async (trouble, firefox, words) => {
    await show(firefox)
    await button().trigger('click')
    await microphone.refuse(trouble)
    expect(wrapper.get('[role=alert]').text()).toContain(words)
    expect(wrapper.get('[role=alert]').text()).toMatch(/skip this|test again/)
    await button().trigger('click')
    expect(wrapper.find('[role=alert]').exists()).toBe(false)
    await microphone.allow()
    expect(microphone.lights).toBe(1)
  })

  it('knows that it was allowed before', async () => {
    microphone.granted = true
    await show()
    expect(status()).toContain('may use it when you join voice')
  })
})
