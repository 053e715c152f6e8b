/** Keys of an input method belong to it. Safari and older engines tell the one that ends a composition by code 229 only. */
export const isComposing = (event: KeyboardEvent): boolean => event.isComposing || event.keyCode === 229

/** Enter sends, unless it ends a composition. */
export function sends(event: KeyboardEvent): boolean {
  if (event.key !== 'Enter' || event.shiftKey || event.ctrlKey || event.altKey || event.metaKey) return false
  return !isComposing(event)
}
