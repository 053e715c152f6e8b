import type { TwitchLink } from '../../protocol/api'
import type { AccountId, DeviceId } from '../../protocol/device'
import type { Role } from '../../protocol/role'
import type { Tokens } from './oauth'

/** What binds an authorization to its attempt; the account object keeps it. */
export interface AttemptSecrets {
  nonce: string
  verifier: string
}

/** How an attempt came back from Twitch. */
export type TwitchAnswer =
  | { outcome: 'identified'; userId: string; login: string; streams: boolean; tokens: Tokens }
  | { outcome: 'cancelled' | 'unavailable' }

export type Linking =
  | { outcome: 'linked'; link: TwitchLink }
  | { outcome: 'cancelled' | 'unavailable' | 'taken' | 'refused' }
  /** Another account's until lately; free at `until` (ms). */
  | { outcome: 'on-hold'; until: number }

export type RoleFinding =
  | { outcome: 'found'; role: Role; channel: string; until: number }
  /** No role; `until` (ms) Twitch is not asked again. */
  | { outcome: 'none'; until: number }
  | { outcome: 'unavailable' }

/** Whether an account holds a Twitch id: linked to it, about to be, no more but the registry has not heard, or not at all. */
export type TwitchHold = 'held' | 'pending' | 'given-up' | 'none'

/** Whose a Twitch id is now: the asker's, another account's, or nobody's but free only at `until` (ms). */
export type TwitchClaim = { outcome: 'yours' | 'taken' } | { outcome: 'on-hold'; until: number }

/** What an account tells its owner. No tokens: they are of no use to anybody. Times in ms. */
export interface TwitchExport {
  link: (TwitchLink & { userId: string; linkedAt: number; checkAt: number; seenAt: number }) | null
  /** Ids that the registry counts as this account's, by their pseudonyms. */
  claims: { pseudonym: string; state: string; since: number }[]
  /** Tries to link that are under way. */
  attempts: { device: string; redirect: string; expiresAt: number }[]
  /** Channels that were asked about, with the id behind the login; `null`: nobody's. */
  channels: { login: string; channel: string | null; until: number }[]
  /** Ids of the channels that it moderates. */
  moderated: string[]
  /** Consents that are still to be taken back at Twitch. */
  leftovers: number
}

/** The part of an account that knows about Twitch. `attempt` names one try to link. */
export interface TwitchAccountPort {
  /** Begins to link for `device`; ends at `redirect`. Returns the attempt. */
  beginTwitch(begin: { device: DeviceId; redirect: string }): Promise<{ attempt: string; expiresAt: number }>
  /** What to ask Twitch with, as often as it is needed before Twitch has answered. */
  askTwitch(attempt: string): Promise<AttemptSecrets | undefined>
  /** The same, once, for the answer; with where it goes. */
  takeTwitchAttempt(attempt: string): Promise<(AttemptSecrets & { redirect: string }) | undefined>
  /** Keeps the answer for the device that began, and returns what that device trades for it. */
  answerTwitch(attempt: string, answer: TwitchAnswer): Promise<string>
  redeemTwitch(redemption: { device: DeviceId; result: string }): Promise<Linking>
  /** `undefined` where nothing is linked. */
  showTwitch(shown: boolean): Promise<TwitchLink | undefined>
  unlinkTwitch(): Promise<void>
  /** What the account is in the room of `login`. */
  roleIn(login: string): Promise<RoleFinding>
  /** Asked by the registry before it gives an id to somebody else. */
  holdsTwitch(pseudonym: string): Promise<TwitchHold>
}

/** Who one Twitch account belongs to. `pseudonym` is the HMAC of its id, and names the object. */
export interface TwitchRegistryPort {
  /** Makes it `owner`'s, if nobody else has it or had it within `TWITCH_HOLD_MS`. */
  claim(pseudonym: string, owner: AccountId): Promise<TwitchClaim>
  /** `owner` has it no more; for `TWITCH_HOLD_MS` nobody else can have it. */
  release(owner: AccountId): Promise<void>
}
