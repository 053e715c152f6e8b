import { PRESENCE_INTERVAL_MS } from '../../protocol/limits'
import type { Presence } from '../../protocol/presence'
import { type Clock, every } from '../clock'
import type { Author, Signed } from './author'

/** Links that break together are answered by one announcement (ms). */
const ANNOUNCE_AGAIN_MS = 1_000

interface Wiring {
  clock: Clock
  author: Author
  /** Tells the room, ourselves included. May reject: then it is not told. */
  tell(said: Signed<Presence>): Promise<void>
}

/** Keeps the room informed that this device is here, or away, and in the end that it leaves. */
export class Announcer {
  readonly #wiring: Wiring
  readonly #stop: () => void
  #state: 'here' | 'away' = 'here'
  #isLeaving = false
  #telling = Promise.resolve()
  #cancelSoon: (() => void) | undefined

  constructor(wiring: Wiring) {
    this.#wiring = wiring
    this.#stop = every(wiring.clock, PRESENCE_INTERVAL_MS, () => this.announce())
  }

  /** Tells the room that this device is here, under its present passport. */
  announce(): void {
    if (!this.#isLeaving) void this.#tell(this.#state)
  }

  /** For what tends to come in numbers. */
  announceSoon(): void {
    if (this.#isLeaving) return
    this.#cancelSoon ??= this.#wiring.clock.after(ANNOUNCE_AGAIN_MS, () => {
      this.#cancelSoon = undefined
      this.announce()
    })
  }

  setAway(away: boolean): void {
    const state = away ? 'away' : 'here'
    if (state === this.#state) return
    this.#state = state
    this.announce()
  }

  /** Resolves when the goodbye has been handed to the links. */
  leave(): Promise<void> {
    this.#isLeaving = true
    this.#stop()
    this.#cancelSoon?.()
    return this.#tell('left')
  }

  /** One word after the other: an earlier one must not come to stand over a later one. */
  #tell(state: Presence['state']): Promise<void> {
    this.#telling = this.#telling
      .then(async () => this.#wiring.tell(await this.#wiring.author.presence(state)))
      .catch(() => {
        // Our passport has ended and the Worker is away: whoever knows us goes on knowing us until then.
      })
    return this.#telling
  }
}
