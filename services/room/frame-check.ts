import type { AccountId, DeviceId } from '../../protocol/device'
import type { FrameFault } from '../../protocol/frames'
import {
  LIVE_MESSAGE_MAX_AGE_MS,
  MAX_CLOCK_AHEAD_MS,
  PRESENCE_LIFETIME_MS,
  TYPING_LIFETIME_MS,
} from '../../protocol/limits'
import { decodeMessage, type MessageId, type SignedBytes, type UnsignedMessage } from '../../protocol/message'
import { type Passport, wasHeldAt } from '../../protocol/passport'
import { decodePresence, type Presence } from '../../protocol/presence'
import type { RoomId } from '../../protocol/room-id'
import { isSignedBy } from '../../protocol/signed'
import { decodeTyping, type Typing } from '../../protocol/typing'
import type { LoggedMessage } from '../log/logged-message'
import type { Member } from './members'
import { passportFault } from './passport-fault'

/** What a check needs to know of the room. */
export interface RoomFacts {
  room: RoomId
  now(): number
  member(device: DeviceId): Member | undefined
  /** How many people are here. */
  peopleCount(): number
  /** What an account is called here by now. */
  nameOf(account: AccountId): string | undefined
  /** Throws a `RevokedError` for what the Worker has revoked, an `UnlinkedError` for who may not take part now. */
  verifyPassport(jwt: string): Promise<Passport>
  /** Whether this device contradicted itself. */
  isVoid(device: DeviceId): boolean
  /** Whether what was stamped `ms` under this passport counts for nothing: only linked accounts took part then. */
  isBarredAt(passport: Passport, ms: number): boolean
}

/** `by`: whose fault it is, where nobody else could have come by it. */
export type Checked<T> = T | { fault: FrameFault; by?: DeviceId }

/** A message that would be filed if its signature is good. */
export interface ReadMessage {
  readonly unsigned: UnsignedMessage
  readonly author: Member
}

/** The message in signed bytes, if it is worth a signature's check: right room, fresh, its author known here. */
export function readMessage({ bytes }: SignedBytes, facts: RoomFacts): Checked<ReadMessage> {
  const unsigned = parsed(() => decodeMessage(bytes))
  if (!unsigned) return { fault: 'malformed' }
  if (unsigned.room !== facts.room) return { fault: 'wrong-room' }
  const now = facts.now()
  const age = now - unsigned.time.ms
  if (age < -MAX_CLOCK_AHEAD_MS) return { fault: 'from-the-future' }
  if (age > LIVE_MESSAGE_MAX_AGE_MS) return { fault: 'stale' }
  if (facts.isVoid(unsigned.device)) return { fault: 'void-author', by: unsigned.device }
  const author = facts.member(unsigned.device)
  if (!author) return { fault: 'unknown-author', by: unsigned.device }
  // Under a passport of another time; the one that held comes with the message by reconciliation.
  if (!wasHeldAt(author.passport, unsigned.time.ms)) return { fault: 'unknown-author', by: unsigned.device }
  if (facts.isBarredAt(author.passport, unsigned.time.ms)) return { fault: 'unlinked' }
  return { unsigned, author }
}

/** What `readMessage` read, as it is filed under that id, if its signature is good. */
export async function checkMessage(
  id: MessageId,
  { unsigned, author }: ReadMessage,
  signed: SignedBytes,
  facts: RoomFacts,
): Promise<Checked<{ message: LoggedMessage }>> {
  if (!(await isSignedBy(unsigned.device, 'message', signed.bytes, signed.sig)))
    return { fault: 'bad-signature' }
  const { sub: account } = author.passport
  // Another device of this person may have shown a newer name already.
  const name = facts.nameOf(account) ?? author.passport.name
  return { message: { ...unsigned, id, account, name, signed, passport: author.jwt } }
}

/** The presence in signed bytes, if it is worth a signature's check: right room, fresh, and news. */
export function readPresence(
  { bytes }: SignedBytes,
  facts: RoomFacts,
): Checked<{ presence: Presence }> | 'known' {
  const presence = parsed(() => decodePresence(bytes))
  if (!presence) return { fault: 'malformed' }
  if (presence.room !== facts.room) return { fault: 'wrong-room' }
  const now = facts.now()
  if (presence.ms > now + MAX_CLOCK_AHEAD_MS) return { fault: 'from-the-future' }
  if (presence.ms < now - PRESENCE_LIFETIME_MS) return { fault: 'stale' }
  return isOutrun(presence, facts) ? 'known' : { presence }
}

/** Whether something as new is known of its member. */
export function isOutrun({ device, ms }: Presence, facts: RoomFacts): boolean {
  const last = facts.member(device)
  return last !== undefined && last.ms >= ms
}

/**
 * The presence that `readPresence` read, if it counts: passport valid and its bearer's signature good. The passport comes
 * first: one of an unknown key costs nothing, and one that was seen before little.
 */
export async function checkPresence(
  presence: Presence,
  { bytes, sig }: SignedBytes,
  facts: RoomFacts,
): Promise<Checked<{ passport: Passport }>> {
  let passport: Passport
  try {
    passport = await facts.verifyPassport(presence.passport)
  } catch (error) {
    return { fault: passportFault(error) }
  }
  if (passport.device !== presence.device) return { fault: 'bad-passport' }
  const isGood = await isSignedBy(presence.device, 'presence', bytes, sig)
  return isGood ? { passport } : { fault: 'bad-signature' }
}

/** Who is writing, if it counts. One that comes late says nothing. */
export async function checkTyping(
  { bytes, sig }: SignedBytes,
  facts: RoomFacts,
): Promise<Checked<{ typing: Typing }> | 'useless'> {
  const typing = parsed(() => decodeTyping(bytes))
  if (!typing) return { fault: 'malformed' }
  if (typing.room !== facts.room) return { fault: 'wrong-room' }
  if (facts.isVoid(typing.device)) return { fault: 'void-author' }
  if (!facts.member(typing.device)) return { fault: 'unknown-author' }
  if (Math.abs(facts.now() - typing.ms) > TYPING_LIFETIME_MS + MAX_CLOCK_AHEAD_MS) return 'useless'
  const isGood = await isSignedBy(typing.device, 'typing', bytes, sig)
  return isGood ? { typing } : { fault: 'bad-signature' }
}

function parsed<T>(decode: () => T): T | undefined {
  try {
    return decode()
  } catch {
    return undefined
  }
}
