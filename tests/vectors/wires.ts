import { concat } from '../../protocol/bytes'
import { devicePublicKey } from '../../protocol/device'
import { encodeFrame, type Frame } from '../../protocol/frames'
import {
  encodeFromMember,
  encodeToMember,
  type FromMember,
  networkBucketOf,
  type ToMember,
} from '../../protocol/room-socket'
import { ALICE, BOB, hex } from './keys'
import {
  CONSENTS,
  ENVELOPES,
  MESSAGES,
  NOW,
  PASSPORT,
  PRESENCES,
  plain,
  REVOCATIONS,
  RULINGS,
  SEAL,
  TYPINGS,
} from './statements'

type Signed = { bytes: Uint8Array<ArrayBuffer>; sig: Uint8Array<ArrayBuffer> }

const partsOf = (list: readonly Signed[], at: number) => {
  const { bytes, sig } = list[at] ?? { bytes: new Uint8Array(), sig: new Uint8Array(64) }
  return { bytes, sig }
}
const ids = Uint8Array.from({ length: 32 }, (_, index) => index)
const peers = concat(devicePublicKey(ALICE.device), devicePublicKey(BOB.device))
const data = ENVELOPES[0] ?? new Uint8Array()
const fromAlice = { t: 'signal', from: ALICE.device, to: BOB.device, data } as const

export const FRAMES: Frame[] = [
  { t: 'ping' },
  { t: 'pong' },
  { t: 'message', ...partsOf(MESSAGES, 0) },
  { t: 'presence', ...partsOf(PRESENCES, 0) },
  { t: 'typing', ...partsOf(TYPINGS, 0) },
  { t: 'proof', first: partsOf(MESSAGES, 0), second: partsOf(MESSAGES, 1), passport: PASSPORT },
  { t: 'digest', starts: [0, NOW], hashes: ids.slice(0, 16), voided: ids.slice(0, 8) },
  { t: 'have', ids, more: false },
  { t: 'have', ids: new Uint8Array(), more: false },
  { t: 'want', ids },
  { t: 'revoked', revocations: REVOCATIONS },
  { t: 'ruling', ...partsOf(RULINGS, 0) },
  {
    t: 'report',
    keys: [{ to: BOB.device, enc: ids, box: concat(ids, ids.slice(0, 16)) }],
    box: data.slice(0, 48),
  },
  { t: 'decided', ids },
  { t: 'tell', ids },
  { t: 'past', passports: [PASSPORT], messages: [partsOf(MESSAGES, 0), partsOf(MESSAGES, 1)], more: true },
  { t: 'message', ...partsOf(MESSAGES, 0), hops: 1 },
  { t: 'presence', ...partsOf(PRESENCES, 2), hops: 64 },
  { t: 'typing', ...partsOf(TYPINGS, 0), hops: 7 },
  { t: 'walk', origin: ALICE.device, ttl: 6 },
  { t: 'shuffle', origin: ALICE.device, ttl: 3, peers },
  { t: 'shuffled', to: ALICE.device, ttl: 3, peers },
  { t: 'shuffled', to: ALICE.device, ttl: 1, peers: new Uint8Array() },
  { t: 'bye' },
  { t: 'bye', instead: BOB.device },
  { t: 'ihave', ids, hops: Uint8Array.of(1, 2, 3, 64) },
  { t: 'graft', ids },
  { t: 'graft', ids: new Uint8Array() },
  { t: 'prune' },
  { ...fromAlice, ttl: 10 },
  { ...fromAlice, ttl: 4, nonce: ids.slice(0, 8) },
]

const consent = { ms: NOW + 5_000, seal: SEAL, sig: partsOf(CONSENTS, 0).sig }
const alice = { device: ALICE.device, bucket: networkBucketOf(ids.subarray(0, 8)) }
const members = [
  { ...alice, direct: false },
  { device: BOB.device, bucket: networkBucketOf(ids.subarray(8, 16)), direct: true },
]

export const FROM_MEMBER: FromMember[] = [
  { t: 'signal', to: BOB.device, data },
  { t: 'hub', to: BOB.device, data: ids },
  { t: 'terms', direct: true },
  { t: 'terms', direct: true, consent },
  { t: 'introduce' },
  { t: 'rule', ...partsOf(RULINGS, 0) },
  { t: 'tell', ids },
]

export const TO_MEMBER: ToMember[] = [
  { t: 'welcome', now: NOW, members, sockets: 3 },
  { t: 'introduced', members: [] },
  { t: 'introduced', members: [{ ...alice, direct: true, consent }] },
  { t: 'signal', from: ALICE.device, bucket: networkBucketOf(ids.subarray(0, 8)), data },
  { t: 'hub', from: ALICE.device, data: ids },
  { t: 'absent', device: BOB.device },
  { t: 'revoked', revocations: REVOCATIONS },
  { t: 'ruled', ...partsOf(RULINGS, 1) },
  { t: 'decided', ids },
]

/** Every wire message with its bytes. */
export const WIRES = {
  frames: FRAMES.map((frame) => ({ fields: plain(frame), bytes: hex(encodeFrame(frame)) })),
  fromMember: FROM_MEMBER.map((fields) => ({ fields: plain(fields), bytes: hex(encodeFromMember(fields)) })),
  toMember: TO_MEMBER.map((fields) => ({ fields: plain(fields), bytes: hex(encodeToMember(fields)) })),
}
