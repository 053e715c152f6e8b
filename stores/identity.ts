import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { ControlPlane, IdentityView } from '../protocol/control'
import { type IdentityProblem, identityProblem } from './identity-problem'

/** The part of the control plane that signs in and out. */
export type IdentityPlane = Pick<
  ControlPlane,
  'identity' | 'requestCode' | 'submitCode' | 'cancelSignIn' | 'signOut'
>

interface IdentitySource {
  plane: IdentityPlane
  /** Calls back when another page or the background changed the identity. */
  onChanged(listener: () => void): () => void
}

/** Who this browser is, and the steps from nobody to somebody. */
export const useIdentityStore = defineStore('identity', () => {
  /** `null` until the background has answered once. */
  const view = shallowRef<IdentityView | null>(null)
  /** A step is under way; others are ignored. */
  const busy = ref(false)
  const problem = shallowRef<IdentityProblem | null>(null)

  let plane: IdentityPlane | null = null
  /** Answers count only if nothing newer was asked. */
  let newest = 0
  let changedMeanwhile = false

  /** Starts to follow the background; resolves with what ends it, once the view is known or has failed. */
  async function attach(source: IdentitySource): Promise<() => void> {
    plane = source.plane
    const stop = source.onChanged(() => void refresh())
    await refresh()
    return () => {
      stop()
      plane = null
    }
  }

  /** Asks the background again, for example after `problem` with no view. */
  async function refresh(): Promise<void> {
    if (busy.value) {
      changedMeanwhile = true
      return
    }
    if (!plane) return
    newest += 1
    const turn = newest
    try {
      const answer = await plane.identity()
      if (turn !== newest) return
      if (!view.value) problem.value = null
      view.value = answer
    } catch (error) {
      if (turn === newest && !view.value) problem.value = identityProblem(error)
    }
  }

  async function step(call: (plane: IdentityPlane) => Promise<IdentityView>): Promise<boolean> {
    if (!plane || busy.value) return false
    newest += 1
    busy.value = true
    problem.value = null
    try {
      view.value = await call(plane)
      return true
    } catch (error) {
      problem.value = identityProblem(error)
      return false
    } finally {
      busy.value = false
      if (changedMeanwhile) {
        changedMeanwhile = false
        void refresh()
      }
    }
  }

  /** Mails a code to `email`; also sends another one. Resolves with whether it worked; `problem` says why not. */
  const requestCode = (email: string): Promise<boolean> => step((to) => to.requestCode(email.trim()))

  /** Trades the mailed code for a signed-in device. */
  const submitCode = (code: string): Promise<boolean> => step((to) => to.submitCode(code))

  /** Goes back to the e-mail step. */
  const cancelSignIn = (): Promise<boolean> => step((to) => to.cancelSignIn())

  /** Ends this device. */
  const signOut = (): Promise<boolean> => step((to) => to.signOut())

  return { view, busy, problem, attach, refresh, requestCode, submitCode, cancelSignIn, signOut }
})
