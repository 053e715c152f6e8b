import type { Adapter, Joined, Stand } from './mesh-adapter'

/** How a peer is to join. */
export interface Joining {
  room: string
  /** When the clock starts (ms since the epoch); at once if that is past. */
  at: number
  others: number
  timeout: number
}

/** What became of it: after how many ms since the clock started one, two, … others had been heard. */
export interface Heard {
  startedAt: number
  after: number[]
}

/** What a peer is to say: `count` texts, one every `gap` ms from `at` on. Nothing is said twice in a `phase`. */
export interface Talk {
  phase: string
  index: number
  count: number
  gap: number
  at: number
  bytes: number
}

/** What a peer heard of others: how long each text took (ms), and how often one came again. */
export interface Arrivals {
  took: number[]
  again: number
}

type Join = Awaited<ReturnType<Adapter['prepare']>>

/** All tabs and processes of a machine share this clock (ms since the epoch), which no correction moves. */
export const now = () => performance.timeOrigin + performance.now()
const pause = (ms: number) => new Promise((done) => setTimeout(done, ms))

/** One peer, as the bench drives it: joins on time, talks, and takes down what it hears and when. */
export class BenchPeer {
  readonly #adapter: Adapter
  #join: Join | undefined
  #joined: Joined | undefined
  #own = ''
  readonly #arrivals = new Map<string, Arrivals>()
  readonly #known = new Set<string>()

  constructor(adapter: Adapter) {
    this.#adapter = adapter
  }

  async prepare(stand: Stand): Promise<void> {
    this.#join = await this.#adapter.prepare(stand)
  }

  /** Resolves when all others were heard, or `timeout` ms after the start. */
  async join({ room, at, others, timeout }: Joining): Promise<Heard> {
    if (!this.#join) throw new Error('not prepared')
    await pause(at - now())
    const startedAt = Math.max(at, now())
    const after: number[] = []
    const all = Promise.withResolvers<void>()
    const onHeard = (count: number) => {
      while (after.length < count) after.push(now() - startedAt)
      if (count >= others) all.resolve()
    }
    this.#joined = await this.#join(room, { onHeard, onText: (text) => this.#hear(text) })
    await Promise.race([all.promise, pause(timeout)])
    return { startedAt, after }
  }

  /** Says what `talk` says, each text with the time at which it is said. Resolves after the last. */
  async talk({ phase, index, count, gap, at, bytes }: Talk): Promise<void> {
    this.#own = `${index}`
    for (let number = 0; number < count; number++) {
      await pause(at + number * gap - now())
      this.#joined?.say(`${phase}|${index}|${number}|${now()}|`.padEnd(bytes, 'x'))
    }
  }

  /** What of a phase arrived so far. */
  arrivals(phase: string): Arrivals {
    const known = this.#arrivals.get(phase) ?? { took: [], again: 0 }
    this.#arrivals.set(phase, known)
    return known
  }

  async leave(): Promise<void> {
    await this.#joined?.leave()
  }

  #hear(text: string): void {
    const [phase = '', index, number, at] = text.split('|')
    if (index === this.#own) return
    const arrivals = this.arrivals(phase)
    const id = `${phase}|${index}|${number}`
    if (this.#known.has(id)) arrivals.again++
    else arrivals.took.push(now() - Number(at))
    this.#known.add(id)
  }
}
