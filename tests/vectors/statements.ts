import { createHash } from 'node:crypto'
import { SignJWT } from 'jose'
import { concat, toBase64Url, utf8 } from '../../protocol/bytes'
import { encodeCanonical } from '../../protocol/codec'
import { accountIdSchema } from '../../protocol/device'
import { encodeMessage, messageIdSchema, type UnsignedMessage } from '../../protocol/message'
import { PASSPORT_TYPE } from '../../protocol/passport'
import { encodePresence, type Presence } from '../../protocol/presence'
import { encodeReport, type Report } from '../../protocol/report'
import { REVOCATION_TYPE } from '../../protocol/revocation'
import { ROLE_GRANT_TYPE } from '../../protocol/role'
import { channelRoom } from '../../protocol/room-id'
import { type Act, encodeRuling, type Ruling } from '../../protocol/ruling'
import { encodeSignal, type Signal, signedEnvelope } from '../../protocol/signal'
import { type SignedKind, signAs } from '../../protocol/signed'
import { encodeTyping, type Typing } from '../../protocol/typing'
import { ALICE, BOB, type Device, hex, ISSUER, KID, unhex } from './keys'

/** 2026-01-01T00:00:00Z. */
export const NOW = 1_767_225_600_000
export const ROOM = channelRoom('some_channel')
export const NONCE = new Uint8Array(16).map((_, index) => index)

const accountOf = (byte: number) => accountIdSchema.parse(toBase64Url(new Uint8Array(16).fill(byte)))
export const ALICE_ACCOUNT = accountOf(0xa1)

interface PassportParts {
  device?: string
  name?: string
  typ?: string
  kid?: string
  iat?: number
  hours?: number
  by?: Device
}

/** A passport like the Worker's; whatever is not given is as it should be. */
export function passport({ device = ALICE.device, name = 'AmberOtter417', ...parts }: PassportParts = {}) {
  const { typ = PASSPORT_TYPE, kid = KID, iat = NOW / 1000, hours = 24, by = ISSUER } = parts
  return new SignJWT({ name, ver: 1, device, seal: 'A'.repeat(43) })
    .setProtectedHeader({ alg: 'EdDSA', typ, kid })
    .setSubject(ALICE_ACCOUNT)
    .setIssuedAt(iat)
    .setExpirationTime(iat + hours * 3600)
    .sign(by.key)
}

export const PASSPORT = await passport()

interface RevocationParts {
  device?: string | undefined
  ver?: number
  typ?: string
  kid?: string
  iat?: number
  by?: Device
}

/** A revocation like the Worker's; whatever is not given is as it should be. */
export function revocation({ device, ver = 1, ...parts }: RevocationParts = {}) {
  const { typ = REVOCATION_TYPE, kid = KID, iat = NOW / 1000, by = ISSUER } = parts
  return new SignJWT({ ...(device !== undefined && { device }), ver })
    .setProtectedHeader({ alg: 'EdDSA', typ, kid })
    .setSubject(ALICE_ACCOUNT)
    .setIssuedAt(iat)
    .setExpirationTime(iat + 48 * 3600)
    .sign(by.key)
}

/** Alice's device is ended, and then her account. */
export const REVOCATIONS = [await revocation({ device: ALICE.device }), await revocation()]

interface GrantParts {
  account?: string
  room?: string
  role?: string
  typ?: string
  iat?: number
  hours?: number
  by?: Device
}

/** A role grant like the Worker's; whatever is not given is as it should be. */
export function roleGrant({ account = ALICE_ACCOUNT, room = ROOM, ...parts }: GrantParts = {}) {
  const { role = 'moderator', typ = ROLE_GRANT_TYPE, iat = NOW / 1000, hours = 24, by = ISSUER } = parts
  return new SignJWT({ room, channel: '12826', role })
    .setProtectedHeader({ alg: 'EdDSA', typ, kid: KID })
    .setSubject(account)
    .setIssuedAt(iat)
    .setExpirationTime(iat + hours * 3600)
    .sign(by.key)
}

export const ROLE_GRANT = await roleGrant()

