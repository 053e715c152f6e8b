import type { AccountId } from '../protocol/device'
import { LOG_LENGTH } from '../protocol/limits'
import type { RoomId } from '../protocol/room-id'
import type { Database } from './database'
import { clearRooms, clearSomeRooms, messagesBefore, pruneRooms, storedRooms } from './history-rooms'
import { openMessage, roomKey, type StoredMessage } from './message-record'
import type { Sealer } from './sealing'

interface ExportedRoom {
  room: string
  messages: ExportedMessage[]
}

interface ExportedMessage {
  id: string
  time: string
  account: string
  device: string
  name: string
  text: string
  /** Said as what its author does. */
  me?: true
  /** The id of what it answers. */
  reply?: string
}

/**
 * An account's history as JSON text: what it is, when (`now`, ms), and each room's messages, oldest first. `unreadable`
 * counts the records that were skipped. Rejects with a `StorageError`.
 */
export function exportHistory(database: Database, account: AccountId, now: number): Promise<string> {
  return database.read(async (sealer) => {
    const rooms: ExportedRoom[] = []
    let unreadable = 0
    for (const key of await storedRooms(database)) {
      const rows = await messagesBefore(database, key, [key, Infinity]).toArray()
      const opened = await Promise.all(rows.map((row) => openMessage(sealer, row)))
      const messages = opened.filter((message) => message !== undefined)
      const room = messages[0]?.room
      const isOther = room !== undefined && (await roomKey(sealer, account, room)) !== key
      if (isOther) continue
      unreadable += rows.length - messages.length
      if (room !== undefined) rooms.push({ room, messages: messages.map(asExported) })
    }
    const exportedAt = new Date(now).toISOString()
    return JSON.stringify(
      { format: 'sidestream-history', version: 1, exportedAt, rooms, unreadable },
      null,
      2,
    )
  })
}

/**
 * Deletes the history of all rooms and accounts. What rooms had of it, or peers will offer again, until `now` (ms) does
 * not come back. What waits to be said and the lines stay.
 */
export function clearHistory(database: Database, now: number): Promise<void> {
  return database.write(() => clearRooms(database, now))
}

/**
 * The same for one account: those of others who use this browser keep theirs. Rooms in which nothing can be read are nobody's,
 * and go too.
 */
export function clearHistoryOf(database: Database, account: AccountId, now: number): Promise<void> {
  return database.write(async (sealer) => {
    const rooms: string[] = []
    for (const key of await storedRooms(database)) {
      const room = await roomOf(database, sealer, key)
      if (room === undefined || (await roomKey(sealer, account, room)) === key) rooms.push(key)
    }
    await clearSomeRooms(database, rooms, now)
  })
}

/** Which room is kept under `key`, as its newest message that can be read tells. */
async function roomOf(database: Database, sealer: Sealer, key: string): Promise<RoomId | undefined> {
  for (const row of await messagesBefore(database, key, [key, Infinity]).reverse().toArray()) {
    const message = await openMessage(sealer, row)
    if (message) return message.room
  }
  return undefined
}

/** Keeps the newest messages of each room; sets right what an interrupted or faulty run left. */
export function pruneHistory(database: Database): Promise<void> {
  return database.write(() => pruneRooms(database, LOG_LENGTH))
}

const asExported = ({
  id,
  row,
  device,
  account,
  name,
  kind,
  body,
  reply,
}: StoredMessage): ExportedMessage => ({
  id,
  time: new Date(row.ms).toISOString(),
  account,
  device,
  name,
  text: body,
  ...(kind === 'me' && { me: true }),
  ...(reply !== undefined && { reply }),
})
