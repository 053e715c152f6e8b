import { decodeCanonical, encodeCanonical, MAX_DEPTH } from '../../protocol/codec'
import { termsIn, termsProtocol } from '../../protocol/consent'
import { controlCallSchema } from '../../protocol/control-call'
import { displayNameSchema } from '../../protocol/display-name'
import { decodeFrame, encodeFrame, type Frame, type OverlayWireFrame } from '../../protocol/frames'
import {
  MAX_FRAME_BYTES,
  MAX_NAME_GRAPHEMES,
  MAX_REPORT_BYTES,
  MAX_SIGNAL_BYTES,
  MAX_SOCKET_MESSAGE_BYTES,
} from '../../protocol/limits'
import { LOGIN_PATTERN } from '../../protocol/login'
import { decodeMessage, encodeMessage } from '../../protocol/message'
import { keySetOf, verifyPassport } from '../../protocol/passport'
import { decodePresence, encodePresence } from '../../protocol/presence'
import { decodeReport, encodeReport } from '../../protocol/report'
import {
  decodeFromMember,
  decodeToMember,
  encodeFromMember,
  encodeToMember,
} from '../../protocol/room-socket'
import { decodeRuling, encodeRuling } from '../../protocol/ruling'
import type { z } from '../../protocol/schema'
import { decodeEnvelope, decodeSignal, encodeSignal, openSigned, signedEnvelope } from '../../protocol/signal'
import { decodeTyping, encodeTyping } from '../../protocol/typing'
import { Vouchers } from '../../services/log/vouchers'
import { parseCandidate, writeCandidate } from '../../services/mesh/candidate'
import { fromWire, toWire } from '../../services/mesh/overlay-wire'
import { parseDataSdp, writeDataSdp } from '../../services/mesh/sdp'
import { loginFromUrl } from '../../services/twitch/location'
import { parcelIn } from '../../worker/objects/parcel'
import { ALICE, JWKS } from '../vectors/keys'
import { NOW } from '../vectors/statements'

/** Something that takes what strangers send. */
export interface Target {
  readonly name: string
  readonly takes: 'bytes' | 'text' | 'json'
  /** Throws only when something is wrong with our code: a refusal is a good end. Resolves to whether it was accepted. */
  run(input: Uint8Array): boolean | Promise<boolean>
}

function ensure(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`fuzz: ${what}`)
}

const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0

/** A decoder either returns, or throws an `Error` that is not one of running out of stack or memory. */
function attempt<T>(decode: () => T): { value: T } | undefined {
  try {
    return { value: decode() }
  } catch (error) {
    ensure(error instanceof Error, `threw ${typeof error}`)
    ensure(!/call stack|allocation|heap|array length/i.test(error.message), error.message)
    return undefined
  }
}

/** What is accepted is no larger than `most`, and is written as the very bytes it was read from. */
function wire<T>(
  name: string,
  decode: (b: Uint8Array) => T,
  encode: (value: T) => Uint8Array,
  most: number,
): Target {
  const run = (input: Uint8Array) => {
    const before = input.slice()
    const decoded = attempt(() => decode(input))
    ensure(same(before, input), 'changed its input')
    if (!decoded) return false
    ensure(input.length <= most, `accepted ${input.length} bytes`)
    ensure(same(encode(decoded.value), input), 'is written in other bytes than it was read from')
    const { nodes, depth } = sizeOf(decoded.value)
    ensure(nodes <= input.length && depth <= MAX_DEPTH, `made ${nodes} values of ${input.length} bytes`)
    return true
  }
  return { name, takes: 'bytes', run }
}

/** How many values there are, and how deep. */
function sizeOf(value: unknown): { nodes: number; depth: number } {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array)
    return { nodes: 1, depth: 0 }
  const inner = Object.values(value).map(sizeOf)
  return {
    nodes: 1 + inner.reduce((sum, { nodes }) => sum + nodes, 0),
    depth: 1 + Math.max(0, ...inner.map(({ depth }) => depth)),
  }
}

/** Throws for a fault, so that a frame is refused like everything else; a decoder of frames itself never throws. */
function frameIn(bytes: Uint8Array) {
  const decoded = decodeFrame(bytes)
  if (!('fault' in decoded)) return decoded.frame
  ensure(decoded.fault === 'oversized' || decoded.fault === 'malformed', decoded.fault)
  throw new Error(decoded.fault)
}

const isOverlay = (frame: Frame): frame is OverlayWireFrame =>
  ['walk', 'shuffle', 'shuffled', 'bye', 'ihave', 'graft', 'prune', 'signal'].includes(frame.t)

/** What a neighbour says of the room's links means the same to the overlay as on the wire. */
function overlayFrame(input: Uint8Array): boolean {
  const frame = attempt(() => frameIn(input))?.value
  if (!frame || !isOverlay(frame)) return false
  const read = attempt(() => fromWire(frame))
  ensure(read !== undefined, 'refuses what the schema accepted')
  ensure(same(encodeFrame(toWire(read.value)), input), 'is written in other bytes than it was read from')
  return true
}

function isTerms(protocol: string): boolean {
  const found = attempt(() => termsIn(protocol))
  ensure(found !== undefined, 'threw')
  if (!found.value) return false
  ensure(termsProtocol(found.value) === protocol, 'is written differently')
  return true
}

function text(name: string, judge: (text: string) => boolean | Promise<boolean>): Target {
  return { name, takes: 'text', run: (input) => judge(new TextDecoder().decode(input)) }
}

