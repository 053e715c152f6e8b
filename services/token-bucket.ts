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
    this.#refill(now)
    if (cost > this.#tokens) return false
    this.#tokens -= cost
    return true
  }

  /** In how many ms `cost` can be taken, 0: now. For those who keep to a limit; `cost` is never more than the capacity. */
  delay(cost: number, now: number): number {
    this.#refill(now)
    return Math.max(0, Math.ceil(((cost - this.#tokens) / this.#perSecond) * 1_000))
  }

  /** Puts back what was taken. */
  put(cost: number): void {
    this.#tokens = Math.min(this.#capacity, this.#tokens + cost)
  }

  #refill(now: number): void {
    this.put((Math.max(0, now - this.#at) / 1_000) * this.#perSecond)
    this.#at = now
  }
}
