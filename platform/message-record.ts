import { concat, utf8 } from '../protocol/bytes'
import { type AccountId, accountIdSchema, deviceIdSchema } from '../protocol/device'
import { PROTOCOL_VERSION } from '../protocol/limits'
import { kindSchema, messageIdSchema } from '../protocol/message-id'
import { type RoomId, roomIdSchema } from '../protocol/room-id'
import { z } from '../protocol/schema'
import type { LoggedMessage } from '../services/log/logged-message'
import { parseJson, type Sealer } from './sealing'
import type { MessageRow } from './tables'

/** Ed25519. */
const SIGNATURE_BYTES = 64
/** SHA-256, base64url. */
const ID_LENGTH = 43

/**
 * What is sealed of a message, beside its signature. The signed bytes are not among it: what has one encoding only can be
 * encoded again.
 */
const contentSchema = z.object({
  id: z.string().length(ID_LENGTH),
  v: z.literal(PROTOCOL_VERSION),
  room: roomIdSchema,
  device: deviceIdSchema,
  seq: z.int().min(0),
  kind: kindSchema,
  body: z.string(),
  reply: messageIdSchema.exactOptional(),
  account: accountIdSchema,
  name: z.string(),
  passport: z.string(),
  key: z.string().exactOptional(),
})

/** A stored message that can be read. */
export interface StoredMessage extends z.infer<typeof contentSchema> {
  row: MessageRow
  sig: Uint8Array<ArrayBuffer>
}

export async function sealMessage(sealer: Sealer, room: string, message: LoggedMessage): Promise<MessageRow> {
  const { id, time, signed, v, device, seq, kind, body, reply, account, name, passport, key } = message
  const clear = { room, ms: time.ms, count: time.count, id: await storedId(sealer, room, id) }
  const content = { id, v, room: message.room, device, seq, kind, body, reply, account, name, passport, key }
  const bytes = concat(signed.sig, utf8(JSON.stringify(content)))
  return { ...clear, sealed: await sealer.seal(boundOf(clear), bytes) }
}

/** `undefined` for a record that is damaged, not ours, or in another's place. */
export async function openMessage(sealer: Sealer, row: MessageRow): Promise<StoredMessage | undefined> {
  const bytes = await sealer.open(boundOf(row), row.sealed)
  const content = bytes && parseJson(bytes.subarray(SIGNATURE_BYTES), contentSchema)
  return content && { ...content, row, sig: bytes.slice(0, SIGNATURE_BYTES) }
}

/** The name of a message's record. Its own id would tell whoever was in a room, too, that this browser was. */
export const storedId = (sealer: Sealer, room: string, id: string) => sealer.hash('message', room, id)

const boundOf = ({ room, ms, count, id }: Omit<MessageRow, 'sealed'>) =>
  ['message', room, ms, count, id] as const

/** The name under which an account's history and outbox of a room are kept. */
export const roomKey = (sealer: Sealer, account: AccountId, room: RoomId) =>
  sealer.hash('room', account, room)
