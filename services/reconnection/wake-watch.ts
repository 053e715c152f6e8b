import { type Clock, every } from '../clock'

const TICK_MS = 5_000
/** A tick may be late by this much, and the two times may drift apart by it, on a machine that is merely busy (ms). */
const TOLERANCE_MS = 10_000

export interface Wake {
  /**
   * The system clock moved otherwise than time passed: the machine slept, or the clock was set. A correction that was
   * worked out before holds no more. `false`: we were merely stopped.
   */
  readonly clockMoved: boolean
}

interface Wiring {
  clock: Clock
  /** The system clock (ms), uncorrected: goes on while the machine sleeps, and may be set. */
  wall(): number
  /** Time since some start (ms): never set, and on most systems at rest while the machine sleeps. */
  steady(): number
  onWake(wake: Wake): void
}

/**
 * Tells when we were not running for a while (the machine slept, the process was stopped) or the system clock jumped:
 * within 5 s after it, once each time. Connections may be dead then without any event.
 */
export class WakeWatch {
  readonly #wiring: Wiring
  readonly #stop: () => void
  #wall: number
  #steady: number

  constructor(wiring: Wiring) {
    this.#wiring = wiring
    this.#wall = wiring.wall()
    this.#steady = wiring.steady()
    this.#stop = every(wiring.clock, TICK_MS, () => this.#tick())
  }

  close(): void {
    this.#stop()
  }

  #tick(): void {
    const wall = this.#wiring.wall()
    const steady = this.#wiring.steady()
    const wallPassed = wall - this.#wall
    const passed = steady - this.#steady
    this.#wall = wall
    this.#steady = steady
    const clockMoved = wallPassed < 0 || Math.abs(wallPassed - passed) > TOLERANCE_MS
    const wasStopped = Math.max(wallPassed, passed) > TICK_MS + TOLERANCE_MS
    if (clockMoved || wasStopped) this.#wiring.onWake({ clockMoved })
  }
}
