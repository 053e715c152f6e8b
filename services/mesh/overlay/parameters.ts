/**
 * Parameters of the overlay, from the papers: HyParView (Leitão, Pereira, Rodrigues, DSN 2007), Plumtree (the same, SRDS
 * 2007), GossipSub v1.1 (Vyzovitis et al., 2020). Times are ms.
 */

/** Up to so many members everyone is linked with everyone; back to that when the room shrinks to the latter. */
export const FULL_MESH_MEMBERS = 8
export const FULL_MESH_AGAIN = 6

/** HyParView's active view: links of a member in a larger room. */
export const ACTIVE_VIEW = 5
/** HyParView's passive view: members that are remembered for dialling. */
export const PASSIVE_VIEW = 30
/** A walk in search of a free place takes so many steps (ARWL), and is remembered by who stands at this one (PRWL). */
export const WALK_STEPS = 6
export const WALK_REMEMBERED_AT = 3
/** A shuffle carries so many of the active and of the passive view, so many steps far, this often. */
export const SHUFFLE_ACTIVE = 3
export const SHUFFLE_PASSIVE = 4
export const SHUFFLE_STEPS = 3
export const SHUFFLE_EVERY_MS = 60_000
/**
 * In its first moments a member does not know whether the room is small: many may be coming with it. So long it takes no more
 * links than a few, which are enough to hear everybody.
 */
export const FIRST_MS = 2_000
export const FIRST_LINKS = 3
/** With fewer links than this, a member dials with urgency: whoever is asked makes room. */
export const ENOUGH_LINKS = 2
/** Links that a member dialled on the room object's word, to as many networks: what a crowd of one network cannot take from it. */
export const TRUSTED_LINKS = 2
/** A search for a free place that found none is repeated, first after this, then less and less often. */
export const SEEK_EVERY_MS = 1_500
export const SEEK_SELDOM_MS = 30_000
/** After so many searches in vain somebody is dialled all the same. */
export const SEEKS_IN_VAIN = 3
/** A full member takes up a link with somebody else this often, for the graph's sake; and more often when in trouble. */
export const ROTATE_EVERY_MS = 15 * 60_000
export const ROTATE_TROUBLED_MS = 60_000
/** Who lost half of its links within the latter, or a link to misconduct, believes for so long that the room is in trouble. */
export const TROUBLE_MS = 10 * 60_000
export const LOSSES_MS = 30_000
/** A link that was given up carries signals for so long: its end is told who took its place. */
export const LINGER_MS = 5_000

/** Dials under way at once, and offers being answered. */
export const MAX_DIALS = 4
export const MAX_ACCEPTS = 8
/** Offers of one peer are answered no more often than this: each costs a connection. */
export const ACCEPT_EVERY_MS = 3_000
/**
 * Offers answered, whoever makes them: at once, and each second in the long run. A browser holds 500 connections, and
 * forgets those that ended only when it collects its garbage.
 */
export const ACCEPT_BURST = 32
export const ACCEPTS_PER_SECOND = 2
/**
 * Devices whose offers are remembered with their networks, for so long: where many devices of one network press, they make
 * room for others, and not the other way round.
 */
export const MAX_OFFERERS = 256
export const PRESSURE_MS = 10 * 60_000
/** A link that told nothing has had a chance to after this. */
export const DUMB_AFTER_MS = 10_000
/** A newcomer dials; those who only heard of it leave it this long, so that both do not dial at once. */
export const HEARD_GRACE_MS = 3_000
/** A peer that was dialled so often in vain is forgotten, until it is heard of again. */
export const MAX_FAILURES = 5
/** Who was refused because there was no place does not ask the same member again for so long. */
export const FULL_RETRY_MS = 30_000
/** Who was told goodbye, or told us, is not dialled for so long (GossipSub v1.1, prune back-off). */
export const BACKOFF_MS = 60_000
/** Who said goodbye to the room may be told of by others for so long, and so many of them are remembered. */
export const DEPARTED_MS = 3 * 60_000
export const MAX_DEPARTED = 200
/** With too few links more members are asked for: often when some are known to be there, else rarely. */
export const INTRODUCE_EVERY_MS = 15_000
export const INTRODUCE_ALONE_EVERY_MS = 120_000
/** Members named by the room object that are remembered with their network. */
export const MAX_INTRODUCED = 24

/** How a peer was heard of shows the way to it for so long. */
export const ROUTE_MS = 60_000
export const MAX_ROUTES = 200
/** Steps of a signal on a known way, and of one that looks for its addressee everywhere. */
export const SIGNAL_STEPS = 10
export const FLOOD_STEPS = 4
/** What of one kind one link may have us pass on within a window. */
export const MAX_WALKS = 100
export const MAX_SHUFFLES = 20
export const MAX_SIGNALS = 80
/** What one that looks for its addressee everywhere counts for. */
export const FLOOD_COST = 10
/** Signals that look for their addressee everywhere: passed on within a window, and remembered to pass each on once. */
export const MAX_FLOODS = 20

/** Announcements to lazy links wait this long for more of them. */
export const ANNOUNCE_MS = 600
/** A message that was only announced is asked for after the first, more or less by half, and of the next one after the second. */
export const GRAFT_AFTER_MS = 1_200
export const GRAFT_AGAIN_MS = 2_000
/** Over a link as young as the former, one is told what went before: it is asked for after the latter. */
export const FRESH_LINK_MS = 3_000
export const GRAFT_SOON_MS = 20
/** A link that was the shorter way so many times more than not takes the place of the other; more of them by so much for each message of a window. */
export const SHORTER_TIMES = 3
export const SHORTER_TIMES_PER_MESSAGE = 0.1
/** With more messages in a window than this, not each that comes once more prunes. */
export const PRUNING_MESSAGES = 3
/** Newest messages whose way is remembered. */
export const REMEMBERED_WAYS = 64
/** Ids in one announcement, and announced messages of one link that are waited for. */
export const MAX_ANNOUNCED = 128
export const MAX_AWAITED = 256
/** Messages that one link may have again within a window, because it asked. */
export const MAX_GRAFTED = 256

/** While something is wanted, a member looks around this often. */
export const BEAT_MS = 1_000

/** Conduct is judged in windows of this length. */
export const WINDOW_MS = 15_000
/** A window with fewer messages says nothing. */
export const TELLING_MESSAGES = 5
/** In a window a peer has to show at least this share of them, by sending or announcing each; and so many windows without end its link. */
export const TOLD_SHARE = 0.25
export const SILENT_WINDOWS = 2
/** Messages that a peer announced and did not send when asked: so many end its link. */
export const MAX_BROKEN_PROMISES = 3
