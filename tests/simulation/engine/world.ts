import type { Clock, Random } from '../../../services/clock'
import { between, seeded } from './chance'
import { EventQueue, type Task } from './event-queue'

/** Virtual time begins here (ms): not at zero, which a state may mistake for long ago. */
const START_MS = 1_800_000_000_000

/** Trip over a link, one way, drawn once for each; what it varies by; loss, which reliable channels turn into delay (ms). */
const LATENCY_MS = { least: 20, most: 80 } as const
const JITTER_MS = 10
const LOSS = { share: 0.01, delayMs: 200 } as const
/** Decoding, and checking a signature. */
const PROCESSING_MS = { least: 1, most: 3 } as const
/** A device whose other end fell silent notices it so late: `LINK_SILENCE_MS` at most, a broken data channel sooner. */
const SILENCE_MS = { least: 5_000, most: 25_000 } as const

/** Time, chance and the wires' laws of nature, for all members of one run. */
export class World {
  readonly random: Random
  /** The overlays' own chance, apart from that of the network, as it is outside. */
  readonly overlayRandom: Random
  now = START_MS
  /** Things that happened, for whoever measures speed. */
  happened = 0
  /** While the network is torn, only members of one side reach each other. */
  isTorn = false
  /** The same time for the services that tell it by a clock. What was planned is called off by doing nothing. */
  readonly clock: Clock = {
    now: () => this.now,
    after: (ms, task) => {
      let isOff = false
      this.later(ms, () => isOff || task())
      return () => {
        isOff = true
      }
    },
  }
  readonly #queue = new EventQueue()

  constructor(seed: number) {
    this.random = seeded(seed)
    this.overlayRandom = seeded(seed ^ 0x5bd1e995)
  }

  /** ms since this run began. */
  get elapsed(): number {
    return this.now - START_MS
  }

  at(time: number, task: Task): void {
    this.#queue.add(time < this.now ? this.now : time, task)
  }

  after(ms: number, task: Task): void {
    this.#queue.add(this.now + ms, task)
  }

  /** For what happens seldom. */
  later(ms: number, run: () => void): void {
    this.#queue.add(this.now + ms, { run })
  }

  /** Lets `ms` pass. */
  pass(ms: number): void {
    const end = this.now + ms
    const queue = this.#queue
    for (let next = queue.next; next <= end; next = queue.next) {
      this.now = next
      this.happened++
      queue.take().run()
    }
    this.now = end
  }

  /** Lets time pass until `condition` holds, looking every `stepMs`; at most `mostMs`. Returns whether it came to hold. */
  passUntil(condition: () => boolean, mostMs: number, stepMs = 1_000): boolean {
    const end = this.now + mostMs
    while (!condition()) {
      if (this.now >= end) return false
      this.pass(stepMs)
    }
    return true
  }

  drawLatency(): number {
    return between(this.random, LATENCY_MS.least, LATENCY_MS.most)
  }

  drawSilence(): number {
    return between(this.random, SILENCE_MS.least, SILENCE_MS.most)
  }

  /** What a frame's trip takes beyond the link's latency, and until it is understood. */
  drawDelay(): number {
    const { random } = this
    const loss = random() < LOSS.share ? LOSS.delayMs : 0
    return JITTER_MS * random() + loss + between(random, PROCESSING_MS.least, PROCESSING_MS.most)
  }
}
