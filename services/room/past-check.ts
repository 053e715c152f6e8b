import type { DeviceId } from '../../protocol/device'
import { EXCUSABLE_FAULTS, type FrameFault } from '../../protocol/frames'
import { MAX_CLOCK_AHEAD_MS, type SayPace } from '../../protocol/limits'
import { decodeMessage, type Message, messageId, type SignedBytes } from '../../protocol/message'
import type { Passport } from '../../protocol/passport'
import type { Proof } from '../../protocol/proof'
import type { RoomId } from '../../protocol/room-id'
import { isSignedBy } from '../../protocol/signed'
import { contradicts } from '../log/contradiction'
import type { LoggedMessage } from '../log/logged-message'
import type { Vouchers } from '../log/vouchers'
import type { Checked } from './frame-check'
import { passportFault } from './passport-fault'

/** What a check of the past needs to know of the room. `MessageLog` and `Passports` have most of it. */
export interface PastFacts {
  room: RoomId
  /** What the room's log was told, if not the usual. */
  pace?: SayPace
  now(): number
  /** Up to when (ms) the room was cleared here. */
  clearedUntil(): number
  isVoid(device: DeviceId): boolean
  /**
   * The claims of a passport that held at `ms`; throws for any other, a `RevokedError` for one that was revoked then, an
   * `UnlinkedError` for one whose account might not take part then.
   */
  verifyPassportAt(jwt: string, ms: number): Promise<Passport>
}

/**
 * The message in signed bytes, if it may be filed: right room, neither of the future nor from before the room was
 * cleared, under a passport that held when it was stamped, signature good.
 */
export async function checkPast(
  signed: SignedBytes,
  vouchers: Vouchers,
  facts: PastFacts,
): Promise<Checked<LoggedMessage>> {
  const message = await decoded(signed)
  if (!message) return { fault: 'malformed' }
  if (message.room !== facts.room) return { fault: 'wrong-room' }
  if (message.time.ms > facts.now() + MAX_CLOCK_AHEAD_MS) return { fault: 'from-the-future' }
  if (message.time.ms <= facts.clearedUntil()) return { fault: 'stale' }
  if (facts.isVoid(message.device)) return { fault: 'void-author' }
  const author = await authorOf(message, vouchers, facts)
  if ('fault' in author) return author
  if (!(await isSigned(message.device, signed))) return { fault: 'bad-signature' }
  const { sub: account, name } = author.claims
  return { ...message, account, name, signed, passport: author.jwt }
}

/**
 * The good ones among the messages of one `past` frame, and what is wrong with the frame. Goes on after what an honest
 * peer can come by, and stops at the first that none would send.
 */
export async function checkPastFrame(
  messages: readonly SignedBytes[],
  vouchers: Vouchers,
  facts: PastFacts,
): Promise<{ messages: LoggedMessage[]; fault?: FrameFault }> {
  const good: LoggedMessage[] = []
  let excusable: FrameFault | undefined
  for (const signed of messages) {
    const checked = await checkPast(signed, vouchers, facts)
    if (!('fault' in checked)) good.push(checked)
    // The viewer may have cleared the room since we asked: nobody's fault.
    else if (checked.fault === 'stale') continue
    else if (EXCUSABLE_FAULTS.has(checked.fault)) excusable ??= checked.fault
    else return { messages: good, fault: checked.fault }
  }
  return excusable ? { messages: good, fault: excusable } : { messages: good }
}

/** Whom a proof speaks of, true or not; `undefined` where that cannot be read. */
export function accusedBy({ first }: Proof): DeviceId | undefined {
  try {
    return decodeMessage(first.bytes).device
  } catch {
    return undefined
  }
}

/** Faults of a passport that is what it claims. */
const SPEECHLESS: ReadonlySet<FrameFault> = new Set(['revoked', 'unlinked'])

/** Which device a proof voids, if it proves anything: both signed by it, for this room, and contradicting each other. */
export async function checkProof(
  { first, second, passport }: Proof,
  facts: Pick<PastFacts, 'room' | 'pace' | 'verifyPassportAt'>,
): Promise<Checked<{ device: DeviceId }>> {
  const [a, b] = await Promise.all([decoded(first), decoded(second)])
  if (!a || !b || a.room !== facts.room || !contradicts(a, b, facts.pace)) return { fault: 'no-proof' }
  // The passport keeps keys that nobody registered from filling our memory; that it held once is enough.
  const holds = [await checkedAt(passport, a, facts), await checkedAt(passport, b, facts)]
  // Whether or not it let its bearer speak, it says whose key it is.
  if (!holds.some((checked) => !('fault' in checked) || SPEECHLESS.has(checked.fault))) {
    const isUnknown = holds.some((checked) => 'fault' in checked && checked.fault === 'unknown-key')
    return { fault: isUnknown ? 'unknown-key' : 'no-proof' }
  }
  const isProven = (await isSigned(a.device, first)) && (await isSigned(b.device, second))
  return isProven ? { device: a.device } : { fault: 'no-proof' }
}

/**
 * Who said `message`, by a passport that came along and held then. One that is not what it claims ends the search: a
 * correct peer checked it before, and whoever sends many must not have us check them all.
 */
async function authorOf(
  message: Message,
  vouchers: Vouchers,
  facts: PastFacts,
): Promise<Checked<{ claims: Passport; jwt: string }>> {
  let fault: FrameFault = 'unknown-author'
  for (const jwt of vouchers.of(message.device, message.time.ms)) {
    const checked = await checkedAt(jwt, message, facts)
    if (!('fault' in checked)) return { claims: checked, jwt }
    fault = checked.fault
    if (fault === 'bad-passport') break
  }
  return { fault }
}

async function checkedAt(
  jwt: string,
  { device, time }: Message,
  { verifyPassportAt }: Pick<PastFacts, 'verifyPassportAt'>,
): Promise<Checked<Passport>> {
  try {
    const passport = await verifyPassportAt(jwt, time.ms)
    return passport.device === device ? passport : { fault: 'bad-passport' }
  } catch (error) {
    return { fault: passportFault(error) }
  }
}

async function decoded({ bytes }: SignedBytes): Promise<Message | undefined> {
  try {
    return { ...decodeMessage(bytes), id: await messageId(bytes) }
  } catch {
    return undefined
  }
}

const isSigned = (device: DeviceId, { bytes, sig }: SignedBytes) => isSignedBy(device, 'message', bytes, sig)
