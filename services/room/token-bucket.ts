/** A token bucket: bursts up to `capacity`, `perSecond` in the long run. */
export class TokenBucket {
  readonly #capacity: number
  readonly #perSecond: number
  #tokens: number
  #at: number

  constructor(capacity: number, perSecond: number, now: number) {
    this.#capacity = capacity
    this.#perSecond = perSecond
    this.#tokens = capacity
    this.#at = now
  }

  /** Takes `cost` tokens at `now` (ms); `false`, and takes none, when there are not enough. */
  take(cost: number, now: number): boolean {
    const refilled = (Math.max(0, now - this.#at) / 1000) * this.#perSecond
    this.#tokens = Math.min(this.#capacity, this.#tokens + refilled)
    this.#at = now
    if (cost > this.#tokens) return false
    this.#tokens -= cost
    return true
  }

  /** Puts back what was taken. */
  put(cost: number): void {
    this.#tokens = Math.min(this.#capacity, this.#tokens + cost)
  }
}
