import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { ControlPlane } from '../protocol/control'
import { useIdentityStore } from './identity'
import { type IdentityProblem, identityProblem } from './identity-problem'

/** The part of the control plane that is about the account as a whole. */
export type AccountPlane = Pick<ControlPlane, 'exportAccount' | 'deleteAccount'>

/** What the Worker knows of this account, and the account's end. */
export const useAccountStore = defineStore('account', () => {
  /** A step is under way; others are ignored. */
  const busy = ref(false)
  const problem = shallowRef<IdentityProblem | null>(null)
  const exported = ref(false)

  let plane: AccountPlane | null = null

  function attach(to: AccountPlane): void {
    plane = to
  }

  async function step<T>(call: (plane: AccountPlane) => Promise<T>): Promise<{ answer: T } | null> {
    if (!plane || busy.value) return null
    busy.value = true
    problem.value = null
    exported.value = false
    try {
      return { answer: await call(plane) }
    } catch (error) {
      problem.value = identityProblem(error)
      return null
    } finally {
      busy.value = false
    }
  }

  /** Everything as JSON; `null` where it failed, and `problem` says why. */
  async function exportAccount(): Promise<string | null> {
    const done = await step((to) => to.exportAccount())
    exported.value = done !== null
    return done?.answer ?? null
  }

  /** Ends the account for good. Resolves with whether it worked; `problem` says why not. */
  async function deleteAccount(): Promise<boolean> {
    const done = await step((to) => to.deleteAccount())
    // Also after a failure: the account may be gone by an earlier try whose answer was lost.
    await useIdentityStore().refresh()
    return done !== null
  }

  return { busy, problem, exported, attach, exportAccount, deleteAccount }
})
