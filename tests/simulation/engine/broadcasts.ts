import { LOG_LENGTH } from '../../../protocol/limits'
import type { BroadcastId } from '../../../services/mesh/overlay/state'

/** In place of hops: it came by reconciliation. */
export const RECOVERED = 255

/** One broadcast, and when each member had it. */
export class Broadcast {
  readonly id: BroadcastId
  readonly size: number
  readonly sentAt: number
  /** By index of the member that said it. */
  readonly source: number
  /** Of people, so part of the log; else presence. */
  readonly isMessage: boolean
  /** Times that it was pushed over a link and arrived. */
  payloads = 0
  /** When the latest member had it from a link, and over how many. */
  lastHop = 0
  /** Members that have it. */
  holders = 0
  readonly #arrivals: Float64Array
  readonly #hops: Uint8Array

  constructor(
    id: BroadcastId,
    size: number,
    sentAt: number,
    source: number,
    isMessage: boolean,
    members: number,
  ) {
    this.id = id
    this.size = size
    this.sentAt = sentAt
    this.source = source
    this.isMessage = isMessage
    this.#arrivals = new Float64Array(members).fill(Number.POSITIVE_INFINITY)
    this.#hops = new Uint8Array(members)
  }

  isWith(member: number): boolean {
    return (this.#arrivals[member] as number) < Number.POSITIVE_INFINITY
  }

  came(member: number, now: number, hops: number): void {
    this.#arrivals[member] = now
    this.#hops[member] = hops
    this.holders++
    if (hops !== RECOVERED) this.lastHop = Math.max(this.lastHop, hops)
  }

  /** How long it took to get there (ms); infinity: it never did. */
  delayTo(member: number): number {
    return (this.#arrivals[member] as number) - this.sentAt
  }

  hopsTo(member: number): number {
    return this.#hops[member] as number
  }
}

/** Everything that was broadcast in one run: less than a member keeps to push when asked, so nothing is let go. */
export class Broadcasts {
  readonly all: Broadcast[] = []
  readonly #byId = new Map<BroadcastId, Broadcast>()
  readonly #log: Broadcast[] = []
  readonly #presences: Broadcast[] = []
  readonly #capacity: number

  /** `capacity`: members that there will ever be. */
  constructor(capacity: number) {
    this.#capacity = capacity
  }

  create(source: number, now: number, size: number, isMessage: boolean): Broadcast {
    const id = `b${this.all.length}`
    const broadcast = new Broadcast(id, size, now, source, isMessage, this.#capacity)
    this.all.push(broadcast)
    this.#byId.set(id, broadcast)
    if (isMessage) this.#log.push(broadcast)
    else this.#presences.push(broadcast)
    return broadcast
  }

  /** `undefined`: nobody ever sent it. */
  get(id: BroadcastId): Broadcast | undefined {
    return this.#byId.get(id)
  }

  presencesSince(time: number): readonly Broadcast[] {
    while ((this.#presences[0]?.sentAt ?? time) < time) this.#presences.shift()
    return this.#presences
  }

  get messages(): readonly Broadcast[] {
    return this.#log
  }

  /** What logs are compared by. */
  get newest(): readonly Broadcast[] {
    return this.#log.slice(-LOG_LENGTH)
  }
}
