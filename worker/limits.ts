/**
 * Limits that only the Worker enforces; what clients must know too is in `protocol/limits.ts`.
 * Times are milliseconds unless a name says otherwise. Imports nothing: scripts read it in plain Node.
 */

/** Codes that one network may have open for one address. */
export const MAX_LIVE_CODES_PER_NETWORK = 3
export const DAY_MS = 24 * 60 * 60_000
/**
 * Codes mailed to one address in 24 hours: `mails` in all. `free` for whoever asks, `perNetwork` to each network; then
 * `paced`, one per network and far apart; the rest for browsers that signed in there before. See `mail-budget.ts`.
 */
export const DAILY_MAILS = { mails: 100, free: 30, paced: 50, perNetwork: 10 } as const
/** Browsers that one address remembers for that. */
export const MAX_RETURNING = 20
/** Mails that one network may ask for, to whichever addresses: a university signs in, a flood does not. */
export const NETWORK_MAILS = { burst: 40, everyMs: 60_000 } as const

/** A server nonce is of one such span of time; it is taken as long as the proof it may date lives. */
export const NONCE_SPAN_MS = 30_000

/** A new signing key is published this long before it signs, so that every client has fetched it by then. */
export const KEY_LEAD_MS = 48 * 60 * 60_000
/** A key that signs no more keeps its private half this long, because the tokens and tickets it signed hold on. */
export const KEY_DRAIN_MS = 60 * 60_000
/**
 * A retired key stays published this long. Members keep what was said, with the passports of then, and give it to
 * newcomers, who can check it as long as the key is published: what is older is on the disks of those who heard it, and
 * reaches nobody else.
 */
export const KEY_ARCHIVE_MS = 2 * 365 * DAY_MS

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
  /** Each costs a decode, also of what is refused in the end. */
  picture: { burst: 5, everyMs: 60_000 },
  /** Asked while a name is typed, after a pause each. */
  names: { burst: 60, everyMs: 2_000 },
  suggestions: { burst: 20, everyMs: 10_000 },
  /** Also those that end in `name_taken`, of which `MAX_RENAMES_PER_DAY` counts none. */
  renames: { burst: 20, everyMs: 60_000 },
  /** Tries to link a Twitch account. */
  twitch: { burst: 6, everyMs: 60_000 },
  /** Channels whose room a device asks its role in; most answers are remembered. */
  role: { burst: 40, everyMs: 15_000 },
  /** One for each socket: many tabs that open at once, and networks through which no socket stays open. */
  ticket: { burst: 60, everyMs: 5_000 },
} as const

/** Reports for the operator: those of one account, and of one network, whoever it is that reports. */
export const ACCOUNT_REPORTS = { burst: 5, everyMs: 10 * 60_000 } as const
export const NETWORK_REPORTS = { burst: 30, everyMs: 60_000 } as const
/** How many are kept, the newest, and how long; and how many an operator is listed at once. */
export const MAX_REPORTS_KEPT = 1_000
export const MAX_REPORTS_OF_REPORTER = 10
export const REPORT_LIFETIME_MS = 90 * DAY_MS
export const MAX_REPORTS_LISTED = 200

/** TURN credentials hold this long: a leaked pair is worth an hour of relaying. */
export const RELAY_LIFETIME_MS = 60 * 60_000
/** Members ask again after this when the configured relay was not to be had. */
export const RELAY_RETRY_MS = 10 * 60_000

/**
 * A Twitch account that was unlinked stays its last account's this long: until then passports and role grants of that
 * account may say so, and it vouches for one account at a time.
 */
export const TWITCH_HOLD_MS = 24 * 60 * 60_000
/** Tries to link a Twitch account that one account has under way at once. */
export const MAX_TWITCH_ATTEMPTS = 5
/** What came back from Twitch waits this long for the device that began. */
export const TWITCH_RESULT_LIFETIME_MS = 2 * 60_000
/** How often Twitch is asked whether it still vouches for a link, and how soon again if it could not be asked. */
export const TWITCH_CHECK_MS = 60 * 60_000
export const TWITCH_RETRY_MS = 10 * 60_000
/** Tokens that could not be taken back are given up after so many tries, the last one days later: they end by themselves. */
export const MAX_REVOKE_TRIES = 10
/** What Twitch said about roles is not asked again within this. */
export const ROLE_CACHE_MS = 15 * 60_000
/** Channels whose id an account remembers. */
export const MAX_KNOWN_CHANNELS = 200

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
/** Names that one alarm of a shard looks after; it rings again for the rest. */
export const MAX_LAPSES_PER_ALARM = 200
/** Names in one answer of `GET /names/suggest`. */
export const SUGGESTED_NAMES = 5

/** Profile pictures that one account may store in 24 hours. */
export const MAX_PICTURES_PER_DAY = 20
/** What a kill left in the bucket is removed after this: by then no upload of that time is still on its way. */
export const PICTURE_LEASE_MS = 60_000

/** A socket is ended at this age; its member comes back with a fresh ticket. */
export const MAX_SOCKET_AGE_MS = 24 * 60 * 60_000
/** A room for which a device had a ticket is remembered a little longer, to be told if the device ends. */
export const ROOM_VISIT_MS = MAX_SOCKET_AGE_MS + 60 * 60_000
/** Rooms that one device may have tickets for within that time. */
export const MAX_ROOMS_PER_DEVICE = 500
/** Rooms that are told of a revocation in one go: the runtime allows 1,000 calls. */
export const TELLINGS_AT_ONCE = 300
/** A room that could not be told is told after this, then ever later. */
export const TELLING_RETRY_MS = 5_000
/** What an account could not erase, or its alarm could not do, is tried again after this. */
export const ENDING_RETRY_MS = 60_000
/** Revocations of one account that a room remembers. */
export const MAX_REVOCATIONS_PER_ACCOUNT = 20

export const MAX_SOCKETS_PER_ACCOUNT = 8
/** The runtime holds 32,768; below it the object stays answerable. */
export const MAX_SOCKETS_PER_ROOM = 20_000
/** A member is live if its socket answered a ping, or opened, within this. Clients ping every 20 s. */
export const LIVE_SOCKET_MS = 45_000
/** Sockets of one network: half of a room, so that whoever fills it from one has not filled it for all others. */
export const MAX_SOCKETS_PER_NETWORK = MAX_SOCKETS_PER_ROOM / 2
/** Sockets looked at for one set of introductions, and for one network's next turn: most are live in most rooms. */
export const INTRODUCTION_LOOKS = { all: 256, turn: 8 } as const
/** Members that a socket was told of lately, whom others of their network come before. */
export const MAX_TOLD = 32

/** Messages of one socket, hub frames apart; asking for introductions counts as ten. Beyond, the socket is ended. */
export const SOCKET_MESSAGES = { burst: 120, perSecond: 20 } as const
export const INTRODUCE_COST = 10
/** The same for a ruling, which has to be checked. */
export const RULE_COST = 20
/** The same for asking for rulings, of which one answer may bring a hundred thousand bytes. */
export const TELL_COST = 40
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
