import type { FrameFault } from '../../protocol/frames'
import { isUnknownKey } from '../../protocol/passport'

/** Thrown where a passport would hold, had it not been revoked. */
export class RevokedError extends Error {
  override readonly name = 'RevokedError'
}

/** Thrown where a passport would hold, were it linked to a Twitch account. */
export class UnlinkedError extends Error {
  override readonly name = 'UnlinkedError'
}

/** Thrown where a passport would hold, had its account not been banned from the room. */
export class BannedError extends Error {
  override readonly name = 'BannedError'
}

/** What is wrong with a passport, or another word of the Worker's, that was refused with `error`. */
export function passportFault(error: unknown): FrameFault {
  if (error instanceof RevokedError) return 'revoked'
  if (error instanceof UnlinkedError) return 'unlinked'
  if (error instanceof BannedError) return 'banned'
  return isUnknownKey(error) ? 'unknown-key' : 'bad-passport'
}
