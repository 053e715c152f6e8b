import { randomBelow } from '../random'

/** A set of which items are drawn at random. Nothing but `drawn` takes longer the more there are. */
export class Urn<T> {
  readonly #items: T[] = []
  readonly #places = new Map<T, number>()

  get size(): number {
    return this.#items.length
  }

  put(item: T): void {
    if (this.#places.has(item)) return
    this.#places.set(item, this.#items.length)
    this.#items.push(item)
  }

  remove(item: T): void {
    const place = this.#places.get(item)
    if (place === undefined) return
    this.#places.delete(item)
    const last = this.#items.pop()
    if (last === undefined || last === item) return
    this.#items[place] = last
    this.#places.set(last, place)
  }

  /**
   * Every item once, in random order: a Fisher–Yates shuffle as far as it is asked for, which moves nothing. Put and
   * remove nothing meanwhile.
   */
  *drawn(): Generator<T> {
    const swapped = new Map<number, number>()
    for (let draw = 0; draw < this.#items.length; draw++) {
      const index = draw + randomBelow(this.#items.length - draw)
      const item = this.#items[swapped.get(index) ?? index]
      swapped.set(index, swapped.get(draw) ?? draw)
      if (item !== undefined) yield item
    }
  }
}
