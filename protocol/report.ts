import { utf8 } from './bytes'
import { decodeCanonical, encodeCanonical } from './codec'
import { accountIdSchema, type DeviceId, deviceIdSchema } from './device'
import { displayNameSchema } from './display-name'
import {
  MAX_PASSPORT_BYTES,
  MAX_REPORT_BYTES,
  MAX_REPORT_DEVICES,
  MAX_REPORT_MESSAGES,
  MAX_REPORT_PASSPORTS,
  PROTOCOL_VERSION,
} from './limits'
import {
  compareTimes,
  decodeMessage,
  type HybridTime,
  messageId,
  type SignedBytes,
  signedBytesSchema,
} from './message'
import type { Passport } from './passport'
import { reportReasonSchema, reportWordsSchema } from './report-wish'
import { type RoomId, roomIdSchema } from './room-id'
import { bytesOf, bytesUpTo, epochMs, z } from './schema'
import { type Opener, sealBytes } from './sealed'
import { isSignedBy } from './signed'

const jwtSchema = z.string().max(MAX_PASSPORT_BYTES)

/** What a member tells the room's moderators, or the Worker's operator, of somebody. */
const unsignedReportSchema = z.strictObject({
  v: z.literal(PROTOCOL_VERSION),
  room: roomIdSchema,
  device: deviceIdSchema,
  ms: epochMs,
  /** Of `device`. */
  passport: jwtSchema,
  /** Under the signature, so that nobody who was told in confidence passes it on as told to the other. */
  to: z.enum(['moderators', 'operator']),
  /** Who is reported, and what they are called. */
  account: accountIdSchema,
  name: displayNameSchema,
  reason: reportReasonSchema,
  words: reportWordsSchema,
  /** What they said, oldest first, as they signed it, and the passports that say so. */
  messages: z.array(signedBytesSchema).max(MAX_REPORT_MESSAGES),
  passports: z.array(jwtSchema).max(MAX_REPORT_PASSPORTS),
})
export type Report = z.infer<typeof unsignedReportSchema>

/** Throws a `RangeError` for more than `MAX_REPORT_BYTES`. */
export function encodeReport(report: Report): Uint8Array<ArrayBuffer> {
  return sized(encodeCanonical(report))
}

/** The report in `bytes`. Throws for what is too large, not canonical, or breaks the schema; checks no signature. */
export const decodeReport = (bytes: Uint8Array): Report =>
  unsignedReportSchema.parse(decodeCanonical(sized(bytes)))

function sized<Bytes extends Uint8Array>(bytes: Bytes): Bytes {
  if (bytes.length > MAX_REPORT_BYTES) throw new RangeError('report too large')
  return bytes
}

const envelopeSchema = z.strictObject({ bytes: bytesUpTo(MAX_REPORT_BYTES), sig: bytesOf(64) })

const KEY_BYTES = 32
const TAG_BYTES = 16
/** What the envelope adds: two field names, two heads and a signature. */
const ENVELOPE_BYTES = 96

/** A sealed report: `box` is the signed one under a key that each addressee finds sealed to itself. */
export const sealedReportSchema = z.strictObject({
  keys: z
    .array(z.strictObject({ to: deviceIdSchema, enc: bytesOf(32), box: bytesOf(KEY_BYTES + TAG_BYTES) }))
    .min(1)
    .max(MAX_REPORT_DEVICES),
  box: bytesUpTo(MAX_REPORT_BYTES + ENVELOPE_BYTES + TAG_BYTES),
})
export type SealedReport = z.infer<typeof sealedReportSchema>

/** A device with a role, and the X25519 key that it showed. */
export interface Addressee {
  readonly device: DeviceId
  readonly key: Uint8Array
}

const keyInfo = (to: DeviceId, room: RoomId) => utf8(`sidestream sealed report v1\0${to}\0${room}`)
/** The key is for one report alone, so that a fixed nonce is used once with it. */
const cipher = (room: RoomId) => ({
  name: 'AES-GCM',
  iv: new Uint8Array(12),
  additionalData: utf8(`sidestream report v1\0${room}`),
})

/**
 * Seals a signed report so that nobody but the addressees reads it. Who showed a key that leaves no secret (RFC 7748 §6.1) is
 * left out, so that one of them keeps it from nobody else. Throws a `TypeError` if nobody is left.
 */