/** As JSON: bytes become `{ hex }`. */
export const plain = (value: object): unknown =>
  JSON.parse(JSON.stringify(value, (_, inner) => (inner instanceof Uint8Array ? { hex: hex(inner) } : inner)))

/** The way back. */
export const revived = (json: unknown): unknown =>
  JSON.parse(JSON.stringify(json), (_, inner) => (typeof inner?.hex === 'string' ? unhex(inner.hex) : inner))

export async function signed(
  kind: SignedKind,
  note: string,
  fields: object,
  bytes: Uint8Array<ArrayBuffer>,
  by: Device = ALICE,
) {
  const input = concat(utf8(`sidestream ${kind} v1\0`), bytes)
  const sig = await signAs(by.signer, kind, bytes)
  const vector = {
    kind,
    note,
    fields: plain(fields),
    bytes: hex(bytes),
    signingInputSha256: createHash('sha256').update(input).digest('hex'),
    sig: hex(sig),
    id: createHash('sha256').update(bytes).digest('base64url'),
  }
  return { vector, bytes, sig }
}

export function message(change: Partial<UnsignedMessage> = {}): UnsignedMessage {
  const time = { ms: NOW + 1_000, count: 0 }
  return { v: 1, room: ROOM, device: ALICE.device, seq: 0, time, kind: 'say', body: 'Hello', ...change }
}

const signMessage = (note: string, change: Partial<UnsignedMessage> = {}) => {
  const fields = message(change)
  return signed('message', note, fields, encodeMessage(fields))
}

const signSignal = (note: string, fields: Signal) => signed('signal', note, fields, encodeSignal(fields))

const presence: Presence = {
  v: 1,
  room: ROOM,
  device: ALICE.device,
  ms: NOW + 2_000,
  since: NOW,
  state: 'here',
  direct: false,
  passport: PASSPORT,
}
const typing: Typing = { v: 1, room: ROOM, device: ALICE.device, ms: NOW + 3_000, writing: true }

const ruler = {
  v: 1,
  room: ROOM,
  device: ALICE.device,
  ms: NOW + 5_000,
  passport: PASSPORT,
  role: ROLE_GRANT,
} as const
type LinkedOnly = Extract<Ruling, { act: 'linked-only' }>
export const ruling = (change: Partial<LinkedOnly> = {}): LinkedOnly => ({
  ...ruler,
  act: 'linked-only',
  on: true,
  ...change,
})

export const signRuling = (note: string, change: Partial<LinkedOnly> = {}, by?: Device) =>
  signAct(note, ruling(change), by)

/** Whatever else can be decided. */
export function signAct(note: string, act: Act & Partial<Ruling>, by?: Device) {
  const fields: Ruling = { ...ruler, ...act }
  return signed('ruling', note, fields, encodeRuling(fields), by)
}

const toBob = {
  v: 1,
  room: ROOM,
  from: ALICE.device,
  to: BOB.device,
  nonce: NONCE,
  ms: NOW + 4_000,
  urgent: false,
  direct: false,
  passport: PASSPORT,
} as const

/** Only its shape matters here; what a description must hold is in docs/PROTOCOL.md. */
const SDP = ['v=0', 'o=- 1 2 IN IP4 0.0.0.0', 's=-', 't=0 0', ''].join('\r\n')

