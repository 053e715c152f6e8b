import type { Clock } from '../clock'

/** Facts about peers that are true for a while only. Bounded: the oldest goes first. */
export class ExpiringMap<Key, Value> {
  readonly #clock: Clock
  readonly #lifetime: number
  readonly #most: number
  readonly #entries = new Map<Key, { value: Value; at: number }>()

  /** `lifetime` in ms. */
  constructor(clock: Clock, lifetime: number, most: number) {
    this.#clock = clock
    this.#lifetime = lifetime
    this.#most = most
  }

  get(key: Key): Value | undefined {
    const entry = this.#entries.get(key)
    // By a clock that was set back, an entry is as good as expired.
    if (!entry || Math.abs(this.#clock.now() - entry.at) >= this.#lifetime) return undefined
    return entry.value
  }

  set(key: Key, value: Value): void {
    this.#entries.delete(key)
    this.#entries.set(key, { value, at: this.#clock.now() })
    const [oldest] = this.#entries.keys()
    if (this.#entries.size > this.#most && oldest !== undefined) this.#entries.delete(oldest)
  }

  delete(key: Key): void {
    this.#entries.delete(key)
  }

  clear(): void {
    this.#entries.clear()
  }
}
