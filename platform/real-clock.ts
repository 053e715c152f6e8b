import type { Clock } from '../services/clock'

/** The browser's clock and timers, corrected once the Worker's clock is known. */
export class RealClock implements Clock {
  #offset = 0

  now(): number {
    return Date.now() + this.#offset
  }

  after(ms: number, task: () => void): () => void {
    const timer = setTimeout(task, ms)
    return () => clearTimeout(timer)
  }

  /** Sets the correction from the Worker's time (ms). Small differences are the network's and left alone. */
  correct(serverTime: number): void {
    const offset = serverTime - Date.now()
    this.#offset = Math.abs(offset) > 1_000 ? offset : 0
  }
}
