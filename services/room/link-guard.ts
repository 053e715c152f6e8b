import { EXCUSABLE_FAULTS, type FrameFault } from '../../protocol/frames'
import { LINK_PING_MS, LINK_SILENCE_MS, MAX_INVALID_FRAMES } from '../../protocol/limits'
import type { Clock } from '../clock'
import { RecentIds } from './recent-ids'

const REMEMBERED_FRAMES = 4_096

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
  #offences = 0
  #heardAt: number
  #cancelTimer: () => void

  constructor(wiring: Wiring) {
    this.#wiring = wiring
    this.#heardAt = wiring.clock.now()
    this.#cancelTimer = wiring.clock.after(LINK_PING_MS, () => this.#checkPulse())
  }

  /** Something arrived, whatever it was. */
  heard(): void {
    this.#heardAt = this.#wiring.clock.now()
  }

  /** `false` when this link has brought the same thing before. */
  isFirst(id: string): boolean {
    return this.#seen.add(id)
  }

  /** Counts a fault; the third that cannot be excused ends the link. */
  fault(fault: FrameFault): void {
    if (EXCUSABLE_FAULTS.has(fault)) return
    this.#offences++
    if (this.#offences >= MAX_INVALID_FRAMES) this.#wiring.end()
  }

  stop(): void {
    this.#cancelTimer()
  }

  #checkPulse(): void {
    const silence = this.#wiring.clock.now() - this.#heardAt
    if (silence >= LINK_SILENCE_MS) return this.#wiring.end()
    if (silence >= LINK_PING_MS) this.#wiring.ping()
    this.#cancelTimer = this.#wiring.clock.after(LINK_PING_MS, () => this.#checkPulse())
  }
}
