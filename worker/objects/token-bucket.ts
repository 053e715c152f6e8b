/** What may be spent at once, and what comes back each second. */
export interface Allowance {
  readonly burst: number
  readonly perSecond: number
}

/** A token bucket, full at first. Times are ms. */
export class TokenBucket {
  readonly #allowance: Allowance
  #tokens: number
  #at: number

  constructor(allowance: Allowance, now: number) {
    this.#allowance = allowance
    this.#tokens = allowance.burst
    this.#at = now
  }

  /** Takes `cost` tokens at `now`. `false`, and takes none, if there are not enough. */
  take(cost: number, now: number): boolean {
    this.#refill(now)
    if (this.#tokens < cost) return false
    this.#tokens -= cost
    return true
  }

  /** Whether it is as if nothing had been taken. */
  isFull(now: number): boolean {
    this.#refill(now)
    return this.#tokens === this.#allowance.burst
  }

  #refill(now: number): void {
    const { burst, perSecond } = this.#allowance
    const refill = (Math.max(0, now - this.#at) / 1000) * perSecond
    this.#tokens = Math.min(burst, this.#tokens + refill)
    this.#at = now
  }
}
