import { SignJWT } from 'jose'
import { encodeCanonical } from '../../protocol/codec'
import { deviceIdOf } from '../../protocol/device'
import { networkBucketOf } from '../../protocol/room-socket'
import { encodeRuling } from '../../protocol/ruling'
import { BOB, hex, ISSUER, KID } from './keys'
import {
  ALICE_ACCOUNT,
  MESSAGES,
  message,
  NONCE,
  NOW,
  PASSPORT,
  PRESENCES,
  passport,
  ROLE_GRANT,
  revocation,
  roleGrant,
  ruling,
  SIGNALS,
  signed as signAny,
  signRuling,
} from './statements'
import { FRAMES } from './wires'

const cbor = (value: unknown) => hex(encodeCanonical(value))
const frame = (t: string) => ({ ...FRAMES.find((each) => each.t === t) })
const first = MESSAGES[0]?.bytes ?? new Uint8Array()
const sig = MESSAGES[0]?.sig ?? new Uint8Array()
const offer = { ...(SIGNALS[0]?.vector.fields ?? {}), nonce: NONCE }
const present = { ...(PRESENCES[0]?.vector.fields ?? {}) }
const calm = Object.fromEntries(Object.entries(offer).filter(([name]) => name !== 'urgent'))
const undecided = Object.fromEntries(Object.entries(offer).filter(([name]) => name !== 'direct'))
const named = { account: 'AAECAwQFBgcICQoLDA0ODw', name: 'BobBadger22' }
const bobs = (seq: number) => ({ device: BOB.device, seq })
const whom = { ...named, heard: [bobs(7)] }
const of17 = (n: number) => ({ device: deviceIdOf(new Uint8Array(32).fill(n)), seq: 0 })
/** A ruling of another act. */
function act(change: Record<string, unknown>): Record<string, unknown> {
  const { act: _act, on: _on, ...common } = ruling()
  return { ...common, ...change }
}
const undecidedRuling = Object.fromEntries(Object.entries(ruling()).filter(([name]) => name !== 'on'))
const bytes = (length: number) => new Uint8Array(length)
const BUCKET = networkBucketOf(bytes(8))
const digest = { t: 'digest', starts: [0], hashes: bytes(8), voided: bytes(8) }

/** One as it should be, but for the head of its data. */
const hubMessage = (length: number, head: string, instead: string) =>
  cbor({ t: 'hub', to: BOB.device, data: bytes(length) }).replace(`64617461${head}`, `64617461${instead}`)

