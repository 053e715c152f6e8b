import { EXCUSABLE_FAULTS, type Frame, type FrameFault } from '../../protocol/frames'
import {
  LINK_BYTES,
  LINK_FRAMES,
  LINK_PING_MS,
  LINK_SILENCE_MS,
  MAX_INVALID_FRAMES,
  MAX_PRESENCE_SYNC,
  MAX_QUEUED_FRAMES,
} from '../../protocol/limits'
import type { Clock } from '../clock'
import { TokenBucket } from '../token-bucket'
import { RecentIds } from './recent-ids'

const REMEMBERED_FRAMES = 4_096
/** Words on who is writing that one link may bring to be checked, at once and each second: they are worth little. */
const TYPING_WORDS = { burst: 40, perSecond: 10 } as const
/** What a neighbour may have to say about the room's links, at once and each second: most of it goes with what is broadcast. */
const OVERLAY_FRAMES = { burst: 300, perSecond: 60 } as const
/**
 * Frames that told us nothing: what other links brought before (it counts for half: it costs less to find out), pings, what
 * cannot be used. In the long run there are about as many as a fast room has messages.
 */
const USELESS_FRAMES = { burst: 250, perSecond: 120 } as const
/**
 * Besides, a fresh link tells of everybody, whom we may know already; and whoever is here says so once a minute. This is
 * enough for as many people; for more of them it grows with their number, up to what a link may bring at all.
 */
const KNOWN_MEMBERS = { burst: MAX_PRESENCE_SYNC, perSecond: 20, people: 600 } as const
const MAX_CROWDING = LINK_FRAMES.perSecond / KNOWN_MEMBERS.perSecond
/** A link that is doubted has this long to answer (ms). */
const PROBE_MS = 5_000
/**
 * What comes within this time (ms) after we heard nothing for longer than any link keeps silent was said while we slept:
 * it comes all at once, and late, through nobody's fault.
 */
const AWAKENING_MS = 5_000

/**
 * What came of a frame that is nobody's fault and told us nothing, and what it counts for: another link was quicker with the
 * same word of being here (which each has to pass on, once, so there are no more of them than of news); a message was known,
 * or a newer word of a member; the peer itself said more than it may (nobody else can make it seem so); or else.
 */
const USELESS = { echo: 0, known: 0.5, 'known-member': 1, excess: 5, useless: 1 } as const
export type Useless = keyof typeof USELESS
export const isUseless = (outcome: string): outcome is Useless => outcome in USELESS
/** When a word of being here was said, by our clock, which may be wrong: found out as cheaply as that it is known. */
const MISTIMED: ReadonlySet<FrameFault> = new Set(['stale', 'from-the-future'])

interface Wiring {
  clock: Clock
  ping(): void
  /** How many people are in the room. */
  peopleCount(): number
  /** Counts what no correct peer does. Returns whether it was too much. */
  offended(offences: number): boolean
  /** The link is silent or misbehaves: close it. */
  end(): void
}

/** Watches one link: is it alive, does it repeat itself, does it bring what no correct peer sends, or little else than what nobody needs? */
export class LinkGuard {
  readonly #wiring: Wiring
  readonly #seen = new RecentIds(REMEMBERED_FRAMES)
  readonly #frames: TokenBucket
  readonly #bytes: TokenBucket
  readonly #typing: TokenBucket
  readonly #overlay: TokenBucket
  readonly #useless: TokenBucket
  readonly #knownMembers: TokenBucket
  #queued = 0
  #hasEnded = false
  #heardAt: number
  /** When the ping was sent that was not answered yet, and how long the last answer took (ms). */
  #pingedAt: number | undefined
  #roundTrip: number | undefined
  #awokeAt = Number.NEGATIVE_INFINITY
  #cancelTimer: () => void
  #cancelProbe = () => {}
  #endPause = () => {}

  constructor(wiring: Wiring) {
    this.#wiring = wiring
    const now = wiring.clock.now()
    this.#heardAt = now
    this.#frames = new TokenBucket(LINK_FRAMES.burst, LINK_FRAMES.perSecond, now)
    this.#bytes = new TokenBucket(LINK_BYTES.burst, LINK_BYTES.perSecond, now)
    this.#typing = new TokenBucket(TYPING_WORDS.burst, TYPING_WORDS.perSecond, now)
    this.#overlay = new TokenBucket(OVERLAY_FRAMES.burst, OVERLAY_FRAMES.perSecond, now)
    this.#useless = new TokenBucket(USELESS_FRAMES.burst, USELESS_FRAMES.perSecond, now)
    this.#knownMembers = new TokenBucket(KNOWN_MEMBERS.burst, KNOWN_MEMBERS.perSecond, now)
    this.#cancelTimer = wiring.clock.after(LINK_PING_MS, () => this.#checkPulse())
  }

