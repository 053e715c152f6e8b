import { Dexie } from 'dexie'
import type { AccountId, DeviceId } from '../protocol/device'
import { LOG_LENGTH, MAX_PROOFS } from '../protocol/limits'
import {
  compareMessages,
  encodeMessage,
  type HybridTime,
  type MessageId,
  type SignedBytes,
} from '../protocol/message'
import type { Proof } from '../protocol/proof'
import type { RoomId } from '../protocol/room-id'
import type { Line, Page, RoomArchive, Waiting } from '../services/history/archive'
import type { LoggedMessage } from '../services/log/logged-message'
import type { Database } from './database'
import {
  clearedUntil,
  clearRoom,
  deleteMessages,
  fileMessages,
  historyTables,
  messageKey,
  messagesBefore,
} from './history-rooms'
import { isSameLine, lineIn, lineKey, sealLine } from './line-record'
import { openMessage, roomKey, type StoredMessage, sealMessage, storedId } from './message-record'
import { openProof, sealProof } from './proof-record'
import { openRulings, sealRulings } from './ruling-record'
import type { Sealer } from './sealing'
import type { LineRow, MessageRow } from './tables'
import { openWaiting, sealWaiting, settle, waitingRows } from './waiting-record'

/** Whose history and outbox, and whose line. */
interface Owner {
  accountId: AccountId
  device: DeviceId
}

/** What a call works with: the room's and the line's name in the database. */
interface Place {
  sealer: Sealer
  room: string
  line: string
}

/** Keeps rooms in the browser's database. */
export class RoomArchives {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** What is kept of a room. History and outbox are the account's, the line is the device's. */
  open(room: RoomId, owner: Owner): RoomArchive {
    return new StoredRoomArchive(this.#database, room, owner)
  }
}

class StoredRoomArchive implements RoomArchive {
  readonly #database: Database
  readonly #room: RoomId
  readonly #owner: Owner
  #place: Place | undefined

  constructor(database: Database, room: RoomId, owner: Owner) {
    this.#database = database
    this.#room = room
    this.#owner = owner
  }

