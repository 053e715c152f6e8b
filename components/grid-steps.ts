export type Direction = 'left' | 'right' | 'up' | 'down' | 'first' | 'last'

/**
 * Where an arrow key leads among elements that stand in rows, whatever their number is in each: the index of the next one,
 * the same at an end, `null` for upwards out of the first row.
 */
export function neighbour(
  elements: readonly Element[],
  from: number,
  direction: Direction,
  isMirrored: boolean,
): number | null {
  const last = elements.length - 1
  const clamp = (index: number) => Math.max(0, Math.min(last, index))
  switch (direction) {
    case 'left':
      return clamp(from + (isMirrored ? 1 : -1))
    case 'right':
      return clamp(from + (isMirrored ? -1 : 1))
    case 'first':
      return 0
    case 'last':
      return last
    default:
      return inNextRow(elements, from, direction === 'down' ? 1 : -1)
  }
}

function inNextRow(elements: readonly Element[], from: number, step: 1 | -1): number | null {
  const here = elements[from]?.getBoundingClientRect()
  if (!here) return 0
  let row: number | undefined
  let best: { index: number; distance: number } | undefined
  for (let index = from + step; index >= 0 && index < elements.length; index += step) {
    const box = elements[index]?.getBoundingClientRect()
    if (!box || Math.abs(box.top - here.top) < 1) continue
    row ??= box.top
    if (Math.abs(box.top - row) >= 1) break
    const distance = Math.abs(box.left + box.width / 2 - here.left - here.width / 2)
    if (!best || distance < best.distance) best = { index, distance }
  }
  return best?.index ?? (step === 1 ? from : null)
}
