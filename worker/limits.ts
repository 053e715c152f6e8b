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

/** What one device may ask for: so often at once, and one each `everyMs` in the long run. */
export const DEVICE_PACES = {
  ice: { burst: 10, everyMs: 2 * 60_000 },
  /** One for each socket: many tabs that open at once, and networks through which no socket stays open. */
  ticket: { burst: 60, everyMs: 5_000 },
} as const

/** TURN credentials hold this long: a leaked pair is worth an hour of relaying. */
export const RELAY_LIFETIME_MS = 60 * 60_000
/** Members ask again after this when the configured relay was not to be had. */
export const RELAY_RETRY_MS = 10 * 60_000

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

/** Messages of one socket, hub frames apart; asking for introductions counts as ten. Beyond, the socket is ended. */
export const SOCKET_MESSAGES = { burst: 120, perSecond: 20 } as const
export const INTRODUCE_COST = 10
/** Signals of one socket to one addressee. Those beyond are dropped: dialling again is the dialler's business. */
export const SIGNALS_TO_ONE = { burst: 10, perSecond: 1 } as const
/** Addressees for whom a socket's signals are counted; as many can be signalled within ten seconds. */
export const MAX_SIGNALLED = 64
/**
 * How many times the burst of `HUB_FRAMES` and `HUB_BYTES` a socket really has: frames that were paced well still
 * arrive in a heap when the network held them up. Beyond, the socket is ended: a frame that was dropped silently would be
 * missing for good, whoever comes back compares logs.
 */
export const HUB_BURST_SLACK = 2
