import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import type { DeviceView } from '../../../protocol/api'
import { ControlError } from '../../../protocol/control'
import { type DeviceId, deviceIdOf } from '../../../protocol/device'
import { useDevicesStore } from '../../../stores/devices'

const device = (id: number, current = false): DeviceView => ({
  device: deviceIdOf(new Uint8Array(32).fill(id)),
  createdAt: id,
  seenAt: id,
  current,
})
const [MINE, OTHER, THIRD] = [device(1, true), device(2), device(3)]

describe('the devices store', () => {
  let store: ReturnType<typeof useDevicesStore>
  let ended: DeviceId[]
  let fault: Error | undefined
  let gate: Promise<void>

  beforeEach(() => {
    setActivePinia(createPinia())
    store = useDevicesStore()
    ended = []
    fault = undefined
    gate = Promise.resolve()
    store.attach({
      devices: async () => {
        await gate
        if (fault) throw fault
        return [MINE, OTHER, THIRD]
      },
      endDevice: async (id) => {
        await gate
        if (fault) throw fault
        ended.push(id)
      },
    })
  })

  it('knows nothing until the Worker has answered', async () => {
    expect(store.devices).toBeNull()
    expect(await store.load()).toBe(true)
    expect(store.devices).toEqual([MINE, OTHER, THIRD])
  })

  it('ends a device, leaves the others, and says which', async () => {
    await store.load()
    expect(await store.end(OTHER.device)).toBe(true)
    expect(ended).toEqual([OTHER.device])
    expect(store.devices).toEqual([MINE, THIRD])
    expect(store.ended).toEqual(OTHER)
  })

  it('leaves the list alone when it could not, says why, and not for longer than that', async () => {
    await store.load()
    fault = new ControlError('worker_unreachable')
    expect(await store.end(OTHER.device)).toBe(false)
    expect(store.problem).toEqual({ code: 'worker_unreachable' })
    expect(store.devices).toHaveLength(3)
    expect(store.ended).toBeNull()
    expect(store.busy).toBe(false)
    fault = undefined
    await store.end(OTHER.device)
    expect(store.problem).toBeNull()
  })

  it('takes one step at a time', async () => {
    await store.load()
    const open = Promise.withResolvers<void>()
    gate = open.promise
    const first = store.end(OTHER.device)
    expect(await store.end(THIRD.device)).toBe(false)
    expect(await store.load()).toBe(false)
    open.resolve()
    expect(await first).toBe(true)
    expect(ended).toEqual([OTHER.device])
  })
})
