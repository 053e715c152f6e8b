/** A token bucket that tells how long to wait, for those who keep to a limit. */
export class Budget {
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

  /** In how many ms `cost` can be spent, 0: now. `cost` is never more than the capacity. */
  delay(cost: number, now: number): number {
    const refilled = (Math.max(0, now - this.#at) / 1_000) * this.#perSecond
    this.#tokens = Math.min(this.#capacity, this.#tokens + refilled)
    this.#at = now
    return Math.max(0, Math.ceil(((cost - this.#tokens) / this.#perSecond) * 1_000))
  }

  /** After `delay` said 0. */
  spend(cost: number): void {
    this.#tokens -= cost
  }
}