  /** A few more than `limit` where messages share a stamp: a page never ends between those. */
  page(before: HybridTime | null, limit: number): Promise<Page> {
    return this.#read(async ({ sealer, room }) => {
      const messages: LoggedMessage[] = []
      let corrupt = 0
      let end: (string | number)[] = before ? [room, before.ms, before.count] : [room, Infinity]
      for (;;) {
        const { rows, more } = await this.#rowsBefore(room, end, Math.max(1, limit - messages.length))
        const opened = await Promise.all(rows.map((row) => openMessage(sealer, row)))
        for (const stored of opened) {
          if (stored) messages.push(asLogged(stored))
          else corrupt++
        }
        const oldest = rows.at(-1)
        if (!more || !oldest || messages.length >= limit)
          return { messages: messages.sort(compareMessages), corrupt, more }
        end = [room, oldest.ms, oldest.count]
      }
    })
  }

  append(messages: readonly LoggedMessage[]): Promise<void> {
    return this.#write(async ({ sealer, room }) => {
      const rows = await Promise.all(messages.map((message) => sealMessage(sealer, room, message)))
      await this.#database.transaction('rw', historyTables(this.#database), () =>
        fileMessages(this.#database, room, rows, LOG_LENGTH),
      )
    })
  }

  remove(messages: readonly LoggedMessage[]): Promise<void> {
    return this.#write(async ({ sealer, room }) => {
      const keys = await Promise.all(
        messages.map(async ({ id, time }) =>
          messageKey({ room, ...time, id: await storedId(sealer, room, id) }),
        ),
      )
      await this.#database.transaction('rw', historyTables(this.#database), () =>
        deleteMessages(this.#database, room, keys),
      )
    })
  }

  clear(ms: number): Promise<void> {
    return this.#write(async ({ room }) => {
      await this.#database.transaction('rw', historyTables(this.#database), () =>
        clearRoom(this.#database, room, ms),
      )
    })
  }

  clearedUntil(): Promise<number> {
    return this.#read(({ room }) => clearedUntil(this.#database, room))
  }

  /** One for each device, and no more than a room may have. */
  saveProof(device: DeviceId, proof: Proof): Promise<void> {
    return this.#write(async ({ sealer, room }) => {
      const { proofs } = this.#database
      const row = await sealProof(sealer, room, device, proof)
      await this.#database.transaction('rw', proofs, async () => {
        const isFull = (await proofs.where({ room }).count()) >= MAX_PROOFS
        if (!isFull || (await proofs.get([room, row.device]))) await proofs.put(row)
      })
    })
  }

  proofs(): Promise<Proof[]> {
    return this.#read(async ({ sealer, room }) => {
      const rows = await this.#database.proofs.where({ room }).toArray()
      const opened = await Promise.all(rows.map((row) => openProof(sealer, row)))
      return opened.filter((proof) => proof !== undefined)
    })
  }

  saveRulings(rulings: readonly SignedBytes[]): Promise<void> {
    return this.#write(async ({ sealer, room }) => {
      const row = await sealRulings(sealer, room, rulings)
      await this.#database.rulings.put(row)
    })
  }

  rulings(): Promise<SignedBytes[]> {
    return this.#read(async ({ sealer, room }) => {
      const row = await this.#database.rulings.get(room)
      return row ? ((await openRulings(sealer, row)) ?? []) : []
    })
  }

  line(): Promise<Line> {
    return this.#read(async ({ sealer, line }) => lineIn(sealer, await this.#database.lines.get(line)))
  }

  waiting(): Promise<Waiting[]> {
    return this.#read(async ({ sealer, room }) => {
      const rows = await waitingRows(this.#database, room)
      const opened = await Promise.all(rows.map((row) => openWaiting(sealer, row)))
      return opened.filter((entry) => entry !== undefined)
    })
  }

  queue(entry: Waiting): Promise<void> {
    return this.#write(async ({ sealer, room }) => {
      const row = await sealWaiting(sealer, room, entry)
      await this.#database.outbox.add(row).catch((error: unknown) => {
        // Known already, or even said.
        if (!(error instanceof Dexie.ConstraintError)) throw error
      })
    })
  }

  unqueue(key: string): Promise<void> {
    return this.#write(async ({ room }) => {
      const entry = this.#database.outbox.where('[room+key]').equals([room, key])
      await entry.filter(({ sealed }) => sealed !== null).delete()
    })
  }

  commit(message: LoggedMessage, after: Line): Promise<boolean> {
    return this.#write(async ({ sealer, room, line }) => {
      const row = await sealMessage(sealer, room, message)
      const next: LineRow = { line, sealed: await sealLine(sealer, line, after) }
      for (;;) {
        const current = await this.#database.lines.get(line)
        if ((await lineIn(sealer, current)).next > message.seq) return false
        const outcome = await this.#commit(message.key ?? '', row, current, next)
        if (outcome !== 'moved') return outcome === 'done'
      }
    })
  }

  /** The transaction of `commit`: `moved` where the line is no longer `current`, which was read and opened before. */
  #commit(
    key: string,
    message: MessageRow,
    current: LineRow | undefined,
    next: LineRow,
  ): Promise<'done' | 'moved' | 'settled'> {
    const { outbox, lines } = this.#database
    return this.#database.transaction('rw', [...historyTables(this.#database), outbox, lines], async () => {
      if (!isSameLine(await lines.get(next.line), current)) return 'moved'
      if (!(await settle(this.#database, message.room, key))) return 'settled'
      await lines.put(next)
      await fileMessages(this.#database, message.room, [message], LOG_LENGTH)
      return 'done'
    })
  }

  async #rowsBefore(room: string, end: (string | number)[], limit: number) {
    const rows = await messagesBefore(this.#database, room, end)
      .reverse()
      .limit(limit + 1)
      .toArray()
    const [oldest, next] = rows.slice(limit - 1)
    if (!oldest || !next) return { rows, more: false }
    const kept = rows.slice(0, limit)
    if (oldest.ms !== next.ms || oldest.count !== next.count) return { rows: kept, more: true }
    const { ms, count, id } = oldest
    const index = this.#database.messages.where(':id')
    const twins = await index.between([room, ms, count], [room, ms, count, id], true, false).toArray()
    const more = (await messagesBefore(this.#database, room, [room, ms, count]).first()) !== undefined
    return { rows: [...kept, ...twins], more }
  }

  #read<T>(work: (place: Place) => Promise<T>): Promise<T> {
    return this.#database.read(async (sealer) => work(await this.#placeIn(sealer)))
  }

  #write<T>(work: (place: Place) => Promise<T>): Promise<T> {
    return this.#database.write(async (sealer) => work(await this.#placeIn(sealer)))
  }

  async #placeIn(sealer: Sealer): Promise<Place> {
    if (this.#place?.sealer === sealer) return this.#place
    const { accountId, device } = this.#owner
    const [room, line] = await Promise.all([
      roomKey(sealer, accountId, this.#room),
      lineKey(sealer, device, this.#room),
    ])
    this.#place = { sealer, room, line }
    return this.#place
  }
}

function asLogged({ row, sig, ...content }: StoredMessage): LoggedMessage {
  const { id, account, name, passport, key, ...said } = content
  const unsigned = { ...said, time: { ms: row.ms, count: row.count } }
  return {
    ...unsigned,
    id: id as MessageId,
    account,
    name,
    passport,
    signed: {
      // Encoded when asked for: what is only shown needs it not.
      get bytes() {
        return encodeMessage(unsigned)
      },
      sig,
    },
    ...(key !== undefined && { key }),
  }
}