export const MESSAGES = [
  await signMessage('a short text'),
  await signMessage('the next number, in the same millisecond', {
    seq: 1,
    time: { ms: NOW + 1_000, count: 1 },
    body: 'Zoë 👩‍👩‍👧‍👦 مرحبا',
  }),
  await signMessage('a byte order mark in front is part of the text', {
    seq: 2,
    time: { ms: NOW + 1_500, count: 0xffff },
    body: '\ufeffmarked',
  }),
  await signMessage('the longest text in bytes', {
    seq: 300,
    time: { ms: NOW + 600_000, count: 0 },
    body: '𝒳'.repeat(500),
  }),
  await signMessage('what its author does', {
    seq: 3,
    time: { ms: NOW + 2_000, count: 0 },
    kind: 'me',
    body: 'waves',
  }),
  await signMessage('an answer', {
    seq: 4,
    time: { ms: NOW + 2_500, count: 0 },
    body: 'Hello yourself',
    reply: messageIdSchema.parse(createHash('sha256').update(encodeMessage(message())).digest('base64url')),
  }),
]
export const PRESENCES = [
  await signed('presence', 'here', presence, encodePresence(presence)),
  await signed(
    'presence',
    'away, agreeing to direct links',
    { ...presence, ms: NOW + 2_001, state: 'away', direct: true },
    encodePresence({ ...presence, ms: NOW + 2_001, state: 'away', direct: true }),
  ),
  await signed(
    'presence',
    'by chance, in a crowd of about 4,000',
    { ...presence, ms: NOW + 2_002, crowd: 4_000 },
    encodePresence({ ...presence, ms: NOW + 2_002, crowd: 4_000 }),
  ),
]
export const TYPINGS = [await signed('typing', 'writing', typing, encodeTyping(typing))]
export const SEAL = new Uint8Array(32).fill(7)
const consent = { v: 1, room: ROOM, device: ALICE.device, ms: NOW + 5_000, direct: true, seal: SEAL } as const
export const CONSENTS = [await signed('consent', 'to direct links', consent, encodeCanonical(consent))]
const BOBS = { account: accountIdSchema.parse('AAECAwQFBgcICQoLDA0ODw'), name: 'BobBadger22' }
const BOB_HEARD = [{ device: BOB.device, seq: 7 }]
const HASH = messageIdSchema.parse(createHash('sha256').update('bob').digest('base64url'))
export const RULINGS = [
  await signRuling('only linked accounts take part'),
  await signRuling('everybody takes part again', { ms: NOW + 6_000, on: false }),
  await signAct('something every 30 seconds', { act: 'slow', seconds: 30 }),
  await signAct('what was said until now is gone', { act: 'clear', before: NOW + 5_000 }),
  await signAct('a message is deleted', { act: 'delete', ...BOBS, message: HASH, at: NOW }),
  await signAct('ten minutes of silence', {
    act: 'timeout',
    ...BOBS,
    heard: BOB_HEARD,
    until: NOW + 605_000,
  }),
  await signAct('somebody is banned', { act: 'ban', ...BOBS, heard: BOB_HEARD }),
  await signAct('and let in again', { act: 'unban', ...BOBS, heard: [] }),
  await signAct('somebody has a role', { act: 'staff' }),
]
const report: Report = {
  v: 1,
  room: ROOM,
  device: ALICE.device,
  ms: NOW + 7_000,
  passport: PASSPORT,
  to: 'moderators',
  ...BOBS,
  reason: 'spam',
  words: 'again and again',
  messages: MESSAGES.slice(0, 1).map(({ bytes, sig }) => ({ bytes, sig })),
  passports: [PASSPORT],
}
export const REPORTS = [await signed('report', 'of somebody, with a message', report, encodeReport(report))]
export const HUB_KEY = new Uint8Array(32).fill(9)
export const SIGNALS = [
  await signSignal('an offer of a WebRTC link', { ...toBob, type: 'offer', via: 'rtc', sdp: SDP }),
  await signSignal('an answer to one', { ...toBob, type: 'answer', via: 'rtc', sdp: SDP }),
  await signSignal('an offer of a hub link', { ...toBob, type: 'offer', via: 'hub', key: HUB_KEY }),
  await signSignal('a no', { ...toBob, type: 'decline', via: 'hub', key: new Uint8Array(32) }),
  await signSignal('an offer for which room is to be made', {
    ...toBob,
    type: 'offer',
    urgent: true,
    via: 'rtc',
    sdp: SDP,
  }),
  await signSignal('no place is free', { ...toBob, type: 'full', via: 'hub', key: new Uint8Array(32) }),
]

export const STATEMENTS = [
  ...MESSAGES,
  ...PRESENCES,
  ...TYPINGS,
  ...RULINGS,
  ...CONSENTS,
  ...REPORTS,
  ...SIGNALS,
]
export const ENVELOPES = SIGNALS.map(({ bytes, sig }) => signedEnvelope(bytes, sig))
