import { computed, onBeforeUnmount, onMounted, type Ref, ref, watch } from 'vue'
import type { Appearance } from '../protocol/appearance'

/** A pointer that was not moved for so long (ms) has been left there. */
const IDLE_MS = 5_000
/** With this key down the list rests. */
const KEY = 'Alt'

interface Source {
  /** Names the last row. */
  newest(): string | undefined
  /** Whether rows come so fast that they move under a pointer. */
  isFast(): boolean
  mode(): Appearance['hold']
}

/**
 * Whether a list that runs should rest because somebody is doing something in it: points at it while it runs fast, keeps the
 * key down, has the keyboard's focus in a row, or has text selected.
 */
export function useHold(scroller: Readonly<Ref<HTMLElement | null>>, source: Source) {
  const byPointer = ref(false)
  const byKey = ref(false)
  const byFocus = ref(false)
  const bySelection = ref(false)
  const held = computed(() => byPointer.value || byKey.value || byFocus.value || bySelection.value)
  let isOver = false
  let idle: ReturnType<typeof setTimeout> | undefined

  function leave(): void {
    isOver = false
    byPointer.value = false
    clearTimeout(idle)
  }

  function onPointer(event: PointerEvent): void {
    byKey.value = event.altKey
    // A finger scrolls, and then the list lets go by itself.
    if (event.pointerType !== 'mouse') return
    isOver = true
    clearTimeout(idle)
    idle = setTimeout(leave, IDLE_MS)
    rest()
  }

  function rest(): void {
    if (isOver && source.mode() === 'hover' && source.isFast()) byPointer.value = true
  }

  function onKey(event: KeyboardEvent): void {
    if (event.key === KEY) byKey.value = event.type === 'keydown'
  }

  /** A click leaves the focus behind as well, but nobody is there any more. */
  function onFocus({ target }: FocusEvent): void {
    const element = target instanceof HTMLElement ? target : null
    byFocus.value =
      element !== null &&
      element !== scroller.value &&
      scroller.value?.contains(element) === true &&
      element.matches(':focus-visible')
  }

  function onBlur({ relatedTarget }: FocusEvent): void {
    if (!(relatedTarget instanceof Node && scroller.value?.contains(relatedTarget))) byFocus.value = false
  }

  function onSelection(): void {
    const selection = document.getSelection()
    const isHere = [selection?.anchorNode, selection?.focusNode].some(
      (node) => node && scroller.value?.contains(node),
    )
    bySelection.value = selection?.isCollapsed === false && isHere
  }

  function onWindowBlur(): void {
    byKey.value = false
  }

  watch(source.newest, rest)
  watch(source.mode, (mode) => {
    if (mode !== 'hover') byPointer.value = false
  })

  const lifetime = new AbortController()
  onMounted(() => {
    const { signal } = lifetime
    const element = scroller.value
    element?.addEventListener('pointermove', onPointer, { signal, passive: true })
    element?.addEventListener('pointerleave', leave, { signal })
    element?.addEventListener('focusin', onFocus, { signal })
    element?.addEventListener('focusout', onBlur, { signal })
    window.addEventListener('keydown', onKey, { signal })
    window.addEventListener('keyup', onKey, { signal })
    window.addEventListener('blur', onWindowBlur, { signal })
    document.addEventListener('selectionchange', onSelection, { signal })
  })
  onBeforeUnmount(() => {
    lifetime.abort()
    clearTimeout(idle)
  })

  return held
}
