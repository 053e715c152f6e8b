import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { NameAvailability } from '../protocol/api'
import type { ControlPlane } from '../protocol/control'
import { type NameFault, nameFault, tidyName } from '../protocol/display-name-check'
import { type IdentityProblem, identityProblem } from './identity-problem'

/** The part of the control plane that knows display names. */
export type NamePlane = Pick<ControlPlane, 'nameAvailability' | 'suggestNames' | 'rename'>

/** Runs `task` once after `ms`; the returned function calls it off. */
type After = (ms: number, task: () => void) => () => void

/**
 * What is known of the name in the field. `same`: the one that is kept already; `yours`: to be had, because it was or is
 * one's own in another spelling; `unknown`: the Worker could not be asked, so saving is the way to find out.
 */
export type NameStatus =
  | NameFault
  | 'empty'
  | 'checking'
  | 'free'
  | 'yours'
  | 'same'
  | 'taken'
  | 'reserved'
  | 'not-allowed'
  | 'unknown'

/** A pause in typing this long, and the Worker is asked. */
const PAUSE_MS = 350

const SAVABLE: ReadonlySet<NameStatus> = new Set(['checking', 'free', 'yours', 'unknown'])

const realAfter: After = (ms, task) => {
  const timer = setTimeout(task, ms)
  return () => clearTimeout(timer)
}

/** The display name while it is being changed. */
export const useNameStore = defineStore('name', () => {
  /** As typed. */
  const draft = ref('')
  const status = ref<NameStatus>('empty')
  const suggestions = shallowRef<readonly string[]>([])
  const suggesting = ref(false)
  const saving = ref(false)
  /** Why saving failed. */
  const problem = shallowRef<IdentityProblem | null>(null)
  /** Why there are no suggestions. */
  const suggestionProblem = shallowRef<IdentityProblem | null>(null)
  /** The name that was saved last. */
  const saved = ref<string | null>(null)

  const canSave = computed(() => !saving.value && SAVABLE.has(status.value))

  let plane: NamePlane | null = null
  let after: After = realAfter
  let callOff = () => {}
  /** Rises with every edit: answers about an earlier text count no more. */
  let edits = 0
  let wishes = 0

  function attach(to: NamePlane, timers: After = realAfter): void {
    plane = to
    after = timers
  }

  /** Begins anew, with nothing in the field. */
  function begin(): void {
    put('', 'empty')
    wishes += 1
    suggestions.value = []
    suggesting.value = false
    suggestionProblem.value = null
    saved.value = null
  }

  /** The field says `text` now; after a pause the Worker is asked about it. `own`: the name one has. */
  function edit(text: string, own: string): void {
    const name = tidyName(text)
    const known = statusOf(name, own)
    put(text, known ?? 'checking')
    if (known !== null) return
    const turn = edits
    callOff = after(PAUSE_MS, () => void ask(name, turn))
  }

  /** Takes a suggestion into the field; whether it is still free is asked at once. */
  function choose(name: string): void {
    put(name, 'checking')
    void ask(name, edits)
  }

  /** Asks for other suggestions, for names like the one in the field if there is one. */
  async function suggest(): Promise<void> {
    if (!plane) return
    wishes += 1
    const turn = wishes
    const like = wishOf(tidyName(draft.value))
    suggesting.value = true
    suggestionProblem.value = null
    try {
      const names = await (like === '' ? plane.suggestNames() : plane.suggestNames(like))
      if (turn === wishes) suggestions.value = names
    } catch (error) {
      if (turn === wishes) suggestionProblem.value = identityProblem(error)
    } finally {
      if (turn === wishes) suggesting.value = false
    }
  }

  /** Takes the name in the field. Resolves with whether it worked; `status` or `problem` says why not. */
  async function save(): Promise<boolean> {
    if (!plane || !canSave.value) return false
    callOff()
    // What is still on its way is older than the answer to this.
    edits += 1
    const name = tidyName(draft.value)
    saving.value = true
    problem.value = null
    try {
      await plane.rename(name)
      saved.value = name
      status.value = 'same'
      return true
    } catch (error) {
      const { code, ...rest } = identityProblem(error)
      if (code === 'name_taken') status.value = 'taken'
      else if (code === 'name_not_allowed') status.value = 'not-allowed'
      else {
        status.value = 'unknown'
        problem.value = { code, ...rest }
      }
      return false
    } finally {
      saving.value = false
    }
  }

  /** The background says that the name is `own`: what was saved here is news no more if it is another one. */
  function follow(own: string): void {
    if (own !== saved.value) saved.value = null
  }

  function put(text: string, now: NameStatus): void {
    callOff()
    callOff = () => {}
    edits += 1
    draft.value = text
    status.value = now
    problem.value = null
    saved.value = null
  }

  async function ask(name: string, turn: number): Promise<void> {
    if (!plane || turn !== edits) return
    const found = await plane.nameAvailability(name).then(statusIn, (): NameStatus => 'unknown')
    if (turn === edits) status.value = found
  }

  return {
    ...{ draft, status, canSave, suggestions, suggesting, suggestionProblem, saving, problem, saved },
    ...{ attach, begin, edit, choose, suggest, save, follow },
  }
})

/** What can be said of a name without asking. */
function statusOf(name: string, own: string): NameStatus | null {
  if (name === '') return 'empty'
  return name === own ? 'same' : nameFault(name)
}

function statusIn({ available, reason }: NameAvailability): NameStatus {
  if (available) return reason === 'yours' ? 'yours' : 'free'
  if (reason === 'yours') return 'same'
  return reason === 'not_allowed' ? 'not-allowed' : (reason ?? 'taken')
}

/** What may be told of a text to have names like it: nothing of an address, and no more than a name holds. */
function wishOf(text: string): string {
  const fault = nameFault(text)
  return fault === 'address' || fault === 'too-long' ? '' : text
}
