/** Enter sends, unless it ends a composition: Safari and older engines report that one by key code 229 only. */
export function sends(event: KeyboardEvent): boolean {
  if (event.key !== 'Enter' || event.shiftKey || event.ctrlKey || event.altKey || event.metaKey) return false
  return !event.isComposing && event.keyCode !== 229
}
