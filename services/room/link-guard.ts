import { EXCUSABLE_FAULTS, type FrameFault } from '../../protocol/frames'
import {
  LINK_BYTES,
  LINK_FRAMES,
  LINK_PING_MS,
  LINK_SILENCE_MS,
  MAX_INVALID_FRAMES,
  MAX_QUEUED_FRAMES,
} from '../../protocol/limits'
import type { Clock } from '../clock'
import { RecentIds } from './recent-ids'
import { TokenBucket } from './token-bucket'

const REMEMBERED_FRAMES = 4_096
/** A link that is doubted has this long to answer (ms). */
const PROBE_MS = 5_000

interface Wiring {
  clock: Clock
  ping(): void
  /** The link is silent or misbehaves: close it. */
  end(): void
}

/** Watches one link: is it alive, does it repeat itself, how often did it send what no correct peer sends? */
export class LinkGuard {
  readonly #wiring: Wiring
  readonly #seen = new RecentIds(REMEMBERED_FRAMES)
  readonly #frames: TokenBucket
  readonly #bytes: TokenBucket
  #queued = 0
  #hasEnded = false
  #offences = 0
  #heardAt: number
  #cancelTimer: () => void
  #cancelProbe = () => {}

  constructor(wiring: Wiring) {
    this.#wiring = wiring
    const now = wiring.clock.now()
    this.#heardAt = now
    this.#frames = new TokenBucket(LINK_FRAMES.burst, LINK_FRAMES.perSecond, now)
    this.#bytes = new TokenBucket(LINK_BYTES.burst, LINK_BYTES.perSecond, now)
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
    this.#heardAt = now
    const isWithin =
      this.#frames.take(1, now) && this.#bytes.take(size, now) && this.#queued < MAX_QUEUED_FRAMES
    if (isWithin) this.#queued++
    else this.#end()
    return isWithin
  }

  /** One that was admitted has been looked at. */
  done(): void {
    this.#queued--
  }

  /** `false` when this link has brought the same thing before. */
  isFirst(id: string): boolean {
    return this.#seen.add(id)
  }

  /** Counts a fault; the third that cannot be excused ends the link. */
  fault(fault: FrameFault): void {
    if (EXCUSABLE_FAULTS.has(fault)) return
    this.#offences++
    if (this.#offences >= MAX_INVALID_FRAMES) this.#end()
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
