import type { DeviceId } from '../../protocol/device'
import { MAX_CLOCK_AHEAD_MS, MAX_PEOPLE_TYPING, TYPING_LIFETIME_MS } from '../../protocol/limits'
import type { Typing } from '../../protocol/typing'
import type { Clock } from '../clock'
import { TokenBucket } from '../token-bucket'

/** What one device may have to say about its writing: more than any hand is capable of. */
const WORDS = { burst: 8, perSecond: 2 } as const
/** Devices that are kept in mind, writing or not: people may have several. */
const MAX_DEVICES = 4 * MAX_PEOPLE_TYPING

interface Wiring {
  clock: Clock
  /** `devices` is another one than before. */
  onChange(): void
}

/** The last word of a device: nothing older that arrives late may undo it. */
interface Word {
  ms: number
  readonly rate: TokenBucket
}

/** Who else is writing in a room. The caller has checked room, signature and membership. */
export class WritingMembers {
  readonly #wiring: Wiring
  readonly #words = new Map<DeviceId, Word>()
  /** Who began first in front; each with what calls off that its word expires. */
  readonly #writing = new Map<DeviceId, () => void>()

  constructor(wiring: Wiring) {
    this.#wiring = wiring
  }

  /** Who is writing now, who began first in front; no more than `MAX_PEOPLE_TYPING`. */
  get devices(): DeviceId[] {
    return [...this.#writing.keys()].slice(0, MAX_PEOPLE_TYPING)
  }

  /** Takes a checked word. Returns whether it was news, and so is worth passing on. */
  heard({ device, ms, writing }: Typing): boolean {
    const now = this.#wiring.clock.now()
    if (ms < now - TYPING_LIFETIME_MS || ms > now + MAX_CLOCK_AHEAD_MS) return false
    const word = this.#wordOf(device, now)
    if (!word || ms <= word.ms || !word.rate.take(1, now)) return false
    word.ms = ms
    if (writing) this.#began(device)
    else this.ended(device)
    return true
  }

  /** `device` said what it was writing, or left. */
  ended(device: DeviceId): void {
    this.#writing.get(device)?.()
    if (this.#writing.delete(device)) this.#wiring.onChange()
  }

  close(): void {
    for (const cancel of this.#writing.values()) cancel()
    this.#writing.clear()
    this.#words.clear()
  }

  #began(device: DeviceId): void {
    const before = this.#writing.get(device)
    before?.()
    this.#writing.set(
      device,
      this.#wiring.clock.after(TYPING_LIFETIME_MS, () => this.ended(device)),
    )
    if (!before) this.#wiring.onChange()
  }

  /** `undefined` when too many are kept in mind already. */
  #wordOf(device: DeviceId, now: number): Word | undefined {
    const known = this.#words.get(device)
    // One from before our clock was set back binds nobody.
    if (known && known.ms <= now + MAX_CLOCK_AHEAD_MS) return known
    if (!known && this.#words.size >= MAX_DEVICES) this.#forgetOld(now)
    if (!known && this.#words.size >= MAX_DEVICES) return undefined
    const rate = known?.rate ?? new TokenBucket(WORDS.burst, WORDS.perSecond, now)
    const word = { ms: Number.NEGATIVE_INFINITY, rate }
    this.#words.set(device, word)
    return word
  }

  /** A word that has lost its use: whatever is older would be refused for its age. */
  #forgetOld(now: number): void {
    for (const [device, { ms }] of this.#words)
      if (ms < now - TYPING_LIFETIME_MS || ms > now + MAX_CLOCK_AHEAD_MS) this.#words.delete(device)
  }
}
