import type { DeviceId } from '../../protocol/device'
import { MAX_IDS_PER_FRAME } from '../../protocol/limits'
import type { Clock } from '../clock'
import type { ShortId } from './short-id'

/** A pull in which the peer is silent for this long has failed (ms). */
export const PULL_SILENCE_MS = 15_000
/** And one that takes longer than this, so that no peer holds up others by dripping. */
export const PULL_MAX_MS = 60_000

/**
 * Ids that are wanted at a time. Small, so that two pulls share a backfill between them and a peer that names much and
 * sends nothing holds up little of it.
 */
const WANT_BATCH = Math.min(128, MAX_IDS_PER_FRAME)

/** One pull: what the peer named, what of it we wait for, and for how long. */
export class Pull {
  /** Peers that were asked in vain for the same before. */
  readonly tried: ReadonlySet<DeviceId>
  /** What we wait for now. */
  readonly wanted = new Set<ShortId>()
  /** It brought what was not known here. */
  hasNews = false
  /** Something was named and not sent. */
  isPartial = false
  #isListed = false
  #named: ShortId[] = []
  readonly #clock: Clock
  readonly #startedAt: number
  readonly #onTimeout: () => void
  #cancelTimer = () => {}

  constructor(clock: Clock, tried: ReadonlySet<DeviceId>, onTimeout: () => void) {
    this.tried = tried
    this.#clock = clock
    this.#startedAt = clock.now()
    this.#onTimeout = onTimeout
    this.heard()
  }

  /** The peer answered: it may be silent anew. */
  heard(): void {
    this.stop()
    const left = this.#startedAt + PULL_MAX_MS - this.#clock.now()
    this.#cancelTimer = this.#clock.after(Math.max(0, Math.min(PULL_SILENCE_MS, left)), this.#onTimeout)
  }

  stop(): void {
    this.#cancelTimer()
  }

  /** The peer named `ids`, and names `more`. */
  named(ids: readonly ShortId[], more: boolean): void {
    this.#named.push(...ids)
    this.#isListed ||= !more
  }

  /** Everything was named, and all of it that we lack was asked for and came, or will not. */
  get isDone(): boolean {
    return this.#isListed && this.#named.length === 0 && this.wanted.size === 0
  }

  /** The next ids to want, of those that are still `lacking`; they count as wanted. None while others are awaited. */
  next(isLacking: (id: ShortId) => boolean): ShortId[] {
    while (this.wanted.size < WANT_BATCH && this.#named.length > 0) {
      const id = this.#named.shift()
      if (id && isLacking(id)) this.wanted.add(id)
    }
    return [...this.wanted]
  }
}
