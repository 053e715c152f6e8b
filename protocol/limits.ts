/**
 * Every limit that two ends of a wire must agree on, named once. Sizes are bytes, times milliseconds.
 * Limits that concern one side only (back-off, grace periods) are declared beside the code they govern.
 */

/** Version of frames, messages and signals. What carries another one is refused as malformed. */
export const PROTOCOL_VERSION = 1

/** A message's text. */
export const MAX_TEXT_CODE_POINTS = 500
export const MAX_TEXT_BYTES = 2_000

/** One frame on a link, whatever its kind. Well under the 16 KiB that every SCTP stack takes in one piece. */
export const MAX_FRAME_BYTES = 8_192

/** One signed offer or answer, sealed or not: one frame, no trickle. What may be signed (4,096 bytes) fits when it is sealed, too. */
export const MAX_SIGNAL_BYTES = 4_352
export const MAX_SDP_BYTES = 2_600

/** A passport as compact JWT. */
export const MAX_PASSPORT_BYTES = 1_200

/** A role grant as compact JWT. */
export const MAX_ROLE_GRANT_BYTES = 800

/** A revocation as compact JWT, how many one frame or socket message carries, and how many are remembered in a room. */
export const MAX_REVOCATION_BYTES = 512
export const MAX_REVOCATIONS_PER_FRAME = 12
export const MAX_REVOCATIONS = 256

/** Rulings on how a room is run (`linked-only`, `slow`) that are remembered of each kind: what was decided last, and what before. */
export const MAX_RULINGS = 8
/** How many rulings of one device are taken: at once, and each second in the long run. Each goes to everybody. */
export const RULING_PACE = { burst: 60, perSecond: 0.5 } as const
/** Accounts on which broadcasters, and as many on which moderators, decided last, that are remembered in a room. */
export const MAX_BARS = 256
/** Messages that were deleted last by broadcasters, and as many by moderators, that are remembered in a room. */
export const MAX_DELETIONS = 256
/** Accounts that are remembered to have shown that they have a role. */
export const MAX_STAFF = 64
/** Devices of one account whose last words a ruling names. */
export const MAX_HEARD_DEVICES = 16
/** The longest time-out, and the slowest a room can be made (seconds between two messages of one account). */
export const MAX_TIMEOUT_MS = 14 * 24 * 60 * 60_000
export const MAX_SLOW_SECONDS = 3_600
/** Rulings that one frame or socket message asks for. */
export const MAX_RULINGS_ASKED = 64

/** A report on somebody: its signed bytes, the reporter's words (code points), messages and passports that it brings along. */
export const MAX_REPORT_BYTES = 6_144
export const MAX_REPORT_WORDS = 300
export const MAX_REPORT_MESSAGES = 10
export const MAX_REPORT_PASSPORTS = 2
/** Devices of moderators that one report is sealed to. */
export const MAX_REPORT_DEVICES = 8
/** An older report, or one from further ahead than a clock may be, is not taken. */
export const MAX_REPORT_AGE_MS = 5 * 60_000
/** Reports that one link may bring to be passed on: at once, and each second in the long run. Each goes to everybody. */
export const REPORT_PACE = { burst: 6, perSecond: 0.1 } as const

/** A frame sealed for a link through the room object: session and counter in front, a tag behind. */
export const MAX_HUB_BYTES = MAX_FRAME_BYTES + 64

/** One binary message on a room socket: what it carries and its envelope. */
export const MAX_SOCKET_MESSAGE_BYTES = Math.max(MAX_SIGNAL_BYTES, MAX_HUB_BYTES) + 256

/** What one member may send through the room object to others, at once and each second in the long run. */
export const HUB_FRAMES = { burst: 300, perSecond: 60 } as const
export const HUB_BYTES = { burst: 1_000_000, perSecond: 64_000 } as const

/** A signal older or further ahead than this is not answered; its nonce is remembered as long. */
export const SIGNAL_FRESHNESS_MS = 60_000

/** A device's word on direct links, as introductions carry it, counts for so long. */
export const MAX_CONSENT_AGE_MS = 24 * 60 * 60_000

/** A message carried live may be this old; older ones come only by reconciliation. */
export const LIVE_MESSAGE_MAX_AGE_MS = 120_000
/** How far ahead of our clock a message may be stamped. */
export const MAX_CLOCK_AHEAD_MS = 30_000

/** A member says that it is here this often, and is forgotten when it was silent for the latter. */
export const PRESENCE_INTERVAL_MS = 60_000
export const PRESENCE_LIFETIME_MS = 150_000

/** A link on which nothing was heard for `LINK_SILENCE_MS` is dead; a quiet one is pinged before. */
export const LINK_PING_MS = 8_000
export const LINK_SILENCE_MS = 25_000

