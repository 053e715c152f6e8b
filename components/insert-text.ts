/**
 * Puts `text` in place of `from` to `to` (UTF-16 units) as if it had been typed: the field's own undo takes it back, and
 * its `input` event tells. The caret is behind it.
 */
export function insertText(field: HTMLTextAreaElement, from: number, to: number, text: string): void {
  field.focus()
  field.setSelectionRange(from, to)
  // Called obsolete, and still the only way that browsers undo.
  const name = text === '' ? 'delete' : 'insertText'
  if (from === to && text === '') return
  if (typeof document.execCommand === 'function' && document.execCommand(name, false, text)) return
  field.setRangeText(text, from, to)
  field.setSelectionRange(from + text.length, from + text.length)
  field.dispatchEvent(new InputEvent('input', { bubbles: true, inputType: 'insertText' }))
}

/** Puts something in at the caret, apart from the words around it. */
export function insertWord(field: HTMLTextAreaElement, word: string): void {
  const { selectionStart: from, selectionEnd: to, value } = field
  const before = from > 0 && !/\s$/.test(value.slice(0, from)) ? ' ' : ''
  const after = /^\s/.test(value.slice(to)) ? '' : ' '
  insertText(field, from, to, before + word + after)
}
