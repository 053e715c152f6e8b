import type { DeviceId } from '../../protocol/device'
import type { FrameFault } from '../../protocol/frames'
import { LIVE_MESSAGE_MAX_AGE_MS, MAX_CLOCK_AHEAD_MS, PRESENCE_LIFETIME_MS } from '../../protocol/limits'
import { decodeMessage, type SignedBytes, type UnsignedMessage } from '../../protocol/message'
import { isUnknownKey, type Passport } from '../../protocol/passport'
import { decodePresence, type Presence } from '../../protocol/presence'
import type { RoomId } from '../../protocol/room-id'
import { isSignedBy } from '../../protocol/signed'
import type { Member } from './members'

/** What a check needs to know of the room. */
export interface RoomFacts {
  room: RoomId
  now(): number
  member(device: DeviceId): Member | undefined
  verifyPassport(jwt: string): Promise<Passport>
}

export type Checked<T> = T | { fault: FrameFault }

/** The message in signed bytes, if it may be shown: right room, fresh, its author known here, signature good. */
export async function checkMessage(
  { bytes, sig }: SignedBytes,
  facts: RoomFacts,
): Promise<Checked<{ message: UnsignedMessage; author: Passport }>> {
  const unsigned = parsed(() => decodeMessage(bytes))
  if (!unsigned) return { fault: 'malformed' }
  if (unsigned.room !== facts.room) return { fault: 'wrong-room' }
  const now = facts.now()
  if (unsigned.time.ms > now + MAX_CLOCK_AHEAD_MS) return { fault: 'from-the-future' }
  if (unsigned.time.ms < now - LIVE_MESSAGE_MAX_AGE_MS) return { fault: 'stale' }
  const author = facts.member(unsigned.device)?.passport
  if (!author) return { fault: 'unknown-author' }
  if (author.exp * 1000 <= now) return { fault: 'bad-passport' }
  if (!(await isSignedBy(unsigned.device, 'message', bytes, sig))) return { fault: 'bad-signature' }
  return { message: unsigned, author }
}

/** The presence in signed bytes, if it counts: right room, fresh, passport valid and its bearer's signature good. */
export async function checkPresence(
  { bytes, sig }: SignedBytes,
  facts: RoomFacts,
): Promise<Checked<{ presence: Presence; passport: Passport }>> {
  const presence = parsed(() => decodePresence(bytes))
  if (!presence) return { fault: 'malformed' }
  if (presence.room !== facts.room) return { fault: 'wrong-room' }
  const now = facts.now()
  if (presence.ms > now + MAX_CLOCK_AHEAD_MS) return { fault: 'from-the-future' }
  if (presence.ms < now - PRESENCE_LIFETIME_MS) return { fault: 'stale' }
  if (!(await isSignedBy(presence.device, 'presence', bytes, sig))) return { fault: 'bad-signature' }
  try {
    const passport = await facts.verifyPassport(presence.passport)
    return passport.device === presence.device ? { presence, passport } : { fault: 'bad-passport' }
  } catch (error) {
    return { fault: isUnknownKey(error) ? 'unknown-key' : 'bad-passport' }
  }
}

function parsed<T>(decode: () => T): T | undefined {
  try {
    return decode()
  } catch {
    return undefined
  }
}