/** What each decoder must refuse, and why. */
export const REFUSALS = {
  codec: [
    ['an integer in more bytes than it needs', '1801'],
    ['a length in more bytes than it needs', '580141'],
    ['a text of indefinite length', '7f6161ff'],
    ['an array of indefinite length', '9fff'],
    ['a map of indefinite length', 'bfff'],
    ['a key twice', 'a2616101616102'],
    ['keys out of order', 'a2616201616102'],
    ['a key that is no text', 'a10101'],
    ['bytes after the value', '0101'],
    ['undefined', 'f7'],
    ['not a number', 'f97e00'],
    ['infinity', 'f97c00'],
    ['a whole number written as a float', 'f93c00'],
    ['minus zero', 'f98000'],
    ['a float in more bytes than it needs', 'fb3ff8000000000000'],
    ['an integer beyond 2^53 - 1', '1b0020000000000000'],
    ['a tag', 'c101'],
    ['a simple value without meaning', 'f0'],
    ['text that is not UTF-8', '61ff'],
    ['a lone surrogate in text', '63eda080'],
    ['an array that is cut off', '8201'],
    ['a length of 4 GiB', '5affffffff'],
    ['an array of 2^32 - 1 items', '9affffffff'],
    ['nesting of 9', `${'81'.repeat(8)}80`],
    ['nesting of 9 under keys', `${'a16178'.repeat(9)}01`],
    ['nesting of 8,192', '81'.repeat(8_192)],
    ['a hub message whose length is in two bytes and needs one', hubMessage(32, '5820', '590020')],
    ['a hub message whose length is in one byte and needs none', hubMessage(3, '43', '5803')],
    ['nothing', ''],
  ],
  frame: [
    [
      'more than 8,192 bytes',
      cbor({ ...frame('past'), messages: Array(2).fill({ bytes: bytes(4_096), sig }) }),
    ],
    ['a kind that nobody knows', cbor({ t: 'party' })],
    ['a field that is not named', cbor({ t: 'ping', extra: 1 })],
    ['a field called __proto__', 'a2617464' + '70696e67' + '695f5f70726f746f5f5f01'],
    ['a missing field', cbor({ t: 'message', bytes: first })],
    ['a signature of 63 bytes', cbor({ t: 'message', bytes: first, sig: sig.slice(1) })],
    ['signed bytes of 4,097', cbor({ t: 'message', bytes: bytes(4_097), sig })],
    ['a text for bytes', cbor({ t: 'message', bytes: 'hello', sig })],
    ['half an id', cbor({ t: 'want', ids: bytes(24) })],
    ['401 ids', cbor({ t: 'want', ids: bytes(401 * 16) })],
    ['65 messages', cbor({ ...frame('past'), messages: Array(65).fill({ bytes: bytes(1), sig }) })],
    ['no message', cbor({ ...frame('past'), messages: [] })],
    ['17 passports', cbor({ ...frame('past'), passports: Array(17).fill('x') })],
    ['a passport of 1,201', cbor({ ...frame('proof'), passport: 'x'.repeat(1_201) })],
    ['no revocation', cbor({ t: 'revoked', revocations: [] })],
    ['13 revocations', cbor({ t: 'revoked', revocations: Array(13).fill('x') })],
    ['a revocation of 513', cbor({ t: 'revoked', revocations: ['x'.repeat(513)] })],
    ['no bucket', cbor({ ...digest, starts: [], hashes: bytes(0) })],
    ['65 buckets', cbor({ ...digest, starts: Array.from({ length: 65 }, (_, i) => i), hashes: bytes(520) })],
    ['buckets that do not rise', cbor({ ...digest, starts: [5, 5], hashes: bytes(16) })],
    ['a hash too few', cbor({ ...digest, starts: [5, 6], hashes: bytes(8) })],
    ['a bucket before 1970', cbor({ ...digest, starts: [-1] })],
    ['a broadcast that took no link', cbor({ ...frame('message'), hops: 0 })],
    ['a broadcast that took 65 links', cbor({ ...frame('message'), hops: 65 })],
    ['a walk of no step', cbor({ ...frame('walk'), ttl: 0 })],
    ['a walk of 17 steps', cbor({ ...frame('walk'), ttl: 17 })],
    ['a walk from nobody', cbor({ ...frame('walk'), origin: 'nobody' })],
    ['half a member in a shuffle', cbor({ ...frame('shuffle'), peers: bytes(48) })],
    ['nine members in a shuffle', cbor({ ...frame('shuffle'), peers: bytes(9 * 32) })],
    ['nine members in an answer to a shuffle', cbor({ ...frame('shuffled'), peers: bytes(9 * 32) })],
    ['nobody instead', cbor({ t: 'bye', instead: '' })],
    ['half an announced id', cbor({ t: 'ihave', ids: bytes(12), hops: bytes(1) })],
    ['announcements without their hops', cbor({ t: 'ihave', ids: bytes(16), hops: bytes(1) })],
    ['129 announcements', cbor({ t: 'ihave', ids: bytes(129 * 8), hops: bytes(129) })],
    ['129 requests', cbor({ t: 'graft', ids: bytes(129 * 8) })],
    ['a signal of 4,353 over links', cbor({ ...frame('signal'), data: bytes(4_353) })],
    ['a signal with a nonce of 7 bytes', cbor({ ...frame('signal'), nonce: bytes(7) })],
  ],
  message: [
    ['another version', cbor({ ...message(), v: 2 })],
    ['another kind', cbor({ ...message(), kind: 'shout' })],
    ['no room', cbor({ ...message(), room: 'twitch:' })],
    ['a room in capitals', cbor({ ...message(), room: 'twitch:Some' })],
    ['a room with a line end', cbor({ ...message(), room: 'twitch:some\n' })],
    ['a device that is no key', cbor({ ...message(), device: `${'A'.repeat(42)}B` })],
    ['a number below 0', cbor({ ...message(), seq: -1 })],
    ['half a number', cbor({ ...message(), seq: 0.5 })],
    ['a count of 65,536', cbor({ ...message(), time: { ms: NOW, count: 65_536 } })],
    ['nothing said', cbor({ ...message(), body: '' })],
    ['white space alone', cbor({ ...message(), body: ' \n\t\u3000' })],
    ['501 code points', cbor({ ...message(), body: 'x'.repeat(501) })],
    ['an answer to nothing', cbor({ ...message(), reply: '' })],
    ['an answer to an id in bytes', cbor({ ...message(), reply: bytes(32) })],
    ['an answer to an id that is not spelt the one way', cbor({ ...message(), reply: `${'A'.repeat(42)}B` })],
    [
      'an answer that brings what it answers',
      cbor({ ...message(), reply: { id: 'A'.repeat(43), text: 'x' } }),
    ],
  ],
  presence: [
    ['a state that nobody knows', cbor({ ...present, state: 'asleep' })],
    ['a crowd of nobody', cbor({ ...present, crowd: 0 })],
    ['a crowd of more than 10,000,000', cbor({ ...present, crowd: 10_000_001 })],
  ],
  ruling: [
    ['another version', cbor({ ...ruling(), v: 2 })],
    ['an act that nobody knows', cbor({ ...ruling(), act: 'subscribers-only' })],
    ['no word on whether', cbor(undecidedRuling)],
    ['neither yes nor no', cbor({ ...ruling(), on: 1 })],
    ['no room', cbor({ ...ruling(), room: 'twitch:' })],
    ['a time before 1970', cbor({ ...ruling(), ms: -1 })],
    ['half a millisecond', cbor({ ...ruling(), ms: 0.5 })],
    ['a passport of 1,201', cbor({ ...ruling(), passport: 'x'.repeat(1_201) })],
    ['a role grant of 801', cbor({ ...ruling(), role: 'x'.repeat(801) })],
    ['a field that is not named', cbor({ ...ruling(), until: NOW })],
    ['an act without what is decided', cbor(act({ act: 'slow' }))],
    ['an hour and a second', cbor(act({ act: 'slow', seconds: 3_601 }))],
    ['cleared ahead of time', cbor(act({ act: 'clear', before: ruling().ms + 1 }))],
    ['a time-out that is over', cbor(act({ act: 'timeout', ...whom, until: ruling().ms }))],
    [
      'a time-out of more than 14 days',
      cbor(act({ act: 'timeout', ...whom, until: ruling().ms + 1_209_600_001 })),
    ],
    ['a ban of nobody', cbor(act({ act: 'ban', heard: [] }))],
    ['a name that is none', cbor(act({ act: 'ban', ...whom, name: 'x' }))],
    ['one device named twice', cbor(act({ act: 'ban', ...whom, heard: [bobs(1), bobs(2)] }))],
    ['17 devices', cbor(act({ act: 'ban', ...whom, heard: Array.from({ length: 17 }, (_, n) => of17(n)) }))],
    [
      'a message to come',
      cbor(act({ act: 'delete', ...named, message: 'A'.repeat(43), at: ruling().ms + 30_001 })),
    ],
  ],
  signal: [
    ['neither an offer nor an answer', cbor({ ...offer, type: 'renew' })],
    ['a nonce of 15 bytes', cbor({ ...offer, nonce: bytes(15) })],
    ['a description of 2,601', cbor({ ...offer, sdp: 'x'.repeat(2_601) })],
    ['a key beside a description', cbor({ ...offer, key: bytes(32) })],
    ['another way', cbor({ ...offer, via: 'carrier pigeon' })],
    ['no word on direct links', cbor(undecided)],
    ['no word on whether it is urgent', cbor(calm)],
  ],
  envelope: [
    ['signed bytes of 4,097', cbor({ bytes: bytes(4_097), sig })],
    ['more than 4,352 bytes', cbor({ box: bytes(4_320), enc: bytes(32) })],
    ['a sender’s key of 31 bytes', cbor({ box: first, enc: bytes(31) })],
    ['a sealed one that shows a signature', cbor({ box: first, enc: bytes(32), sig })],
    ['a third field', cbor({ bytes: first, sig, to: BOB.device })],
  ],
  fromMember: [
    ['more than a socket message holds', cbor({ t: 'hub', to: BOB.device, data: bytes(8_513) })],
    ['a hub frame of 8,257', cbor({ t: 'hub', to: BOB.device, data: bytes(8_257) })],
    ['a signal of 4,353', cbor({ t: 'signal', to: BOB.device, data: bytes(4_353) })],
    ['a signal to nobody', cbor({ t: 'signal', to: '', data: bytes(1) })],
    [
      'terms with a signature of 63 bytes',
      cbor({ t: 'terms', direct: true, consent: { ms: NOW, seal: bytes(32), sig: bytes(63) } }),
    ],
    ['terms without a key', cbor({ t: 'terms', direct: true, consent: { ms: NOW, sig } })],
    ['what only the room object says', cbor({ t: 'absent', device: BOB.device })],
    ['a ruling whose signature is 63 bytes', cbor({ t: 'rule', bytes: first, sig: sig.slice(1) })],
    ['a ruling of 4,097', cbor({ t: 'rule', bytes: bytes(4_097), sig })],
  ],
  toMember: [
    [
      'nine introductions',
      cbor({
        t: 'introduced',
        members: Array(9).fill({ device: BOB.device, bucket: BUCKET, direct: false }),
      }),
    ],
    ['a member of no network', cbor({ t: 'introduced', members: [{ device: BOB.device, direct: false }] })],
    [
      'a network of seven bytes',
      cbor({
        t: 'introduced',
        members: [{ device: BOB.device, bucket: BUCKET.slice(0, 10), direct: false }],
      }),
    ],
    [
      'members without a word on direct links',
      cbor({ t: 'introduced', members: [{ device: BOB.device, bucket: BUCKET }] }),
    ],
    ['a room without sockets', cbor({ t: 'welcome', now: NOW, members: [], sockets: 0 })],
    ['what only a member says', cbor({ t: 'introduce' })],
  ],
} as const

