import { EXCUSABLE_FAULTS, type FrameFault } from '../../protocol/frames'
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
import { RecentIds } from './recent-ids'
import { TokenBucket } from './token-bucket'

const REMEMBERED_FRAMES = 4_096
/** Words on who is writing that one link may bring to be checked, at once and each second: they are worth little. */
const TYPING_WORDS = { burst: 40, perSecond: 10 } as const
/**
 * Frames that told us nothing: what other links brought before (it counts for half: it costs less to find out), pings, what
 * cannot be used. In the long run there are about as many as a fast room has messages.
 */
const USELESS_FRAMES = { burst: 250, perSecond: 120 } as const
/** Besides, a fresh link tells of everybody, whom we may know already. */
const KNOWN_MEMBERS = { burst: MAX_PRESENCE_SYNC, perSecond: 20 } as const
/** A link that is doubted has this long to answer (ms). */
const PROBE_MS = 5_000
/**
 * What comes within this time (ms) after we heard nothing for longer than any link keeps silent was said while we slept:
 * it comes all at once, and late, through nobody's fault.
 */
const AWAKENING_MS = 5_000

/** What came of a frame that is nobody's fault and told us nothing: a message was known, or a member, or else. */
const USELESS = ['known', 'known-member', 'useless'] as const
export type Useless = (typeof USELESS)[number]
export const isUseless = (outcome: string): outcome is Useless => USELESS.some((each) => each === outcome)

interface Wiring {
  clock: Clock
  ping(): void
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
  readonly #useless: TokenBucket
  readonly #knownMembers: TokenBucket
  #queued = 0
  #hasEnded = false
  #heardAt: number
  #awokeAt = Number.NEGATIVE_INFINITY
  #cancelTimer: () => void
  #cancelProbe = () => {}

  constructor(wiring: Wiring) {
    this.#wiring = wiring
    const now = wiring.clock.now()
    this.#heardAt = now
    this.#frames = new TokenBucket(LINK_FRAMES.burst, LINK_FRAMES.perSecond, now)
    this.#bytes = new TokenBucket(LINK_BYTES.burst, LINK_BYTES.perSecond, now)
    this.#typing = new TokenBucket(TYPING_WORDS.burst, TYPING_WORDS.perSecond, now)
    this.#useless = new TokenBucket(USELESS_FRAMES.burst, USELESS_FRAMES.perSecond, now)
    this.#knownMembers = new TokenBucket(KNOWN_MEMBERS.burst, KNOWN_MEMBERS.perSecond, now)
    this.#cancelTimer = wiring.clock.after(LINK_PING_MS, () => this.#checkPulse())
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /**
   * Something of `size` bytes arrived: `true` when it may wait to be looked at. A link that brings far more than
   * a room has to say is ended before that costs anything.
   */
  admit(size: number): boolean {
    if (this.#hasEnded) return false
    const now = this.#wiring.clock.now()
    if (now - this.#heardAt > LINK_PING_MS + PROBE_MS) this.#awokeAt = now
    this.#heardAt = now
    const isWithin =
      this.#frames.take(1, now) && this.#bytes.take(size, now) && this.#queued < MAX_QUEUED_FRAMES
    if (isWithin) this.#queued++
    else this.#flooded()
    return isWithin
  }

  /** Whether a word on who is writing is worth its signature's check. */
  admitsTyping(): boolean {
    return this.#typing.take(1, this.#wiring.clock.now())
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
    const now = this.#wiring.clock.now()
    if (what === 'known-member' && this.#knownMembers.take(1, now)) return
    if (!this.#useless.take(what === 'known' ? 0.5 : 1, now)) this.#flooded()
  }

  /** Counts a fault; the third that cannot be excused ends the link. */
  fault(fault: FrameFault): void {
    if (EXCUSABLE_FAULTS.has(fault) || (fault === 'stale' && this.#isAwakening))
      return this.useless('useless')
    this.offend()
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
    if (silence >= LINK_PING_MS) this.#wiring.ping()
    this.#cancelTimer = this.#wiring.clock.after(LINK_PING_MS, () => this.#checkPulse())
  }
}
