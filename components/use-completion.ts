import { computed, ref, type ShallowRef, shallowRef } from 'vue'
import { type BegunWord, type Completion, type CompletionSource, wordAt } from './completion'
import { insertText } from './insert-text'

/** Suggestions in view. */
const MAX_LISTED = 10
/** Words that Tab goes through. */
const MAX_CYCLED = 30
/** A word of fewer characters is not completed by Tab alone: the key still leaves the field. */
const MIN_TAB_LENGTH = 2

export interface Option {
  readonly source: CompletionSource
  readonly completion: Completion
  /** Unique in the list. */
  readonly id: string
}

/** Tab's way through the words that go on from one. */
interface Cycle {
  readonly from: number
  readonly original: string
  readonly options: readonly Option[]
  readonly index: number
  /** What stands there now. */
  readonly text: string
}

interface Wiring {
  field: Readonly<ShallowRef<HTMLTextAreaElement | null>>
  sources(): readonly CompletionSource[]
}

/** Completes the word at a text field's caret: from a list for words with a source's trigger, and by Tab for others. */
export function useCompletion({ field, sources }: Wiring) {
  const word = shallowRef<BegunWord | null>(null)
  const isFirst = ref(false)
  const active = ref(0)
  /** Escape ended it: the word that is left alone until there is another one. */
  const dismissed = ref<number | null>(null)
  const cycle = shallowRef<Cycle | null>(null)

  const asked = computed(() => {
    const begun = word.value
    if (!begun || dismissed.value === begun.from) return []
    return sources().filter(
      ({ trigger, minLength, onlyFirst }) =>
        begun.word.startsWith(trigger) &&
        begun.word.length - trigger.length >= minLength &&
        (!onlyFirst || isFirst.value),
    )
  })
  const options = computed<readonly Option[]>(() => {
    const begun = word.value
    if (!begun) return []
    const found = asked.value.flatMap((source) =>
      optionsOf(source, begun.word.slice(source.trigger.length), MAX_LISTED),
    )
    return found.slice(0, MAX_LISTED)
  })
  const isOpen = computed(() => options.value.length > 0)
  const chosen = computed(() => options.value[Math.min(active.value, options.value.length - 1)])
  /** Where Tab is on its way; `null` when it is not. */
  const cycled = computed(() => {
    const now = cycle.value
    const option = now?.options[now.index]
    return now && option ? { option, place: now.index + 1, count: now.options.length } : null
  })

  /** The text or the caret changed. */
  function follow(): void {
    const element = field.value
    if (!element) return
    const { value, selectionStart, selectionEnd } = element
    const next = selectionStart === selectionEnd ? wordAt(value, selectionStart) : null
    if (cycle.value && !stands(cycle.value, element)) cycle.value = null
    if (next?.from !== word.value?.from || next?.word !== word.value?.word) active.value = 0
    if (dismissed.value !== null && next?.from !== dismissed.value) dismissed.value = null
    isFirst.value = next !== null && value.slice(0, next.from).trim() === ''
    word.value = next
  }

  /** Returns whether the key was meant for this. */
  function onKey(event: KeyboardEvent): boolean {
    if (event.ctrlKey || event.altKey || event.metaKey) return false
    if (event.key === 'Tab') return isOpen.value && !event.shiftKey ? accept() : onTab(event.shiftKey)
    if (event.key === 'Escape') return onEscape()
    if (!isOpen.value || event.shiftKey) return false
    if (event.key === 'ArrowDown') return move(1)
    if (event.key === 'ArrowUp') return move(-1)
    return event.key === 'Enter' && !isTyped(chosen.value, word.value) && accept()
  }

  function move(by: number): true {
    const { length } = options.value
    active.value = (Math.min(active.value, length - 1) + by + length) % length
    return true
  }

  /** Puts a suggestion into the text; without one, the active. */
  function accept(option = chosen.value): boolean {
    const begun = word.value
    if (!option || !begun || !field.value) return false
    dismissed.value = null
    put(begun.from, begun.to, spaced(option, begun.to, field.value))
    return true
  }

  function onTab(isBack: boolean): boolean {
    const element = field.value
    if (!element) return false
    const going = cycle.value ?? (isBack ? null : beginning(element))
    if (!going) return false
    const { length } = going.options
    const index = (going.index + (isBack ? -1 : 1) + length) % length
    const option = going.options[index]
    if (!option) return false
    const to = going.from + going.text.length
    const text = spaced(option, to, element)
    put(going.from, to, text)
    cycle.value = { ...going, index, text }
    return true
  }

  function beginning(element: HTMLTextAreaElement): Cycle | null {
    follow()
    const begun = word.value
    if (!begun || begun.word.length < MIN_TAB_LENGTH || dismissed.value === begun.from) return null
    if (element.selectionEnd !== begun.to) return null
    const found = sources()
      .filter(({ onTab }) => onTab)
      .flatMap((source) => optionsOf(source, begun.word, MAX_CYCLED, true))
    const cycled = found.slice(0, MAX_CYCLED)
    if (cycled.length === 0) return null
    return { from: begun.from, original: begun.word, options: cycled, index: -1, text: begun.word }
  }

  /** Closes the list, or gives back what Tab replaced; the next Tab leaves the field then. */
  function onEscape(): boolean {
    const going = cycle.value
    if (going) {
      put(going.from, going.from + going.text.length, going.original)
      dismissed.value = going.from
      return true
    }
    if (!isOpen.value) return false
    dismissed.value = word.value?.from ?? null
    return true
  }

  function put(from: number, to: number, text: string): void {
    const element = field.value
    if (!element) return
    cycle.value = null
    insertText(element, from, to, text)
    follow()
  }

  /** The field lost the focus. */
  function close(): void {
    word.value = null
    cycle.value = null
  }

  return { options, active, chosen, isOpen, asked, cycled, follow, onKey, accept, close }
}

const optionsOf = (source: CompletionSource, query: string, limit: number, byTab = false): Option[] =>
  source
    .complete(query, limit, byTab)
    .map((completion) => ({ source, completion, id: `${source.name}-${completion.id}` }))

/** The next word begins behind a space; where one stands already, it serves. */
const spaced = ({ completion }: Option, to: number, { value }: HTMLTextAreaElement) =>
  /^\s/.test(value.slice(to)) ? completion.text : `${completion.text} `

const stands = ({ from, text }: Cycle, { value, selectionStart, selectionEnd }: HTMLTextAreaElement) =>
  selectionStart === selectionEnd && selectionEnd === from + text.length && value.startsWith(text, from)

/** Enter behind a whole word is not about completing it. */
const isTyped = (option: Option | undefined, word: BegunWord | null) =>
  option !== undefined && option.completion.text === word?.word