const [head = '', body = '', signature = ''] = PASSPORT.split('.')
const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'sidestream-passport+jwt', kid: KID }))
const withoutName = new SignJWT({ ver: 1, device: BOB.device, seal: 'A'.repeat(43) })
  .setProtectedHeader({ alg: 'EdDSA', typ: 'sidestream-passport+jwt', kid: KID })
  .setIssuedAt(NOW / 1000)
  .setExpirationTime(NOW / 1000 + 60)

/** Passports that must be refused at `NOW`. */
export const BAD_PASSPORTS = [
  ['signed by another key', await passport({ by: BOB })],
  ['an unknown key id', await passport({ kid: 'other' })],
  ['another type of token', await passport({ typ: 'at+jwt' })],
  ['no signature', `${none.toString('base64url')}.${body}.`],
  [
    'a signature of something else',
    `${head}.${body}.${signature.replace(/^./, (c) => (c === 'A' ? 'B' : 'A'))}`,
  ],
  ['over for more than 30 s', await passport({ iat: NOW / 1000 - 86_431 })],
  ['a name with white space', await passport({ name: 'two words' })],
  ['a device that is no key', await passport({ device: 'nobody' })],
  ['no subject, no name', await withoutName.sign(ISSUER.key)],
  ['longer than 1,200', await passport({ name: 'x'.repeat(1_000) })],
] as const

