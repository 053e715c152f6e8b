import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { DeviceView } from '../protocol/api'
import type { ControlPlane } from '../protocol/control'
import type { DeviceId } from '../protocol/device'
import { type IdentityProblem, identityProblem } from './identity-problem'

/** The part of the control plane that knows where the account is signed in. */
export type DevicesPlane = Pick<ControlPlane, 'devices' | 'endDevice'>

/** Where this account is signed in. */
export const useDevicesStore = defineStore('devices', () => {
  /** `null` until the Worker has answered once. */
  const devices = shallowRef<readonly DeviceView[] | null>(null)
  /** A step is under way; others are ignored. */
  const busy = ref(false)
  const problem = shallowRef<IdentityProblem | null>(null)
  /** The device that was ended last. */
  const ended = shallowRef<DeviceView | null>(null)

  let plane: DevicesPlane | null = null

  function attach(to: DevicesPlane): void {
    plane = to
  }

  async function step(call: (plane: DevicesPlane) => Promise<void>): Promise<boolean> {
    if (!plane || busy.value) return false
    busy.value = true
    problem.value = null
    try {
      await call(plane)
      return true
    } catch (error) {
      problem.value = identityProblem(error)
      return false
    } finally {
      busy.value = false
    }
  }

  /** Asks the Worker anew. Resolves with whether it answered; `problem` says why not. */
  const load = (): Promise<boolean> =>
    step(async (to) => {
      devices.value = await to.devices()
    })

  /** Signs a device out. Resolves with whether it worked; `problem` says why not. */
  const end = (device: DeviceId): Promise<boolean> =>
    step(async (to) => {
      ended.value = null
      await to.endDevice(device)
      ended.value = devices.value?.find((one) => one.device === device) ?? null
      devices.value = devices.value?.filter((one) => one.device !== device) ?? null
    })

  return { devices, busy, problem, ended, attach, load, end }
})
