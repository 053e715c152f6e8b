import { epochMs, z } from '../protocol/schema'
import { StorageError } from '../protocol/storage-error'
import type { Line } from '../services/history/archive'
import type { Sealer } from './sealing'
import type { LineRow } from './tables'

const lineSchema = z.strictObject({
  next: z.int().min(0),
  last: z.strictObject({ ms: epochMs, count: z.int().min(0) }),
  recent: z.array(epochMs),
})

/** The name under which a device's line in a room is kept. */
export const lineKey = (sealer: Sealer, device: string, room: string) => sealer.hash('line', device, room)

export const sealLine = (sealer: Sealer, line: string, content: Line) =>
  sealer.sealJson(['line', line], content)

/**
 * The line in a row, a new one where there is none. Rejects where it cannot be read: it must not begin again, its numbers
 * are known to others.
 */
export async function lineIn(sealer: Sealer, row: LineRow | undefined): Promise<Line> {
  if (!row) return { next: 0, last: { ms: 0, count: 0 }, recent: [] }
  const line = await sealer.openJson(['line', row.line], row.sealed, lineSchema)
  if (!line) throw new StorageError('unavailable')
  return line
}

/** Whether two rows are one state: each sealing has an IV of its own. */
export const isSameLine = (a: LineRow | undefined, b: LineRow | undefined): boolean =>
  a?.sealed.length === b?.sealed.length && (a?.sealed.every((byte, at) => byte === b?.sealed[at]) ?? true)
