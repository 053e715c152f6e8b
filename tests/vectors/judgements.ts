import { createHash } from 'node:crypto'
import { toBase64Url } from '../../protocol/bytes'
import type { MessageId } from '../../protocol/message'
import { contradicts } from '../../services/log/contradiction'
import { digestOf } from '../../services/log/digest'
import type { LoggedMessage } from '../../services/log/logged-message'
import { MessageLog } from '../../services/log/message-log'
import { shortIdOf } from '../../services/log/short-id'
import { ALICE, BOB, hex } from './keys'
import { ALICE_ACCOUNT, message, NOW, PASSPORT } from './statements'

const PAIRS = [
  ['a later number, a later stamp', [0, 0, 0], [1, 1, 0]],
  ['the same millisecond, a higher count', [0, 0, 0], [1, 0, 1]],
  ['one number for two messages', [4, 0, 0], [4, 9_000, 0]],
  ['a later number with the same stamp', [0, 5, 2], [1, 5, 2]],
  ['a later number with an earlier stamp', [0, 5, 0], [1, 4, 0xffff]],
  ['a gap in numbers', [0, 0, 0], [19, 1, 0]],
  ['20 further, 1 ms too soon', [0, 0, 0], [20, 29_999, 0]],
  ['20 further, just in time', [0, 0, 0], [20, 30_000, 0]],
  ['39 further need no more than 20', [7, 0, 0], [46, 30_000, 0]],
  ['40 further, 1 ms too soon', [7, 0, 0], [47, 59_999, 0]],
  ['40 further, just in time', [7, 0, 0], [47, 60_000, 0]],
] as const

type Place = readonly [seq: number, ms: number, count: number]
const spoken = ([seq, ms, count]: Place, id: string) => ({
  ...message({ seq, time: { ms: NOW + ms, count } }),
  id: id as MessageId,
})

/** Both orders are judged alike; a message never contradicts itself. */
export const CONTRADICTIONS = PAIRS.map(([note, a, b]) => ({
  note,
  a: { seq: a[0], ms: NOW + a[1], count: a[2] },
  b: { seq: b[0], ms: NOW + b[1], count: b[2] },
  contradicts: contradicts(spoken(a, 'a'), spoken(b, 'b')),
}))

/** Messages for a log: what is compared is stamps and ids, so that is all they have of their own. */
function logged(index: number): LoggedMessage {
  const device = index % 2 ? ALICE.device : BOB.device
  const digest = createHash('sha256').update(`message ${index}`).digest()
  return {
    ...message({ device, seq: index, time: { ms: NOW + 1_000 * Math.floor(index / 2), count: index % 2 } }),
    id: toBase64Url(new Uint8Array(digest)) as MessageId,
    account: ALICE_ACCOUNT,
    name: 'AmberOtter417',
    signed: { bytes: new Uint8Array(), sig: new Uint8Array(64) },
    passport: PASSPORT,
  }
}

async function digestVector(note: string, count: number, capacity = 1_000, clearedUntil = 0) {
  const log = new MessageLog({ capacity, pace: { messages: 1_000, ms: 1 } })
  if (clearedUntil) log.clear(clearedUntil)
  for (let index = 0; index < count; index++) log.add(logged(index))
  const { starts, hashes, voided } = await digestOf(log)
  const held = log.all.map(({ id, time: { ms, count } }) => ({ shortId: shortIdOf(id), ms, count }))
  return { note, capacity, clearedUntil, held, starts, hashes: hex(hashes), voided: hex(voided) }
}

export const DIGESTS = [
  await digestVector('an empty log', 0),
  await digestVector('an empty log of a room that was cleared', 0, 1_000, NOW),
  await digestVector('three messages, two of one millisecond', 3),
  await digestVector('a full log wants nothing before its oldest message', 8, 6),
  await digestVector('more messages than buckets', 150),
]
