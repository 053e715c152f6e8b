/** 32 bits of FNV-1a (draft-eastlake-fnv): enough to tell a room's people apart by colour and pattern. */
function fold(text: string, seed: number): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0
  for (let place = 0; place < text.length; place += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(place), 0x01000193)
  }
  // FNV's low bits are weak for short texts: mix them once more (MurmurHash3's finalizer).
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** An account's hue in degrees; the theme adds lightness and chroma that keep names readable. */
export const hueOf = (accountId: string): number => fold(accountId, 0) % 360

/**
 * An account's pattern as an SVG path on a 5×5 grid, mirrored like a face. Between 6 and 19 of the 25 cells are
 * filled, so that it is never blank nor solid.
 */
export function identiconPath(accountId: string): string {
  for (let seed = 1; ; seed += 1) {
    const bits = fold(accountId, seed)
    const cells: string[] = []
    for (let row = 0; row < 5; row += 1) {
      for (let column = 0; column < 3; column += 1) {
        if (((bits >>> (row * 3 + column)) & 1) === 0) continue
        cells.push(cell(column, row))
        if (column < 2) cells.push(cell(4 - column, row))
      }
    }
    if (cells.length >= 6 && cells.length <= 19) return cells.join('')
  }
}

const cell = (column: number, row: number) => `M${column} ${row}h1v1h-1z`
