import { PRESENCE_INTERVAL_MS, PRESENCE_LIFETIME_MS } from '../../protocol/limits'
import type { Presence } from '../../protocol/presence'
import { type Clock, every, type Random } from '../clock'
import type { Author, Signed } from './author'
import type { RoomSize } from './room-size'

/** Links that break together are answered by one announcement (ms). */
const ANNOUNCE_AGAIN_MS = 1_000
/** In a crowd, whoever speaks has said who it is within the last of these (ms). */
const INTRODUCED_MS = PRESENCE_LIFETIME_MS - PRESENCE_INTERVAL_MS

/** Whom a word is for: everybody, or in a crowd those who are linked with us. */
export type Audience = 'room' | 'links'

interface Wiring {
  clock: Clock
  random: Random
  author: Author
  size: RoomSize
  /** Tells the room, or our neighbours; ourselves included. May reject: then it is not told. */
  tell(said: Signed<Presence>, audience: Audience): Promise<void>
}

/** Keeps the room informed that this device is here, or away, and in the end that it leaves. In a crowd, by chance, and before it speaks. */
export class Announcer {
  readonly #wiring: Wiring
  readonly #stop: () => void
  #state: 'here' | 'away' = 'here'
  #isLeaving = false
  #telling = Promise.resolve()
  #cancelSoon: (() => void) | undefined
  /** When the whole room was told last. */
  #toldAt = Number.NEGATIVE_INFINITY
  /** When our neighbours were. */
  #greetedAt = Number.NEGATIVE_INFINITY

  constructor(wiring: Wiring) {
    this.#wiring = wiring
    this.#stop = every(wiring.clock, PRESENCE_INTERVAL_MS, () => this.#speakUp())
  }

  /** Tells the room that this device is here, under its present passport; in a crowd those who know us. */
  announce(): void {
    if (!this.#isLeaving) void this.#tell(this.#state, this.#audience(PRESENCE_LIFETIME_MS))
  }

  /** For what tends to come in numbers. In a crowd nobody misses us who does not know us. */
  announceSoon(): void {
    if (this.#isLeaving || this.#wiring.size.isCrowd) return
    this.#cancelSoon ??= this.#wiring.clock.after(ANNOUNCE_AGAIN_MS, () => {
      this.#cancelSoon = undefined
      this.announce()
    })
  }

  /** Somebody is linked with us anew: in a crowd it may not know us, nor on which terms. */
  greet(): void {
    const { clock, size } = this.#wiring
    if (this.#isLeaving || !size.isCrowd || clock.now() - this.#greetedAt < PRESENCE_INTERVAL_MS) return
    void this.#tell(this.#state, 'links')
  }

  /** Before something is said: resolves once everybody has been told whose words they are. */
  async introduce(): Promise<void> {
    if (this.#isLeaving || this.#audience(INTRODUCED_MS) === 'room') return this.#telling
    return this.#tell(this.#state, 'room')
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
    return this.#tell('left', this.#audience(PRESENCE_LIFETIME_MS))
  }

  /** In a crowd: whether the whole room knows us from the last `ms`. */
  #audience(ms: number): Audience {
    const { clock, size } = this.#wiring
    return size.isCrowd && clock.now() - this.#toldAt >= ms ? 'links' : 'room'
  }

  /** Once a minute. */
  #speakUp(): void {
    const { size, random } = this.#wiring
    if (this.#isLeaving) return
    if (!size.isCrowd) return this.announce()
    if (random() < size.odds) void this.#tell(this.#state, 'room', size.count)
  }

  /** One word after the other: an earlier one must not come to stand over a later one. */
  #tell(state: Presence['state'], audience: Audience, crowd?: number): Promise<void> {
    const { author, clock, tell } = this.#wiring
    this.#greetedAt = clock.now()
    if (audience === 'room') this.#toldAt = clock.now()
    this.#telling = this.#telling
      .then(async () => tell(await author.presence(state, crowd), audience))
      .catch(() => {
        // Our passport has ended and the Worker is away: whoever knows us goes on knowing us until then.
      })
    return this.#telling
  }
}
