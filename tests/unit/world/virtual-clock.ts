import { setTimeout as realDelay } from 'node:timers/promises'
import type { Clock } from '../../../services/clock'

/** Time that passes only when a test says so. */
export class VirtualClock implements Clock {
  #now: number
  readonly #timers = new Map<object, { at: number; task: () => void }>()

  constructor(now = 1_800_000_000_000) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  after(ms: number, task: () => void): () => void {
    const key = {}
    this.#timers.set(key, { at: this.#now + ms, task })
    return () => void this.#timers.delete(key)
  }

  /** Timers that wait, for leak checks. */
  get pending(): number {
    return this.#timers.size
  }

  /** Lets `ms` pass and runs what falls due, in order. */
  advance(ms: number): void {
    const end = this.#now + ms
    for (;;) {
      const [due] = [...this.#timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at)
      if (!due) break
      const [key, { at, task }] = due
      this.#timers.delete(key)
      this.#now = Math.max(this.#now, at)
      task()
    }
    this.#now = end
  }
}

/** The clock of a machine that runs `skew` ms ahead, until the Worker's word corrects it. */
export class SkewedClock implements Clock {
  readonly #base: Clock
  #skew: number

  constructor(base: Clock, skew: number) {
    this.#base = base
    this.#skew = skew
  }

  now(): number {
    return this.#base.now() + this.#skew
  }

  after(ms: number, task: () => void): () => void {
    return this.#base.after(ms, task)
  }

  correct(serverTime: number): void {
    this.#skew = serverTime - this.#base.now()
  }
}

/**
 * Lets virtual time run, and real promises (WebCrypto) settle in between, until `condition` holds. `step`: virtual
 * milliseconds between two looks; more for what takes long.
 */
export async function until(
  clock: VirtualClock,
  condition: () => boolean,
  what = 'condition',
  step = 5,
): Promise<void> {
  const giveUpAt = performance.now() + 15_000
  while (!condition()) {
    if (performance.now() > giveUpAt) throw new Error(`never came true: ${what}`)
    clock.advance(step)
    await realDelay(1)
  }
}

/** Lets `ms` of virtual time pass in small steps, with real promises settling in between. */
export async function pass(clock: VirtualClock, ms: number, step = 50): Promise<void> {
  for (let passed = 0; passed < ms; passed += step) {
    clock.advance(step)
    await realDelay(0)
  }
}
