import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { ControlPlane } from '../protocol/control'
import { type IdentityProblem, identityProblem } from './identity-problem'

/** The part of the control plane that keeps the history. */
export type HistoryPlane = Pick<ControlPlane, 'exportHistory' | 'clearHistory'>

/** The stored history of all rooms on this browser. */
export const useHistoryStore = defineStore('history', () => {
  /** A step is under way; others are ignored. */
  const busy = ref(false)
  const problem = shallowRef<IdentityProblem | null>(null)
  const done = ref<'exported' | 'cleared' | null>(null)

  let plane: HistoryPlane | null = null

  function attach(to: HistoryPlane): void {
    plane = to
  }

  async function step<T>(call: (plane: HistoryPlane) => Promise<T>): Promise<{ answer: T } | null> {
    if (!plane || busy.value) return null
    busy.value = true
    problem.value = null
    done.value = null
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
  async function exportHistory(): Promise<string | null> {
    const exported = await step((to) => to.exportHistory())
    if (!exported) return null
    done.value = 'exported'
    return exported.answer
  }

  /** Forgets everything said until now. Resolves with whether it worked; `problem` says why not. */
  async function clearHistory(): Promise<boolean> {
    const cleared = (await step((to) => to.clearHistory())) !== null
    if (cleared) done.value = 'cleared'
    return cleared
  }

  return { busy, problem, done, attach, exportHistory, clearHistory }
})
