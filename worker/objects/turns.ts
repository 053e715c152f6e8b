/** Lets one piece of work follow the other: an object's awaits let other requests in between. */
export class Turns {
  #queue: Promise<unknown> = Promise.resolve()

  take<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(work)
    this.#queue = turn.catch(() => undefined)
    return turn
  }
}
