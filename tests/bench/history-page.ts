import { Dexie, type Table } from 'dexie'
import { Database } from '../../platform/database'
import { RoomArchives } from '../../platform/room-archives'
import { toBase64Url } from '../../protocol/bytes'
import { accountIdSchema, deviceIdSchema } from '../../protocol/device'
import { encodeMessage, messageId } from '../../protocol/message'
import type { LoggedMessage } from '../../services/log/logged-message'

const ROOM = 'twitch:quietharbour'
const STORED = 1_000
const PAGE = 100
const BATCH = 50
/** Messages of one measured run of appending. */
const APPENDED = 500
const WARM_UPS = 3
const REPETITIONS = { pages: 51, appends: 15 }

/** Medians; times in ms, rates in messages a second. */
export interface HistoryFigures {
  pageMs: number
  plainPageMs: number
  appended: number
  plainAppended: number
}

interface PlainRow {
  room: string
  ms: number
  count: number
  id: string
  [field: string]: unknown
}

/** Measures how the archive reads and writes, beside a table that keeps the same in the clear. */
export async function measureHistory(): Promise<HistoryFigures> {
  const database = new Database('bench sealed')
  const owner = { accountId: account(1), device: device(1) }
  const archive = new RoomArchives(database).open(ROOM, owner)
  const plain = new Dexie('bench plain')
  plain.version(1).stores({ messages: '[room+ms+count+id]' })
  const table: Table<PlainRow> = plain.table('messages')

  const stored = await messages(0, STORED)
  await inBatches(stored, (batch) => archive.append(batch))
  await inBatches(stored, (batch) => table.bulkPut(batch.map(asRow)))

  const readSealed = async () => {
    const { messages, corrupt } = await archive.page(null, PAGE)
    if (messages.length !== PAGE || corrupt > 0) throw new Error('the page is not what was stored')
  }
  const readPlain = async () => {
    const index = table.where('[room+ms+count+id]').between([ROOM, -Infinity], [ROOM, Infinity])
    const rows = await index.reverse().limit(PAGE).toArray()
    if (rows.length !== PAGE) throw new Error('the plain page is not what was stored')
  }
  const [pageMs, plainPageMs] = await inTurns(REPETITIONS.pages, readSealed, readPlain)

  // The room is full: each batch lets as many old messages go.
  let next = STORED
  const fresh = async () => {
    next += APPENDED
    return messages(next - APPENDED, APPENDED)
  }
  let toAppend: LoggedMessage[] = []
  const prepare = async () => {
    toAppend = await fresh()
  }
  const [appendMs, plainAppendMs] = await inTurns(
    REPETITIONS.appends,
    () => inBatches(toAppend, (batch) => archive.append(batch)),
    () => inBatches(toAppend, (batch) => table.bulkPut(batch.map(asRow))),
    prepare,
  )
  const rate = (ms: number) => (APPENDED / ms) * 1_000
  return { pageMs, plainPageMs, appended: rate(appendMs), plainAppended: rate(plainAppendMs) }
}

/** The median times (ms) of two rivals who take turns, so that whatever else the machine does hits both. */
async function inTurns(
  repetitions: number,
  first: () => Promise<void>,
  second: () => Promise<void>,
  prepare = async () => {},
): Promise<[number, number]> {
  const times: [number[], number[]] = [[], []]
  for (let run = 0; run < WARM_UPS + repetitions; run++) {
    await prepare()
    const measured = [await timeOf(first), await timeOf(second)] as const
    if (run >= WARM_UPS) for (const side of [0, 1] as const) times[side].push(measured[side])
  }
  return [median(times[0]), median(times[1])]
}

async function timeOf(task: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await task()
  return performance.now() - start
}

const median = (times: number[]) => times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN

async function inBatches<T>(all: readonly T[], write: (batch: T[]) => PromiseLike<unknown>): Promise<void> {
  for (let start = 0; start < all.length; start += BATCH) await write(all.slice(start, start + BATCH))
}

const account = (number: number) => accountIdSchema.parse(toBase64Url(new Uint8Array(16).fill(number)))
const device = (number: number) => deviceIdSchema.parse(toBase64Url(new Uint8Array(32).fill(number)))

/** Messages as they are said: a line of text, a passport of ordinary length. */
function messages(from: number, count: number): Promise<LoggedMessage[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => message(from + index)))
}

async function message(seq: number): Promise<LoggedMessage> {
  const author = 1 + (seq % 20)
  const unsigned = {
    v: 1,
    room: ROOM,
    device: device(author),
    seq,
    time: { ms: 1_900_000_000_000 + seq * 37, count: seq % 3 },
    kind: 'say',
    body: `Message number ${seq}, about as long as what people write beside a stream.`,
  } as const
  const bytes = encodeMessage(unsigned)
  return {
    ...unsigned,
    id: await messageId(bytes),
    account: account(author),
    name: `QuietHeron${author}`,
    passport: toBase64Url(crypto.getRandomValues(new Uint8Array(450))),
    signed: { bytes, sig: crypto.getRandomValues(new Uint8Array(64)) },
  }
}

/** The same in the clear. */
const asRow = ({ time, signed, room, id, ...content }: LoggedMessage): PlainRow => ({
  room,
  ...time,
  id,
  sig: signed.sig,
  ...content,
})

Object.assign(globalThis, { measureHistory })
