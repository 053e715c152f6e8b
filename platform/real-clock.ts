import type { Clock } from '../services/clock'

/** The system clock and the time that passed may drift apart by this between two looks (ms). */
const JUMP_MS = 5_000

/** The browser's clock and timers, corrected once the Worker's clock is known. */
export class RealClock implements Clock {
  #offset = 0
  #isSure = true
  #wall = Date.now()
  #steady = performance.now()

  now(): number {
    return Date.now() + this.#offset
  }

  /**
   * Whether the system clock went as time did since it was last set right. After a sleep, or when somebody set it, the
   * correction may be worth nothing until the Worker tells the time again.
   */
  get isSure(): boolean {
    const wall = Date.now()
    const steady = performance.now()
    if (Math.abs(wall - this.#wall - (steady - this.#steady)) > JUMP_MS) this.#isSure = false
    this.#wall = wall
    this.#steady = steady
    return this.#isSure
  }

  after(ms: number, task: () => void): () => void {
    const timer = setTimeout(task, ms)
    return () => clearTimeout(timer)
  }

  /** Sets the correction from the Worker's time (ms). Small differences are the network's and left alone. */
  correct(serverTime: number): void {
    this.#wall = Date.now()
    this.#steady = performance.now()
    this.#isSure = true
    const offset = serverTime - Date.now()
    this.#offset = Math.abs(offset) > 1_000 ? offset : 0
  }
}
