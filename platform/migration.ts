import { SAY_PACE } from '../protocol/limits'
import { z } from '../protocol/schema'
import { identityRecordSchema, sealIdentity } from './identity-record'
import { deviceOf } from './key-pairs'
import { lineKey, sealLine } from './line-record'
import type { Sealer } from './sealing'
import type { LineRow, Tables, ValueRow } from './tables'

const PLAIN_IDENTITY = 'identity'
const sequenceSchema = z.object({ room: z.string(), next: z.int().min(0) })

/**
 * Seals what version 1 kept in the clear: the identity, and the rooms' sequence numbers, which become lines. It is sealed
 * outside of the transaction that puts it in its place; that one moves only what is still there, so that it may be
 * interrupted anywhere and two contexts may do it at once.
 */
export async function sealVersion1(tables: Tables, sealer: Sealer): Promise<void> {
  const plain = await tables.values.get(PLAIN_IDENTITY)
  const sequences = await tables.sequences.toArray()
  if (!plain && sequences.length === 0) return

  const identity = identityRecordSchema.safeParse(plain?.value).data
  const sealedIdentity = identity && (await sealIdentity(sealer, identity))
  const lines = await linesOf(tables, sealer, sequences, Date.now() + (identity?.clockOffset ?? 0))
  await tables.transaction('rw', tables.values, tables.sequences, tables.lines, async () => {
    if (sealedIdentity && !(await tables.values.get('sealedIdentity')))
      await tables.values.put({ name: 'sealedIdentity', value: sealedIdentity })
    await tables.values.delete(PLAIN_IDENTITY)
    for (const { room, row } of lines)
      if ((await tables.sequences.get(room)) && !(await tables.lines.get(row.line)))
        await tables.lines.add(row)
    await tables.sequences.clear()
  })
}

/** Numbers belong to the key that signed them; without one they bind nobody. */
async function linesOf(
  tables: Tables,
  sealer: Sealer,
  sequences: readonly unknown[],
  now: number,
): Promise<{ room: string; row: LineRow }[]> {
  const keys = (await tables.values.get('keys')) as ValueRow<'keys'> | undefined
  if (!keys) return []
  const device = await deviceOf(keys.value)
  const known = sequences.flatMap((sequence) => sequenceSchema.safeParse(sequence).data ?? [])
  return Promise.all(
    known.map(async ({ room, next }) => {
      const line = await lineKey(sealer, device, room)
      // When they were stamped was not kept: as if all just now, so that nobody finds the next one too fast.
      const recent = Array.from({ length: Math.min(next, SAY_PACE.messages) }, () => now)
      const sealed = await sealLine(sealer, line, { next, last: { ms: now, count: 0 }, recent })
      return { room, row: { line, sealed } }
    }),
  )
}