  /** How long the last ping's answer took (ms); `undefined` before there was one. */
  get roundTrip(): number | undefined {
    return this.#roundTrip
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /**
   * Something of `size` bytes arrived: `true` when it may wait to be looked at. A link that brings far more than
   * a room has to say is ended before that costs anything. So is one of which too much waits; but how fast we look at
   * it is not the peer's fault.
   */
  admit(size: number): boolean {
    if (this.#hasEnded) return false
    const now = this.#wiring.clock.now()
    if (now - this.#heardAt > LINK_PING_MS + PROBE_MS) this.#awokeAt = now
    this.#heardAt = now
    if (!this.#frames.take(1, now) || !this.#bytes.take(size, now)) this.#flooded()
    else if (this.#queued >= MAX_QUEUED_FRAMES) this.#end()
    else this.#queued++
    return !this.#hasEnded
  }

  /** Asks how far the peer is. */
  measure(): void {
    if (this.#hasEnded || this.#pingedAt !== undefined) return
    this.#pingedAt = this.#wiring.clock.now()
    this.#wiring.ping()
  }

  /** The answer to a ping came: pings and their answers keep their order. */
  ponged(): void {
    if (this.#pingedAt === undefined) return
    this.#roundTrip = Math.max(0, this.#wiring.clock.now() - this.#pingedAt)
    this.#pingedAt = undefined
  }

  /** Lets `ms` pass; no longer when the link ends. One pause at a time. */
  pause(ms: number): Promise<void> {
    if (this.#hasEnded) return Promise.resolve()
    return new Promise((resolve) => {
      const cancel = this.#wiring.clock.after(ms, resolve)
      this.#endPause = () => {
        cancel()
        resolve()
      }
    })
  }

  /** Whether a word on who is writing is worth its signature's check. */
  admitsTyping(): boolean {
    return this.#typing.take(1, this.#wiring.clock.now())
  }

  /** Whether a word about the room's links is looked at. */
  admitsOverlay(): boolean {
    return this.#overlay.take(1, this.#wiring.clock.now())
  }

  /** One that was admitted has been looked at. */
  done(): void {
    this.#queued--
  }

  /** `false` when this link has brought the same thing before. */
  isFirst(id: string): boolean {
    return this.#seen.add(id)
  }

  /** Counts a frame that told us nothing. A link that brings far more of them than a room has words is ended. */
  useless(what: Useless): void {
    if (this.#hasEnded) return
    const now = this.#wiring.clock.now()
    if (what === 'known-member' && this.#knownMembers.take(1 / this.#crowding, now)) return
    if (!this.#useless.take(USELESS[what], now)) this.#flooded()
  }

  /** Counts a fault of a frame of kind `t`; the third that cannot be excused ends the link. */
  fault(fault: FrameFault, t?: Frame['t']): void {
    if (!EXCUSABLE_FAULTS.has(fault)) return this.offend()
    this.useless(t === 'presence' && MISTIMED.has(fault) ? 'known-member' : 'useless')
  }

  /** Counts what is nobody's fault but the peer's. */
  offend(): void {
    if (this.#wiring.offended(1)) this.#end()
  }

  /** The network changed, or the machine slept: whatever does not answer soon is dead. */
  probe(): void {
    if (this.#hasEnded) return
    const askedAt = this.#wiring.clock.now()
    this.#heardAt = Math.min(this.#heardAt, askedAt - 1)
    this.#pingedAt ??= askedAt
    this.#wiring.ping()
    this.#cancelProbe()
    this.#cancelProbe = this.#wiring.clock.after(PROBE_MS, () => {
      if (this.#heardAt < askedAt) this.#end()
    })
  }

  stop(): void {
    this.#hasEnded = true
    this.#cancelTimer()
    this.#cancelProbe()
    this.#endPause()
  }

  /** How often the usual number of people is here. */
  get #crowding(): number {
    return Math.min(MAX_CROWDING, Math.max(1, this.#wiring.peopleCount() / KNOWN_MEMBERS.people))
  }

  get #isAwakening(): boolean {
    return Math.abs(this.#wiring.clock.now() - this.#awokeAt) <= AWAKENING_MS
  }

  #flooded(): void {
    this.#wiring.offended(this.#isAwakening ? 1 : MAX_INVALID_FRAMES)
    this.#end()
  }

  #end(): void {
    this.stop()
    this.#wiring.end()
  }

  #checkPulse(): void {
    const silence = this.#wiring.clock.now() - this.#heardAt
    if (silence >= LINK_SILENCE_MS) return this.#end()
    if (silence >= LINK_PING_MS) {
      this.#pingedAt ??= this.#wiring.clock.now()
      this.#wiring.ping()
    }
    this.#cancelTimer = this.#wiring.clock.after(LINK_PING_MS, () => this.#checkPulse())
  }
}
