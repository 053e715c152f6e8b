/**
 * Limits that only the Worker enforces; what clients must know too is in `protocol/limits.ts`.
 * Times are milliseconds unless a name says otherwise.
 */

/** Codes that one network may have open for one address. */
export const MAX_LIVE_CODES_PER_NETWORK = 3
/** Codes mailed to one address in 24 hours, whoever asks. */
export const MAX_CODES_PER_DAY = 100
export const DAY_MS = 24 * 60 * 60_000

/** A server nonce is of one such span of time; it is taken as long as the proof it may date lives. */
export const NONCE_SPAN_MS = 30_000

/** Proof ids that an account remembers at once. Beyond, its requests wait: a client needs a few a minute. */
export const MAX_SPENT_IDS = 2_000
/** Spent ids are forgotten in batches, so that an account does not wake for each. */
export const SPENT_ID_BATCH_MS = 60_000

/** Devices of one account; signing in on one more ends the one that was silent longest. */
export const MAX_DEVICES = 20
/** `lastSeen` is this coarse, so that most requests write nothing. */
export const LAST_SEEN_STEP_MS = 60 * 60_000

/** Fixed for ever: the shard of a name follows from its hash. */
export const NAME_SHARDS = 256
/** A reserved name that no account committed is free again after this. */
export const NAME_LEASE_MS = 60_000
/** A name given up stays its owner's. */
export const NAME_HOLD_MS = 30 * DAY_MS
/** Every rename keeps a name from everybody else for 30 days. */
export const MAX_RENAMES_PER_DAY = 10
/** How often a generated name may turn out taken before sign-in fails. One in millions is. */
export const MAX_NAME_DRAWS = 20

export const MAX_SOCKETS_PER_ACCOUNT = 8
/** The runtime holds 32,768; below it the object stays answerable. */
export const MAX_SOCKETS_PER_ROOM = 20_000
/** A member is live if its socket answered a ping, or opened, within this. Clients ping every 20 s. */
export const LIVE_SOCKET_MS = 45_000
/** Sockets looked at for one set of introductions. */
export const MAX_INTRODUCTION_DRAWS = 64

/** Token bucket per socket: a signal costs 1, asking for introductions 10. */
export const SOCKET_BURST = 120
export const SOCKET_TOKENS_PER_SECOND = 20
export const INTRODUCE_COST = 10
