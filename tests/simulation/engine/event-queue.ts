/** Something that happens at one moment of virtual time. */
export interface Task {
  run(): void
}

/** What is to happen, soonest first; in the order of its planning where the time is the same. A binary heap. */
export class EventQueue {
  #times = new Float64Array(1_024)
  #orders = new Float64Array(1_024)
  readonly #tasks: Task[] = []
  #planned = 0

  get size(): number {
    return this.#tasks.length
  }

  /** When the next task is due (ms); infinity when there is none. */
  get next(): number {
    return this.#tasks.length > 0 ? (this.#times[0] ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY
  }

  add(at: number, task: Task): void {
    let place = this.#tasks.length
    if (place === this.#times.length) this.#grow()
    const [times, orders, tasks] = [this.#times, this.#orders, this.#tasks]
    tasks.push(task)
    // The newest has the highest number, so that only an earlier time lets it pass.
    while (place > 0) {
      const parent = (place - 1) >> 1
      if (at >= (times[parent] as number)) break
      times[place] = times[parent] as number
      orders[place] = orders[parent] as number
      tasks[place] = tasks[parent] as Task
      place = parent
    }
    times[place] = at
    orders[place] = this.#planned++
    tasks[place] = task
  }

  /** Takes out the soonest. Throws a `RangeError` when there is none. */
  take(): Task {
    const tasks = this.#tasks
    const first = tasks[0]
    const moved = tasks.pop()
    if (first === undefined || moved === undefined) throw new RangeError('nothing is planned')
    if (tasks.length > 0)
      this.#sink(moved, this.#times[tasks.length] as number, this.#orders[tasks.length] as number)
    return first
  }

  #sink(task: Task, at: number, order: number): void {
    const [times, orders, tasks] = [this.#times, this.#orders, this.#tasks]
    const size = tasks.length
    let place = 0
    for (;;) {
      let child = 2 * place + 1
      if (child >= size) break
      if (child + 1 < size && this.#isBefore(child + 1, times[child] as number, orders[child] as number))
        child++
      if (!this.#isBefore(child, at, order)) break
      times[place] = times[child] as number
      orders[place] = orders[child] as number
      tasks[place] = tasks[child] as Task
      place = child
    }
    times[place] = at
    orders[place] = order
    tasks[place] = task
  }

  #isBefore(place: number, at: number, order: number): boolean {
    const time = this.#times[place] as number
    return time < at || (time === at && (this.#orders[place] as number) < order)
  }

  #grow(): void {
    const [times, orders] = [this.#times, this.#orders]
    this.#times = new Float64Array(times.length * 2)
    this.#orders = new Float64Array(times.length * 2)
    this.#times.set(times)
    this.#orders.set(orders)
  }
}
