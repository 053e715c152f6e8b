import 'fake-indexeddb/auto'
import { Dexie } from 'dexie'
import { Database } from '../../../platform/database'
import { RoomArchives } from '../../../platform/room-archives'
import { toBase64Url } from '../../../protocol/bytes'
import { accountIdSchema, deviceIdSchema } from '../../../protocol/device'
import { encodeMessage, type MessageId, messageId } from '../../../protocol/message'
import type { RoomId } from '../../../protocol/room-id'
import type { RoomArchive } from '../../../services/history/archive'
import type { LoggedMessage } from '../../../services/log/logged-message'

export const ROOM: RoomId = 'twitch:quietharbour'
export const ANN = accountIdSchema.parse(toBase64Url(new Uint8Array(16).fill(1)))
export const BOB = accountIdSchema.parse(toBase64Url(new Uint8Array(16).fill(2)))
export const deviceOf = (number: number) =>
  deviceIdSchema.parse(toBase64Url(new Uint8Array(32).fill(number % 256).fill(number / 256, 0, 1)))
export const DEVICE = deviceOf(7)

/** One database as several contexts open it. */
export class Browser {
  readonly name = `test ${crypto.randomUUID()}`
  readonly #opened: Database[] = []

  open(): Database {
    const database = new Database(this.name)
    this.#opened.push(database)
    return database
  }

  archive(database: Database, { room = ROOM, accountId = ANN, device = DEVICE } = {}): RoomArchive {
    return new RoomArchives(database).open(room, { accountId, device })
  }

  /** Every row of every table, as stored. */
  async rows(): Promise<{ table: string; row: Record<string, unknown> }[]> {
    const raw = await new Dexie(this.name).open()
    const tables = await Promise.all(
      raw.tables.map(async (table) => (await table.toArray()).map((row) => ({ table: table.name, row }))),
    )
    raw.close()
    return tables.flat()
  }

  /** Changes a table behind the back of whoever keeps it. */
  async tamper(table: string, change: (rows: Dexie.Table) => Promise<unknown>): Promise<void> {
    const raw = await new Dexie(this.name).open()
    await change(raw.table(table))
    raw.close()
  }

  async delete(): Promise<void> {
    for (const database of this.#opened) database.close()
    await Dexie.delete(this.name)
  }
}

interface Said {
  ms?: number
  count?: number
  device?: number
  text?: string
  room?: RoomId
  key?: string
  kind?: 'say' | 'me'
  reply?: MessageId
}

/** What somebody said as number `seq` of a device; `seq` ms after the beginning. */
export async function said(seq: number, options: Said = {}): Promise<LoggedMessage> {
  const {
    ms = 1_000 + seq,
    count = 0,
    device = 7,
    text = `words ${seq}`,
    room = ROOM,
    key,
    kind = 'say',
    reply,
  } = options
  const unsigned = {
    v: 1,
    room,
    device: deviceOf(device),
    seq,
    time: { ms, count },
    kind,
    body: text,
    ...(reply !== undefined && { reply }),
  } as const
  const bytes = encodeMessage(unsigned)
  return {
    ...unsigned,
    id: await messageId(bytes),
    account: BOB,
    name: 'Bluebird',
    passport: `passport.${'x'.repeat(500)}`,
    signed: { bytes, sig: new Uint8Array(64).fill(seq) },
    ...(key !== undefined && { key }),
  }
}

export const saidMany = (count: number, from = 0, options: Said = {}) =>
  Promise.all(Array.from({ length: count }, (_, index) => said(from + index, options)))

/** Whether stored rows hold a text in any encoding in which a string may be stored. */
export function holds(rows: unknown, text: string): boolean {
  const wanted = [Buffer.from(text, 'utf8'), Buffer.from(text, 'utf16le')]
  const found = (value: unknown): boolean => {
    if (typeof value === 'string') return value.includes(text)
    if (value instanceof Uint8Array || value instanceof ArrayBuffer) {
      const bytes = Buffer.from(value instanceof Uint8Array ? value : new Uint8Array(value))
      return wanted.some((form) => bytes.includes(form))
    }
    if (typeof value !== 'object' || value === null) return false
    return Object.entries(value).some(([name, inner]) => name.includes(text) || found(inner))
  }
  return found(rows)
}
