/** Remembers the newest `capacity` texts, oldest forgotten first. */
export class RecentIds {
  readonly #capacity: number
  readonly #ids = new Set<string>()

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  has(id: string): boolean {
    return this.#ids.has(id)
  }

  /** `false` when it was remembered already. */
  add(id: string): boolean {
    if (this.#ids.has(id)) return false
    this.#ids.add(id)
    const oldest = this.#ids.size > this.#capacity ? this.#ids.values().next().value : undefined
    if (oldest !== undefined) this.#ids.delete(oldest)
    return true
  }
}
