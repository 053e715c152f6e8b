import { computed, type Ref } from 'vue'
import { MAX_TEXT_CODE_POINTS } from '../protocol/limits'
import type { useCommandLine } from './command-line'
import { readTyped } from './slash-commands'
import { isolate, type Translate } from './text'
import type { useCompletion } from './use-completion'

interface Wiring {
  draft: Readonly<Ref<string>>
  line: Pick<ReturnType<typeof useCommandLine>, 'told'>
  completion: Pick<ReturnType<typeof useCompletion>, 'cycled' | 'isOpen' | 'options'>
  translate: Translate
}

/** What a composer tells about what is in it. */
export function useComposerWords({ draft, line, completion, translate }: Wiring) {
  const { cycled, isOpen, options } = completion
  /** Characters: what is said counts, not the command before it. */
  const left = computed(() => {
    const typed = readTyped(draft.value)
    return MAX_TEXT_CODE_POINTS - [...(typed.t === 'text' ? typed.text : typed.argument)].length
  })
  const hint = computed(() => {
    if (left.value < 0)
      return { words: translate('tooLong', String(-left.value)), isProblem: true, isShort: true }
    return line.told.value
  })
  /** For screen readers alone: what the eyes see in the list. */
  const spoken = computed(() => {
    if (cycled.value) {
      const { option, place, count } = cycled.value
      return translate('suggestionOf', [isolate(option.completion.label), String(place), String(count)])
    }
    return isOpen.value ? translate('suggestions', String(options.value.length)) : ''
  })
  return { left, hint, spoken }
}
