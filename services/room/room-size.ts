import type { DeviceId } from '../../protocol/device'
import { CROWD_ENDS_AT, CROWD_SAMPLE, MAX_PEOPLE_NAMED, PRESENCE_INTERVAL_MS } from '../../protocol/limits'
import type { Clock } from '../clock'

/** Minutes over which a crowd is counted (ms). */
const WINDOW_MS = 5 * 60_000
/** Words by chance that are to be expected in one window. */
const WINDOW_WORDS = (CROWD_SAMPLE * WINDOW_MS) / PRESENCE_INTERVAL_MS
/** Members whose words are remembered; more say nothing more. */
const MAX_SPEAKERS = 300
/** Before a room is believed to be a crowd that does not look like one: as many as speak up in a minute. */
const WITNESSES = CROWD_SAMPLE

interface Wiring {
  clock: Clock
  /** How many people are known to be here. */
  known(): number
}

/**
 * How many are in the room. Up to `MAX_PEOPLE_NAMED` everybody is known. In a crowd each member speaks up by chance, about
 * `CROWD_SAMPLE` of them a minute, and says how many it believes there are: how many are heard shows how right they are.
 */
export class RoomSize {
  readonly #wiring: Wiring
  /**
   * Who spoke in the last window, and how many each believes to be here if it was by chance that it spoke. Each member
   * counts once, however often it speaks.
   */
  #words = new Map<DeviceId, { readonly at: number; readonly crowd: number | undefined }>()
  /** Since when we listen, and what we were told then. */
  #since: number
  #told = 0
  #isCrowd = false

  constructor(wiring: Wiring) {
    this.#wiring = wiring
    this.#since = wiring.clock.now()
  }

  get isCrowd(): boolean {
    const count = this.#isCrowd ? this.#estimated() : Math.max(this.#wiring.known(), this.#told)
    const isCrowd = count > (this.#isCrowd ? CROWD_ENDS_AT : MAX_PEOPLE_NAMED)
    if (isCrowd && !this.#isCrowd) this.#begin(count)
    if (!isCrowd) this.#told = Math.min(this.#told, MAX_PEOPLE_NAMED)
    this.#isCrowd = isCrowd
    return isCrowd
  }

  /** About how many are here; exactly, unless it is a crowd. */
  get count(): number {
    return this.isCrowd ? this.#estimated() : this.#wiring.known()
  }

  /** The room object counts `sockets`. */
  told(sockets: number): void {
    this.#told = sockets
    if (this.#isCrowd) this.#begin(sockets)
  }

  /** `device` said that it is here; if it was by chance, it believes that `crowd` are. */
  heard(device: DeviceId, crowd: number | undefined): void {
    // In a crowd, whoever says something says that it is here, too: that tells nothing of how many there are.
    const { isCrowd } = this
    if (isCrowd && crowd === undefined) return
    const now = this.#wiring.clock.now()
    for (const [other, { at }] of this.#words) if (now - at >= WINDOW_MS) this.#words.delete(other)
    this.#words.delete(device)
    this.#words.set(device, { at: now, crowd })
    const [oldest] = this.#words.size > MAX_SPEAKERS ? this.#words.keys() : []
    if (oldest !== undefined) this.#words.delete(oldest)
    // Who came without the room object's word learns it here: from most of those who speak.
    const beliefs = this.#beliefs
    if (!isCrowd && beliefs.length >= WITNESSES && 2 * beliefs.length > this.#words.size)
      this.#told = Math.max(this.#told, middleOf(beliefs) ?? 0)
  }

  /** The chance with which a member speaks up in a minute. */
  get odds(): number {
    return this.isCrowd ? Math.min(1, CROWD_SAMPLE / this.count) : 1
  }

  #begin(count: number): void {
    this.#since = this.#wiring.clock.now()
    this.#told = count
    this.#words.clear()
  }

  /** What was told counts less the longer we have listened ourselves. */
  #estimated(): number {
    const { clock, known } = this.#wiring
    const listened = Math.min(WINDOW_MS, Math.max(0, clock.now() - this.#since))
    const weight = listened / WINDOW_MS
    const beliefs = this.#beliefs
    // Whoever is first to speak may lie: what was told stands for those who have not spoken yet.
    const silent = Math.ceil((1 - weight) * WINDOW_WORDS)
    const believed = middleOf([...beliefs, ...Array<number>(silent).fill(this.#told)]) ?? this.#told
    // The chance to have heard of a member by now, if the room is as large as they believe.
    const share = 1 - (1 - Math.min(1, CROWD_SAMPLE / believed)) ** (listened / PRESENCE_INTERVAL_MS)
    const sampled = share > 0 ? beliefs.length / share : 0
    return Math.max(known(), Math.round(weight * sampled + (1 - weight) * this.#told))
  }

  get #beliefs(): number[] {
    const now = this.#wiring.clock.now()
    const fresh = [...this.#words.values()].filter(({ at }) => now - at < WINDOW_MS)
    return fresh.flatMap(({ crowd }) => crowd ?? [])
  }
}

/** The median: a few that lie do not move it. */
const middleOf = (beliefs: readonly number[]): number | undefined =>
  [...beliefs].sort((a, b) => a - b)[Math.floor(beliefs.length / 2)]
