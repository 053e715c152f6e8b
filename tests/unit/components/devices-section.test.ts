// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import DevicesSection from '../../../components/DevicesSection.vue'
import { timeAgo } from '../../../components/time-ago'
import type { DeviceView } from '../../../protocol/api'
import { ControlError } from '../../../protocol/control'
import { type DeviceId, deviceIdOf } from '../../../protocol/device'
import { useDevicesStore } from '../../../stores/devices'
import { settled } from '../stores/fake-host'
import { global } from './translate'

const HOUR = 3_600_000
const NOW = Date.UTC(2031, 0, 15, 12)
const id = (fill: number) => deviceIdOf(new Uint8Array(32).fill(fill))
const MINE: DeviceView = { device: id(1), createdAt: NOW - 48 * HOUR, seenAt: NOW, current: true }
const FIREFOX: DeviceView = {
  device: id(2),
  createdAt: NOW - 240 * HOUR,
  seenAt: NOW - 72 * HOUR,
  current: false,
  platform: { browser: 'Firefox', system: 'Linux' },
}
const EDGE: DeviceView = {
  ...FIREFOX,
  device: id(3),
  seenAt: NOW - 60_000,
  platform: { browser: 'Edge', system: 'Windows' },
}

describe('the devices in the popup', () => {
  let list: DeviceView[] | Error
  let ended: DeviceId[]

  async function show() {
    const wrapper = mount(DevicesSection, { global, attachTo: document.body })
    await settled()
    return wrapper
  }

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: NOW })
    setActivePinia(createPinia())
    list = [MINE, EDGE, FIREFOX]
    ended = []
    useDevicesStore().attach({
      devices: async () => {
        if (list instanceof Error) throw list
        return list
      },
      endDevice: async (device) => {
        if (list instanceof Error) throw list
        ended.push(device)
      },
    })
  })
  afterEach(() => {
    vi.useRealTimers()
    document.body.replaceChildren()
  })

  it('are told apart by what they run on and when they were used; this one is marked and not offered', async () => {
    const wrapper = await show()
    const mine = wrapper.get('[data-testid=this-device]')
    expect(mine.text()).toContain('A browser')
    expect(mine.text()).toContain('This browser')
    expect(mine.find('button').exists()).toBe(false)
    const others = wrapper.findAll('[data-testid=device]').map((line) => line.text())
    expect(others).toHaveLength(2)
    expect(others[0]).toMatch(/Edge.* on .*Windows.*Used within the last hour/s)
    expect(others[1]).toMatch(/Firefox.* on .*Linux.*Last used 3 days ago.*Signed in on Jan 5, 2031/s)
  })

  it('say which one each button means', async () => {
    const wrapper = await show()
    const labels = wrapper
      .findAll('[data-testid=end-device]')
      .map((button) => button.attributes('aria-label'))
    expect(labels[0]).toMatch(/Sign out .*Edge/)
    expect(labels[1]).toMatch(/Sign out .*Firefox/)
  })

  it('are ended only by who means it, and the focus stays in the list', async () => {
    const wrapper = await show()
    await wrapper.findAll('[data-testid=end-device]')[1]?.trigger('click')
    expect(ended).toEqual([])
    expect(wrapper.text()).toMatch(/leaves its rooms at once/)
    await wrapper.get('[data-testid=end-device-confirm]').trigger('click')
    await settled()
    expect(ended).toEqual([FIREFOX.device])
    expect(wrapper.findAll('[data-testid=device]')).toHaveLength(1)
    expect(wrapper.get('[role=status]').text()).toMatch(/Signed out: .*Firefox/)
    expect(document.activeElement).toBe(wrapper.get('h2').element)
  })

  it('stay when that fails, with the reason', async () => {
    const wrapper = await show()
    await wrapper.get('[data-testid=end-device]').trigger('click')
    list = new ControlError('worker_unreachable')
    await wrapper.get('[data-testid=end-device-confirm]').trigger('click')
    await settled()
    expect(wrapper.get('[role=alert]').text()).toContain('The server cannot be reached')
    expect(wrapper.findAll('[data-testid=device]')).toHaveLength(2)
    expect(wrapper.find('[data-testid=load-devices]').exists()).toBe(false)
  })

  it('can be asked for again when the Worker was away', async () => {
    list = new ControlError('worker_unreachable')
    const wrapper = await show()
    expect(wrapper.find('[data-testid=devices]').exists()).toBe(false)
    expect(wrapper.get('[role=alert]').text()).toContain('The server cannot be reached')
    list = [MINE]
    await wrapper.get('[data-testid=load-devices]').trigger('click')
    await settled()
    expect(wrapper.findAll('li')).toHaveLength(1)
  })
})

describe('how long ago', () => {
  it.each([
    [0, '1 hour ago'],
    [-5 * HOUR, '1 hour ago'],
    [23 * HOUR, '23 hours ago'],
    [24 * HOUR, 'yesterday'],
    [13 * 24 * HOUR, '13 days ago'],
    [21 * 24 * HOUR, '3 weeks ago'],
    [400 * 24 * HOUR, '13 months ago'],
  ])('%i ms is %s', (past, words) => {
    expect(timeAgo(NOW - past, NOW, 'en')).toBe(words)
  })
})
