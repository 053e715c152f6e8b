interface Wiring {
  /** What was sent, the newest first. */
  sent(): readonly string[]
  text(): string
  replace(text: string): void
}

/** Goes through what was sent before by the arrow keys, from an empty field on, until something else is written. */
export function createRecall({ sent, text, replace }: Wiring) {
  /** How far back, from 1; 0: not at all. */
  let back = 0
  let shown = ''

  /** Returns whether the key was meant for this. */
  function onKey(event: KeyboardEvent): boolean {
    const isArrow = event.key === 'ArrowUp' || event.key === 'ArrowDown'
    if (!isArrow || event.shiftKey || event.ctrlKey || event.altKey || event.metaKey) return false
    if (text() !== shown) back = 0
    if (back === 0 && (event.key === 'ArrowDown' || text() !== '')) return false
    const list = sent()
    const next = Math.min(back + (event.key === 'ArrowUp' ? 1 : -1), list.length)
    if (next === back) return back > 0
    back = next
    shown = list[back - 1] ?? ''
    replace(shown)
    return true
  }

  return { onKey }
}
