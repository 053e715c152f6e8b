import { toBase64Url, utf8 } from '../../protocol/bytes'
import { encodeCanonical } from '../../protocol/codec'
import { type DeviceId, deviceIdSchema } from '../../protocol/device'
import { encodeFrame } from '../../protocol/frames'
import { MAX_FRAME_BYTES } from '../../protocol/limits'
import { encodeMessage, type SignedBytes } from '../../protocol/message'
import { encodePresence } from '../../protocol/presence'
import type { RoomId } from '../../protocol/room-id'
import { type Signer, signAs } from '../../protocol/signed'
import { encodeTyping } from '../../protocol/typing'

type Bytes = Uint8Array<ArrayBuffer>

/** What a flooder has to make frames from. */
export interface Means {
  room: RoomId
  signer: Signer
  /** Its passport as JWT. */
  passport: string
  now(): number
  /** What others have said. */
  known: readonly SignedBytes[]
  /** Those who are flooded. */
  victims: readonly DeviceId[]
}

type Make = (means: Means, number: number) => Promise<Bytes>

async function message({ room, signer, now }: Means, seq: number): Promise<Bytes> {
  const time = { ms: now(), count: seq }
  const bytes = encodeMessage({
    v: 1,
    room,
    device: signer.device,
    seq,
    time,
    kind: 'say',
    body: `flood ${seq}`,
  })
  return encodeFrame({ t: 'message', bytes, sig: await signAs(signer, 'message', bytes) })
}

async function presence(
  { room, signer, now }: Means,
  number: number,
  passport: string,
  device = signer.device,
): Promise<Bytes> {
  const ms = now() + number
  const state = number % 2 ? 'here' : 'away'
  const bytes = encodePresence({ v: 1, room, device, ms, since: now(), state, direct: true, passport })
  return encodeFrame({ t: 'presence', bytes, sig: await signAs(signer, 'presence', bytes) })
}

async function typing({ room, signer, now }: Means, number: number): Promise<Bytes> {
  const writing = number % 2 === 0
  const bytes = encodeTyping({ v: 1, room, device: signer.device, ms: now() + number, writing })
  return encodeFrame({ t: 'typing', bytes, sig: await signAs(signer, 'typing', bytes) })
}

const random = (length: number): Bytes => crypto.getRandomValues(new Uint8Array(length))
const unknownDevice = (): DeviceId => deviceIdSchema.parse(toBase64Url(random(32)))

/** Messages of nobody known, and of somebody known with a signature that is none. */
async function forged({ room, now }: Means, device: DeviceId, number: number): Promise<Bytes> {
  const bytes = encodeMessage({
    v: 1,
    room,
    device,
    seq: number,
    time: { ms: now(), count: 0 },
    kind: 'say',
    body: `forged ${number}`,
  })
  return encodeFrame({ t: 'message', bytes, sig: random(64) })
}

/** A passport of a key that the Worker never had. */
const unknownPassport = ({ passport }: Means): string => {
  const head = toBase64Url(utf8('{"alg":"EdDSA","typ":"sidestream-passport+jwt","kid":"nobody"}'))
  return [head, ...passport.split('.').slice(1)].join('.')
}

/** Frames that pass every check but that of the pace, and what everybody has. */
const valid: Make[] = [
  message,
  message,
  (means, number) => presence(means, number, means.passport),
  typing,
  async (means, number) => {
    const known = means.known[Math.floor(number / valid.length)]
    return known ? encodeFrame({ t: 'message', ...known }) : message(means, number)
  },
]

const invalid: Make[] = [
  async () => random(64 + Math.floor(Math.random() * 900)),
  (means, number) => forged(means, means.victims[number % means.victims.length] ?? unknownDevice(), number),
  async (means, number) => (await message(means, number)).slice(0, -9),
  async () => random(MAX_FRAME_BYTES + 800),
  async () => encodeCanonical({ t: 'message', bytes: random(40), sig: random(64), more: true }),
]

/** What an honest peer can come by, too, and is therefore not held against a link. */
const excusable: Make[] = [
  (means, number) => forged(means, unknownDevice(), number),
  (means, number) => presence(means, number, unknownPassport(means)),
  (means, number) => presence(means, number, means.passport),
  async () => encodeFrame({ t: 'ping' }),
]

const KINDS = { valid, invalid, excusable }
export type FrameKind = keyof typeof KINDS

/** `count` frames, the sorts of one kind in turn. Signed in advance: nobody signs as fast as a flood goes. */
export async function makeFrames(kind: FrameKind, count: number, means: Means): Promise<Bytes[]> {
  const sorts = KINDS[kind]
  const frames: Bytes[] = []
  for (let number = 0; number < count; number += 200) {
    const batch = Array.from({ length: Math.min(200, count - number) }, (_, index) => number + index)
    frames.push(
      ...(await Promise.all(batch.map((each) => (sorts[each % sorts.length] ?? message)(means, each)))),
    )
  }
  return frames
}