export async function sealReport(
  room: RoomId,
  signed: SignedBytes,
  addressees: readonly Addressee[],
): Promise<SealedReport> {
  const secret = crypto.getRandomValues(new Uint8Array(KEY_BYTES))
  const key = await crypto.subtle.importKey('raw', secret, 'AES-GCM', false, ['encrypt'])
  const envelope = encodeCanonical({ bytes: signed.bytes, sig: signed.sig })
  const box = new Uint8Array(await crypto.subtle.encrypt(cipher(room), key, envelope))
  const sealed = await Promise.all(
    addressees.map(async ({ device, key: seal }) => {
      const box = await sealBytes(seal, keyInfo(device, room), secret).catch(() => undefined)
      return box && { to: device, ...box }
    }),
  )
  const keys = sealed.filter((key) => key !== undefined)
  if (keys.length === 0) throw new TypeError('nobody to seal to')
  return { keys, box }
}

/** What is inside, if it is sealed to `me`; `undefined` if not. Throws for what does not open or holds no signed report. */
export async function openReport(
  room: RoomId,
  { keys, box }: SealedReport,
  me: DeviceId,
  opener: Pick<Opener, 'openBytes'>,
): Promise<SignedBytes | undefined> {
  const mine = keys.find(({ to }) => to === me)
  if (!mine) return undefined
  const secret = await opener.openBytes(mine, keyInfo(me, room))
  const key = await crypto.subtle.importKey('raw', secret, 'AES-GCM', false, ['decrypt'])
  const envelope = await crypto.subtle.decrypt(cipher(room), key, new Uint8Array(box))
  return envelopeSchema.parse(decodeCanonical(new Uint8Array(envelope)))
}

/** The claims of a passport that held at `ms`; rejects for any other. */
type PassportAt = (jwt: string, ms: number) => Promise<Passport>

/** Who reports. Rejects unless the passport held at `report.ms`, is of its device, and that signed these very bytes. */
export async function reporterOf(
  report: Report,
  { bytes, sig }: SignedBytes,
  passportAt: PassportAt,
): Promise<Passport> {
  const passport = await passportAt(report.passport, report.ms)
  if (passport.device !== report.device) throw new TypeError('another device’s passport')
  if (!(await isSignedBy(report.device, 'report', bytes, sig))) throw new TypeError('bad signature')
  return passport
}

interface Said {
  readonly text: string
  readonly time: HybridTime
  /** In the passport that shows whose it is. */
  readonly name: string
}

/**
 * What the reported account really said in that room, of what came along: each once, oldest first. `unproven`: how many others
 * there were. `name`: what the newest calls its author, if there is any. Never rejects.
 */
export async function evidenceIn(
  report: Pick<Report, 'room' | 'account' | 'messages' | 'passports'>,
  passportAt: PassportAt,
): Promise<{ messages: { text: string; ms: number }[]; unproven: number; name?: string }> {
  const checked = await Promise.all(
    report.messages.map(async (signed) => ({
      id: await messageId(signed.bytes),
      said: await saidBy(report, signed, passportAt),
    })),
  )
  const all = new Set(checked.map(({ id }) => id))
  const proven = new Map(checked.flatMap(({ id, said }) => (said ? [[id, said] as const] : [])))
  const said = [...proven.values()].sort((a, b) => compareTimes(a.time, b.time))
  const name = said.at(-1)?.name
  return {
    messages: said.map(({ text, time }) => ({ text, ms: time.ms })),
    unproven: all.size - proven.size,
    ...(name !== undefined && { name }),
  }
}

async function saidBy(
  { room, account, passports }: Pick<Report, 'room' | 'account' | 'passports'>,
  { bytes, sig }: SignedBytes,
  passportAt: PassportAt,
): Promise<Said | undefined> {
  try {
    const { room: where, device, time, body } = decodeMessage(bytes)
    if (where !== room || !(await isSignedBy(device, 'message', bytes, sig))) return undefined
    for (const jwt of passports) {
      const passport = await passportAt(jwt, time.ms).catch(() => undefined)
      if (passport?.device === device && passport.sub === account)
        return { text: body, time, name: passport.name }
    }
  } catch {
    // What cannot be read proves nothing.
  }
  return undefined
}
