import { nextTick, onBeforeUnmount, onMounted, type Ref, ref } from 'vue'
import type { MessageRow, Row } from './rows'

interface Source {
  rows(): readonly Row[]
  keyOf(element: Element): string | undefined
  elementOf(key: string): HTMLElement | undefined
  /** The rows in view. */
  inView(): readonly string[]
  /** Draws a row that is out of view. */
  reveal(key: string): Promise<HTMLElement | undefined>
  /** The viewer wants out, by the keyboard. */
  leave(): void
}

/**
 * The way to single messages: with the arrow keys from the list, from there to what can be done with one by Tab. `active` is
 * the row that somebody points at or has the focus in.
 */
export function useRowFocus(scroller: Readonly<Ref<HTMLElement | null>>, source: Source) {
  const pointed = ref<string | null>(null)
  const focused = ref<string | null>(null)
  const isMessage = (row: Row): row is MessageRow => row.kind === 'message'

  /** The row that an element is in. */
  function keyAround(target: EventTarget | null): string | null {
    for (let element = target instanceof Element ? target : null; element; element = element.parentElement) {
      if (element === scroller.value) return null
      const key = source.keyOf(element)
      if (key !== undefined) return key
    }
    return null
  }

  async function focus(key: string | undefined): Promise<void> {
    if (key === undefined) return
    const row = source.elementOf(key) ?? (await source.reveal(key))
    await nextTick()
    row?.focus({ preventScroll: true })
    row?.scrollIntoView({ block: 'nearest' })
  }

  /** The last message that is in view. */
  function lastInView(): string | undefined {
    const keys = new Set(source.inView())
    return source.rows().findLast((row) => isMessage(row) && keys.has(row.key))?.key
  }

  function step(from: string, by: number): string | undefined {
    const messages = source.rows().filter(isMessage)
    const at = messages.findIndex(({ key }) => key === from)
    return at < 0 ? undefined : messages[at + by]?.key
  }

  function onKey(event: KeyboardEvent): void {
    const from = keyAround(event.target)
    if (from === null) {
      if (event.key !== 'ArrowUp') return
      const last = lastInView()
      if (last === undefined) return
      event.preventDefault()
      void focus(last)
      return
    }
    const messages = source.rows().filter(isMessage)
    const to: Record<string, () => string | undefined> = {
      ArrowUp: () => step(from, -1),
      ArrowDown: () => step(from, 1),
      Home: () => messages[0]?.key,
      End: () => messages.at(-1)?.key,
    }
    const next = to[event.key]
    if (next) void focus(next())
    else if (event.key === 'Escape') source.leave()
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  function onPointer({ target, pointerType }: PointerEvent): void {
    if (pointerType !== 'touch') pointed.value = keyAround(target)
  }

  /** A finger does not hover: it touches. */
  function onTouch(event: MouseEvent): void {
    if ('pointerType' in event && event.pointerType === 'touch') pointed.value = keyAround(event.target)
  }

  function onFocus({ target }: FocusEvent): void {
    const isByKeys = target instanceof Element && target.matches(':focus-visible')
    focused.value = isByKeys ? keyAround(target) : null
  }

  const onLeave = () => {
    pointed.value = null
  }
  /** Between two elements of a row nothing may go away: the focus would be lost with it. */
  function onBlur({ relatedTarget }: FocusEvent): void {
    if (keyAround(relatedTarget) !== focused.value) focused.value = null
  }

  const lifetime = new AbortController()
  onMounted(() => {
    const { signal } = lifetime
    const element = scroller.value
    element?.addEventListener('keydown', onKey, { signal })
    element?.addEventListener('pointerover', onPointer, { signal })
    element?.addEventListener('pointerleave', onLeave, { signal })
    element?.addEventListener('click', onTouch, { signal })
    element?.addEventListener('focusin', onFocus, { signal })
    element?.addEventListener('focusout', onBlur, { signal })
  })
  onBeforeUnmount(() => lifetime.abort())

  return { isActive: (key: string) => key === pointed.value || key === focused.value, focus }
}
