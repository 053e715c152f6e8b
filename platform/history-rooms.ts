import { Dexie } from 'dexie'
import type { MessageRow, Tables } from './tables'

type Key = [room: string, ms: number, count: number, id: string]

/** What the transactions below are about. */
export const historyTables = ({ messages, counts, marks }: Tables) => [messages, counts, marks]

export const messageKey = ({ room, ms, count, id }: Omit<MessageRow, 'sealed'>): Key => [room, ms, count, id]

/** The messages of a room from the oldest to before `end`. */
export const messagesBefore = (tables: Tables, room: string, end: readonly (string | number)[]) =>
  tables.messages.where(':id').between([room, -Infinity], end, true, false)

const messagesOf = (tables: Tables, room: string) => messagesBefore(tables, room, [room, Infinity])

/** Up to when (ms) a room was cleared; 0 if never. */
export const clearedUntil = async (tables: Tables, room: string): Promise<number> =>
  (await tables.marks.get(room))?.until ?? 0

/**
 * Files messages of one room, each once, without those it was cleared of, and keeps the newest `keep`. Their number is
 * kept beside them, so that only what is over needs to be looked for. Within a transaction.
 */
export async function fileMessages(
  tables: Tables,
  room: string,
  rows: readonly MessageRow[],
  keep: number,
): Promise<void> {
  const until = await clearedUntil(tables, room)
  const wanted = new Map(rows.filter(({ ms }) => ms > until).map((row) => [row.id, row]))
  if (wanted.size === 0) return
  const known = await tables.counts.get(room)
  const present = await addEach(tables, [...wanted.values()])
  // Written again all the same: what is there may be damaged.
  if (present.length > 0) await tables.messages.bulkPut(present)
  const count = known ? known.count + wanted.size - present.length : await messagesOf(tables, room).count()
  const excess = Math.max(0, count - keep)
  if (excess > 0) await deleteOldest(tables, room, excess)
  await tables.counts.put({ room, count: count - excess })
}

/** Adds what is not there; returns what is. */
async function addEach(tables: Tables, rows: readonly MessageRow[]): Promise<MessageRow[]> {
  try {
    await tables.messages.bulkAdd(rows)
    return []
  } catch (error) {
    if (!(error instanceof Dexie.BulkError)) throw error
    const other = error.failures.find((failure) => failure.name !== 'ConstraintError')
    if (other) throw other
    return rows.filter((_, position) => position in error.failuresByPos)
  }
}

async function deleteOldest(tables: Tables, room: string, count: number): Promise<void> {
  await tables.messages.bulkDelete(await messagesOf(tables, room).limit(count).primaryKeys())
}

/** Deletes messages of a room; within a transaction. */
export async function deleteMessages(tables: Tables, room: string, keys: readonly Key[]): Promise<void> {
  await tables.messages.bulkDelete([...keys])
  await tables.counts.delete(room)
}

/** Deletes a room's messages up to `ms` and marks it, so that none of them comes back; within a transaction. */
export async function clearRoom(tables: Tables, room: string, ms: number): Promise<void> {
  await messagesBefore(tables, room, [room, ms, Infinity]).delete()
  await tables.counts.delete(room)
  await tables.marks.put({ room, until: Math.max(ms, await clearedUntil(tables, room)) })
}

/**
 * Keeps the newest `keep` messages of each room, and forgets numbers that are wrong. Writes nothing but deletions: it is
 * what makes room on a full disk.
 */
export async function pruneRooms(tables: Tables, keep: number): Promise<void> {
  for (const room of await storedRooms(tables)) {
    const isRight = await tables.transaction('r', tables.messages, tables.counts, async () => {
      const count = await messagesOf(tables, room).count()
      return count <= keep && count === (await tables.counts.get(room))?.count
    })
    if (isRight) continue
    await tables.transaction('rw', tables.messages, tables.counts, async () => {
      const excess = (await messagesOf(tables, room).count()) - keep
      if (excess > 0) await deleteOldest(tables, room, excess)
      await tables.counts.delete(room)
    })
  }
}

/** Deletes all messages, proofs and rulings. Rooms that had any are marked as cleared until `ms` or their newest message. */
export async function clearRooms(tables: Tables, ms: number): Promise<void> {
  await tables.transaction('rw', [...historyTables(tables), tables.proofs, tables.rulings], async () => {
    for (const room of await storedRooms(tables)) {
      const newest = await messagesOf(tables, room).last()
      await clearRoom(tables, room, Math.max(ms, newest?.ms ?? 0))
    }
    await tables.messages.clear()
    await tables.proofs.clear()
    await tables.rulings.clear()
  })
}

/** The same for some rooms, whose history alone is deleted. */
export async function clearSomeRooms(tables: Tables, rooms: readonly string[], ms: number): Promise<void> {
  await tables.transaction('rw', [...historyTables(tables), tables.proofs, tables.rulings], async () => {
    for (const room of rooms) {
      const newest = await messagesOf(tables, room).last()
      await clearRoom(tables, room, Math.max(ms, newest?.ms ?? 0))
      await tables.proofs.where({ room }).delete()
      await tables.rulings.delete(room)
    }
  })
}

/** The rooms that have messages, each found by skipping the one before. */
export async function storedRooms(tables: Tables): Promise<string[]> {
  const rooms: string[] = []
  for (;;) {
    const after = rooms.length === 0 ? [] : [rooms.at(-1), []]
    const [next] = await tables.messages.where(':id').above(after).limit(1).primaryKeys()
    if (!next) return rooms
    rooms.push(next[0])
  }
}