/** JSON, as ports and storage bring it. */
function json(name: string, schema: z.ZodType): Target {
  const run = (input: Uint8Array) => {
    const parsed = attempt((): unknown => JSON.parse(new TextDecoder().decode(input)))
    const accepted = parsed && attempt(() => schema.safeParse(parsed.value))?.value
    ensure(!parsed || accepted !== undefined, 'safeParse threw')
    if (!accepted?.success) return false
    ensure(schema.safeParse(accepted.data).success, 'refuses what it accepted')
    return true
  }
  return { name, takes: 'json', run }
}

const keys = keySetOf(JWKS)

function isLogin(url: string): boolean {
  const found = attempt(() => loginFromUrl(url))
  ensure(found !== undefined, 'threw')
  if (found.value === null) return false
  ensure(LOGIN_PATTERN.test(found.value), 'named what is no login')
  ensure(
    // A host is read without what nobody sees (UTS #46).
    /^\s*https:[\\/]*([^/\\]*@)?www\.twitch\.tv/i.test(
      url.replace(/[\t\n\r\p{Default_Ignorable_Code_Point}]/gu, '').replace(/^[\0- ]+/, ''),
    ),
    `took ${url}`,
  )
  return true
}

function isName(name: string): boolean {
  const accepted = displayNameSchema.safeParse(name).success
  if (!accepted) return false
  const graphemes = [...new Intl.Segmenter('und', { granularity: 'grapheme' }).segment(name)].length
  ensure(graphemes <= MAX_NAME_GRAPHEMES && !/[\s\p{Cf}\p{Cc}]/u.test(name), `took ${JSON.stringify(name)}`)
  return true
}

async function isPassport(jwt: string): Promise<boolean> {
  try {
    await verifyPassport(jwt, keys, NOW)
    return true
  } catch (error) {
    ensure(error instanceof Error && !/call stack/i.test(error.message), 'threw no error of its own')
    return false
  }
}

function isVoucher(jwt: string): boolean {
  const vouchers = new Vouchers()
  ensure(attempt(() => vouchers.add(jwt)) !== undefined, 'threw')
  return vouchers.of(ALICE.device, NOW).length > 0
}

function isDescription(sdp: string): boolean {
  const parsed = attempt(() => parseDataSdp(sdp))
  ensure(parsed !== undefined, 'threw')
  if (!parsed.value) return false
  const { candidates, ...parts } = parsed.value
  const written = writeDataSdp({ ...parts, candidates: [] })
  ensure(written.split('\r\n').length <= 17 && !/[^ -~\r\n]/.test(written), 'wrote what it should not')
  ensure(!/\d\.\d/.test(written.replaceAll('0.0.0.0', '')), 'wrote an address')
  const again = parseDataSdp(written)
  ensure(JSON.stringify(again) === JSON.stringify({ ...parts, candidates: [] }), 'is read differently again')
  for (const line of candidates) {
    const candidate = parseCandidate(line)
    if (candidate)
      ensure(JSON.stringify(parseCandidate(writeCandidate(candidate))) === JSON.stringify(candidate), line)
  }
  return true
}

/** The room object passes on without decoding: it must take exactly what the decoder takes. */
function parcel(input: Uint8Array): boolean {
  if (input.length > MAX_SOCKET_MESSAGE_BYTES) return false
  const found = attempt(() => parcelIn(input))
  ensure(found !== undefined, 'threw')
  const decoded = attempt(() => decodeFromMember(input))?.value
  const isParcel = decoded?.t === 'signal' || decoded?.t === 'hub'
  ensure(isParcel === (found.value !== undefined), 'disagrees with the decoder')
  return isParcel
}

/** Every decoder, by group. */
export const TARGETS: Readonly<Record<string, readonly Target[]>> = {
  codec: [wire('codec', decodeCanonical, encodeCanonical, Number.POSITIVE_INFINITY)],
  frames: [
    wire('frame', frameIn, encodeFrame, MAX_FRAME_BYTES),
    { name: 'overlay frame', takes: 'bytes', run: overlayFrame },
  ],
  statements: [
    wire('message', decodeMessage, encodeMessage, 4_096),
    wire('presence', decodePresence, encodePresence, 4_096),
    wire('typing', decodeTyping, encodeTyping, 4_096),
    wire('ruling', decodeRuling, encodeRuling, 4_096),
    wire('report', decodeReport, encodeReport, MAX_REPORT_BYTES),
  ],
  signals: [
    wire('signal', decodeSignal, encodeSignal, MAX_SIGNAL_BYTES),
    wire('signed envelope', openSigned, ({ bytes, sig }) => signedEnvelope(bytes, sig), MAX_SIGNAL_BYTES),
    wire('envelope', decodeEnvelope, encodeCanonical, MAX_SIGNAL_BYTES),
    text('description', isDescription),
  ],
  socket: [
    wire('from member', decodeFromMember, encodeFromMember, MAX_SOCKET_MESSAGE_BYTES),
    wire('to member', decodeToMember, encodeToMember, MAX_SOCKET_MESSAGE_BYTES),
    { name: 'parcel', takes: 'bytes', run: parcel },
    text('terms', isTerms),
  ],
  texts: [
    text('url', isLogin),
    text('name', isName),
    text('passport', isPassport),
    text('voucher', isVoucher),
    json('control call', controlCallSchema),
  ],
}
