import type { DeviceId } from '../../../protocol/device'
import { ACCEPT_BURST } from './parameters'

/** An id of what is broadcast, as frames name it; opaque here. */
export type BroadcastId = string

/** An open link, as the overlay sees it. */
export interface LinkState {
  readonly since: number
  /** Whether we dialled it on the room object's word: it never makes room for others. */
  readonly isTrusted: boolean
  /** Its network, as the room object says; `undefined` when nobody said. */
  readonly bucket: string | undefined
  /** Whether its other end dialled it with urgency. */
  readonly isUrgent: boolean
  /** Plumtree: whether messages are pushed over it, not only announced. */
  readonly isEager: boolean
  /** How often of late, while it was lazy, it was the shorter way, less how often it was not. */
  readonly shorter: number
  /** By how many links it was the shorter way for the newest broadcast that it announced; negative: the longer one. */
  readonly lead: number
  /** Messages of this window that it showed to have, and those that nobody brought before. */
  readonly told: number
  readonly firsts: number
  /** When it last sent a message. */
  readonly sentAt: number
  /** Windows in which it showed next to nothing; messages that it announced and did not send. */
  readonly silent: number
  readonly broken: number
  /** What it had us pass on in this window. */
  readonly walks: number
  readonly shuffles: number
  readonly signals: number
  readonly grafted: number
  readonly announced: number
}

/** A member that is not linked and may be dialled: HyParView's passive view. */
export interface Candidate {
  readonly failures: number
  readonly retryAt: number
}

export interface Introduced {
  /** Its network, by the room object's word. */
  readonly bucket: string
  readonly at: number
}

/** A message that was announced and has not come yet. */
export interface Awaited {
  /** Who announced it and was not asked yet, in order. */
  readonly sources: readonly DeviceId[]
  /** All who announced it, and how far it had come there. */
  readonly announcers: ReadonlyMap<DeviceId, number>
  /** Who was asked for it. */
  readonly asked: DeviceId | undefined
  readonly dueAt: number
}

export interface Announcement {
  readonly id: BroadcastId
  /** Links it took to reach the announcer. */
  readonly hops: number
}

/** How a broadcast came first. */
export interface Way {
  readonly from: DeviceId
  readonly hops: number
}

/** What the overlay of one room knows. Never changed in place. */
export interface MeshState {
  readonly me: DeviceId
  readonly links: ReadonlyMap<DeviceId, LinkState>
  /** Links that were given up and carry signals until then. */
  readonly leaving: ReadonlyMap<DeviceId, number>
  /** Links being set up, by who began. */
  readonly pending: ReadonlyMap<DeviceId, Pending>
  readonly passive: ReadonlyMap<DeviceId, Candidate>
  readonly introduced: ReadonlyMap<DeviceId, Introduced>
  /** Peers that misbehaved: no link until then. */
  readonly shunned: ReadonlyMap<DeviceId, number>
  /** Members that said goodbye to the room: what others still tell of them until then counts for nothing. */
  readonly departed: ReadonlyMap<DeviceId, number>
  /** Over which link a peer was heard of, and when. */
  readonly routes: ReadonlyMap<DeviceId, { readonly via: DeviceId; readonly at: number }>
  /** Signals that look for their addressee everywhere, and when they were passed on. */
  readonly floods: ReadonlyMap<string, number>
  /** Who made offers lately, and from which network. */
  readonly offerers: ReadonlyMap<DeviceId, { readonly bucket: string | undefined; readonly at: number }>
  /** How many of them there are of each network: a device of a crowd is one of many that ask. */
  readonly pressure: ReadonlyMap<string | undefined, number>
  /** When an offer of a peer was last answered; forgotten after `ACCEPT_EVERY_MS`. */
  readonly acceptedAt: ReadonlyMap<DeviceId, number>
  /** Offers that may be answered at `at` (ms), and from then on as `ACCEPTS_PER_SECOND` allows. */
  readonly accepts: { readonly left: number; readonly at: number }
  readonly isCrowded: boolean
  /** Until when this member does not know yet how large the room is. */
  readonly newUntil: number
  readonly askedAt: number
  readonly seek: { readonly inVain: number; readonly at: number }
  readonly shuffleAt: number
  readonly shuffled: readonly DeviceId[]
  readonly rotateAt: number
  /** Until when the room may be torn, or beset by peers that misbehave; links lost lately. */
  readonly troubledUntil: number
  readonly lostAt: readonly number[]
  /** Plumtree. */
  readonly awaited: ReadonlyMap<BroadcastId, Awaited>
  readonly announcements: ReadonlyMap<DeviceId, readonly Announcement[]>
  readonly announceAt: number
  /** How the newest messages came: over which link, and how far. */
  readonly ways: ReadonlyMap<BroadcastId, Way>
  /** Over which link the newest broadcast came first. */
  readonly parent: DeviceId | undefined
  /** Messages of this window, and when it ends. */
  readonly heard: number
  readonly windowEndsAt: number
  /** When to look around next, while something is wanted. */
  readonly beatAt: number
}

export interface Pending {
  readonly by: 'us' | 'them'
  readonly isUrgent: boolean
  readonly bucket: string | undefined
  readonly since: number
}

export const emptyMesh = (me: DeviceId): MeshState => ({
  me,
  links: new Map(),
  leaving: new Map(),
  pending: new Map(),
  passive: new Map(),
  introduced: new Map(),
  shunned: new Map(),
  departed: new Map(),
  routes: new Map(),
  floods: new Map(),
  offerers: new Map(),
  pressure: new Map(),
  acceptedAt: new Map(),
  accepts: { left: ACCEPT_BURST, at: 0 },
  isCrowded: false,
  newUntil: Number.POSITIVE_INFINITY,
  askedAt: Number.NEGATIVE_INFINITY,
  seek: { inVain: 0, at: Number.NEGATIVE_INFINITY },
  shuffleAt: Number.POSITIVE_INFINITY,
  shuffled: [],
  rotateAt: Number.POSITIVE_INFINITY,
  troubledUntil: Number.NEGATIVE_INFINITY,
  lostAt: [],
  awaited: new Map(),
  announcements: new Map(),
  announceAt: Number.POSITIVE_INFINITY,
  ways: new Map(),
  parent: undefined,
  heard: 0,
  windowEndsAt: Number.POSITIVE_INFINITY,
  beatAt: Number.POSITIVE_INFINITY,
})
