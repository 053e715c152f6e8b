import { messageIdSchema } from '../protocol/message-id'
import { epochMs, z } from '../protocol/schema'
import type { Waiting } from '../services/history/archive'
import type { Sealer } from './sealing'
import type { Tables, WaitingRow } from './tables'

/** Keys of what was said that a room remembers: more than a panel could still be asking about. */
const REMEMBERED = 100

const contentSchema = z.strictObject({
  text: z.string(),
  ms: epochMs,
  me: z.literal(true).exactOptional(),
  reply: messageIdSchema.exactOptional(),
})

export async function sealWaiting(
  sealer: Sealer,
  room: string,
  { key, text, ms, me, reply }: Waiting,
): Promise<WaitingRow> {
  return { room, key, sealed: await sealer.sealJson(['waiting', room, key], { text, ms, me, reply }) }
}

/** `undefined` for what was said, or cannot be read. */
export async function openWaiting(
  sealer: Sealer,
  { room, key, sealed }: WaitingRow,
): Promise<Waiting | undefined> {
  const content = await sealer.openJson(['waiting', room, key], sealed, contentSchema)
  return content && { key, ...content }
}

/** A room's entries, in the order they came; what was said is among them. */
export async function waitingRows(tables: Tables, room: string): Promise<WaitingRow[]> {
  const rows = await tables.outbox.where('[room+key]').between([room, ''], [room, []]).toArray()
  return rows.sort((a, b) => (a.n ?? 0) - (b.n ?? 0))
}

/**
 * Ends the waiting of an entry, and leaves its key: whoever lost the answer may ask for it again. `false` where nothing
 * waits under that key. Within a transaction on the outbox.
 */
export async function settle(tables: Tables, room: string, key: string): Promise<boolean> {
  const rows = await waitingRows(tables, room)
  const entry = rows.find((row) => row.key === key)
  if (!entry?.sealed) return false
  await tables.outbox.put({ ...entry, sealed: null })
  const said = rows.filter(({ sealed }) => sealed === null)
  const forgotten = said.slice(0, Math.max(0, said.length + 1 - REMEMBERED))
  await tables.outbox.bulkDelete(forgotten.flatMap(({ n }) => n ?? []))
  return true
}