/** What one link may bring: bursts (a fresh link tells who is here), and each second in the long run. */
export const LINK_FRAMES = { burst: 3_000, perSecond: 1_000 } as const
export const LINK_BYTES = { burst: 3_000_000, perSecond: 1_000_000 } as const
/** Frames of one link that wait for their signatures to be checked. */
export const MAX_QUEUED_FRAMES = 1_024
/** What members of a larger room say to each other about the room's links: see `overlay.ts`. */
export const BROADCAST_ID_BYTES = 8
/** Links that a broadcast takes at most, and steps of whatever is passed on from member to member. */
export const MAX_HOPS = 64
export const MAX_STEPS = 16
/** Ids in one announcement, and in one request. */
export const MAX_ANNOUNCED_IDS = 128
/** Members in one shuffle. */
export const MAX_SHUFFLED = 8

/** Members that a fresh link is told of, the newest first: their frames must fit into that queue. */
export const MAX_PRESENCE_SYNC = 500
/**
 * What one device may say in a room: message `n + messages` is stamped at least `ms` after message `n`. Part of what
 * makes a message valid, so a faster one counts nowhere.
 */
export const SAY_PACE = { messages: 20, ms: 30_000 } as const
export interface SayPace {
  readonly messages: number
  readonly ms: number
}

/** The newest valid messages of a room, which every member keeps and gives to those who lack them. */
export const LOG_LENGTH = 1_000
/** Devices of a room that are known to have contradicted themselves. */
export const MAX_PROOFS = 256

/** How finely two members compare their logs: buckets of time, each with a hash over its messages' ids. */
export const DIGEST_BUCKETS = 64
export const DIGEST_HASH_BYTES = 8
/** An id as logs are compared: the first bytes of the message's SHA-256. */
export const SHORT_ID_BYTES = 16
/** Short ids in one frame. */
export const MAX_IDS_PER_FRAME = 400
/** What one link may have us send of the past: in one go, and each second in the long run (bytes). */
export const PAST_BYTES = { burst: 2_000_000, perSecond: 20_000 } as const

/** Somebody is writing: said again this often while it lasts, believed this long. */
export const TYPING_INTERVAL_MS = 4_000
export const TYPING_LIFETIME_MS = 8_000
/** Rooms with more people than this do not tell who is writing. */
export const MAX_PEOPLE_TYPING = 25
/** Rooms with more people than this show a sample and a count. */
export const MAX_PEOPLE_NAMED = 100
/**
 * Such a room is a crowd, until fewer than the former are left in it. There about so many members a minute, by chance, say to
 * the whole room that they are here; the others do so when they speak.
 */
export const CROWD_ENDS_AT = 80
export const CROWD_SAMPLE = 6
/** The largest room that anybody may believe to be in. */
export const MAX_CROWD = 10_000_000
/** Members of a crowd that a fresh link is told of. */
export const MAX_CROWD_SYNC = 30

/** Frames that a correct peer never sends: after this many the link ends. */
export const MAX_INVALID_FRAMES = 3

/** How many members the room object introduces to a newcomer. */
export const MAX_INTRODUCTIONS = 8

/** Display names, in graphemes. */
export const MIN_NAME_GRAPHEMES = 3
export const MAX_NAME_GRAPHEMES = 25
/** The same in UTF-8. */
export const MAX_NAME_BYTES = 100

/** A profile picture: a still WebP, this many pixels wide and high, at most so many bytes. */
export const PICTURE_PIXELS = 256
export const MAX_PICTURE_BYTES = 50_000

/** Any JSON body the Worker reads. */
export const MAX_BODY_BYTES = 8_192
export const MAX_EMAIL_LENGTH = 254

export const CODE_DIGITS = 6
export const CODE_LIFETIME_MS = 10 * 60_000
/** Guesses per address and device key, across resends. */
export const CODE_ATTEMPTS = 5

export const ACCESS_TOKEN_LIFETIME_MS = 15 * 60_000
export const PASSPORT_LIFETIME_MS = 24 * 60 * 60_000
export const ROLE_GRANT_LIFETIME_MS = 24 * 60 * 60_000
/** An attempt to link a Twitch account has to come back from Twitch within this. */
export const TWITCH_ATTEMPT_LIFETIME_MS = 10 * 60_000
/** A revocation outlives by a day the last passport that it speaks of. */
export const REVOCATION_LIFETIME_MS = 2 * PASSPORT_LIFETIME_MS
export const TICKET_LIFETIME_MS = 30_000
/** How old a device assertion or a DPoP proof may be, after correction by the server's clock. */
export const PROOF_MAX_AGE_MS = 60_000

/** A frame is passed on only while it is fresher than this, so that the next peer never finds it stale. */
export const FORWARD_MAX_AGE_MS = LIVE_MESSAGE_MAX_AGE_MS / 2