export const BAD_REVOCATIONS = [
  ['signed by another key', await revocation({ by: BOB })],
  ['an unknown key id', await revocation({ kid: 'other' })],
  ['a passport', PASSPORT],
  ['another type of token', await revocation({ typ: 'at+jwt' })],
  ['over for more than 30 s', await revocation({ iat: NOW / 1000 - 2 * 86_400 - 31 })],
  ['a device that is no key', await revocation({ device: 'nobody' })],
  ['a version below 0', await revocation({ ver: -1 })],
  ['longer than 512', await revocation({ device: 'x'.repeat(400) })],
] as const

const asPresence = await signAny('presence', '', ruling(), encodeRuling(ruling()))

/** Rulings that must be refused, though they are of the right shape and for the right room. */
export const BAD_RULINGS = [
  ['signed by another device', await signRuling('', {}, BOB)],
  ['signed as something else', asPresence],
  [
    'under a passport of another device',
    await signRuling('', { passport: await passport({ device: BOB.device }) }),
  ],
  [
    'under a passport that was over',
    await signRuling('', { passport: await passport({ iat: NOW / 1000 - 86_400 }) }),
  ],
  ['under a passport of another key', await signRuling('', { passport: await passport({ by: BOB }) })],
  [
    'by a role grant that was over',
    await signRuling('', { role: await roleGrant({ iat: NOW / 1000 - 86_400 }) }),
  ],
  [
    'by a role grant from 31 s later',
    await signRuling('', { role: await roleGrant({ iat: NOW / 1000 + 36 }) }),
  ],
  [
    'by a role grant of another account',
    await signRuling('', { role: await roleGrant({ account: `B${ALICE_ACCOUNT.slice(1)}` }) }),
  ],
  [
    'by a role grant for another room',
    await signRuling('', { role: await roleGrant({ room: 'twitch:another' }) }),
  ],
  ['by a role grant of another key', await signRuling('', { role: await roleGrant({ by: BOB }) })],
  ['by a role grant for longer than a day', await signRuling('', { role: await roleGrant({ hours: 25 }) })],
  ['by a role that there is not', await signRuling('', { role: await roleGrant({ role: 'admin' }) })],
  ['by another type of token', await signRuling('', { role: await roleGrant({ typ: 'at+jwt' }) })],
  ['by a passport for a role grant', await signRuling('', { role: PASSPORT })],
  ['by a role grant for a passport', await signRuling('', { passport: ROLE_GRANT })],
] as const
