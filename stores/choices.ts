import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { ChoiceSource, PersonChoice } from '../protocol/people'

/** Whom the viewer has muted or blocked, for pages that are in no room. */
export const useChoicesStore = defineStore('choices', () => {
  /** `null` until they are known. */
  const choices = shallowRef<readonly PersonChoice[] | null>(null)
  /** The list could not be loaded. */
  const failed = ref(false)
  /** The last undoing holds until the browser closes: it could not be saved. */
  const unsaved = ref(false)

  let source: ChoiceSource | null = null
  /** An answer counts only if nothing newer was asked. */
  let newest = 0

  /** Returns what ends it. Nothing is asked for before `load`. */
  function attach(to: ChoiceSource): () => void {
    source = to
    const stop = to.onChanged(() => void load())
    return () => {
      stop()
      source = null
    }
  }

  async function load(): Promise<void> {
    newest += 1
    const turn = newest
    try {
      const list = await source?.list()
      if (turn !== newest || !list) return
      choices.value = list
      failed.value = false
    } catch {
      if (turn === newest) failed.value = true
    }
  }

  async function undo({ accountId, name }: PersonChoice): Promise<void> {
    const kept = await source?.choose(accountId, name, null).catch(() => false)
    unsaved.value = kept !== true
    await load()
  }

  return { choices, failed, unsaved, attach, load, undo }
})
