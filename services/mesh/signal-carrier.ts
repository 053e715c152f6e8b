import type { DeviceId } from '../../protocol/device'
import type { Clock } from '../clock'
import type { Carriage } from './attempt'
import { ExpiringMap } from './expiring-map'

/** A signal that was not answered after this long is tried another way (ms). */
export const ANOTHER_WAY_MS = 2_000
/** How a peer's signal came is how ours goes back to it, for so long. */
const CAME_MS = 30_000
const MAX_PEERS = 500

type Envelope = Uint8Array<ArrayBuffer>
/** Along the links it was heard of by, which may be its own; through the room object; over all links. */
type Way = 'route' | 'room' | 'everywhere'

interface Reply {
  readonly envelope: Envelope
  isRepeated: boolean
}

interface Wiring {
  clock: Clock
  /** Whether a chain of links leads to `to`, as far as is known. */
  hasRoute(to: DeviceId): boolean
  hasNeighbours(): boolean
  alongLinks(to: DeviceId, envelope: Envelope, everywhere: boolean): void
  /** `false` when the room object cannot be reached. */
  throughRoom(to: DeviceId, envelope: Envelope): boolean
}

/**
 * Gets signals to their addressees: over links where there is a way, else through the room object, and if that is gone
 * over all links. The room object comes before the latter because one member's upload is worth more than its request.
 */
export class SignalCarrier {
  readonly #wiring: Wiring
  readonly #cameBy: ExpiringMap<DeviceId, Way>
  readonly #replies: ExpiringMap<DeviceId, Reply>
  /** Calls off what waits to be tried another way. */
  readonly #waiting = new Set<() => void>()

  constructor(wiring: Wiring) {
    this.#wiring = wiring
    this.#cameBy = new ExpiringMap(wiring.clock, CAME_MS, MAX_PEERS)
    this.#replies = new ExpiringMap(wiring.clock, CAME_MS, MAX_PEERS)
  }

  close(): void {
    for (const cancel of this.#waiting) cancel()
    this.#waiting.clear()
  }

  /** A checked signal of `from` came this way. */
  came(from: DeviceId, by: 'links' | 'room'): void {
    this.#cameBy.set(from, by === 'links' ? 'route' : 'room')
  }

  /** A signal of `from` came once more, another way: our answer may have got lost on the first, and goes this one, once. */
  cameAgain(from: DeviceId, by: 'links' | 'room'): void {
    const before = this.#cameBy.get(from)
    this.came(from, by)
    const reply = this.#replies.get(from)
    if (!reply || reply.isRepeated || before === this.#cameBy.get(from)) return
    reply.isRepeated = true
    this.#go(by === 'links' ? 'route' : 'room', from, reply.envelope)
  }

  /**
   * Sends a signal: an answer, or an offer; while that `isUnanswered` the same one goes other ways, too: whoever gets it twice looks at it once.
   * Returns `false` when there is no way at all now.
   */
  send(to: DeviceId, envelope: Envelope, { isUnanswered }: Carriage): boolean {
    if (!isUnanswered) this.#replies.set(to, { envelope, isRepeated: false })
    const ways: Way[] =
      this.#cameBy.get(to) === 'room' ? ['room', 'route', 'everywhere'] : ['route', 'room', 'everywhere']
    return this.#try(ways, to, envelope, isUnanswered ?? (() => false))
  }

  #try(ways: readonly Way[], to: DeviceId, envelope: Envelope, isUnanswered: () => boolean): boolean {
    for (const [index, way] of ways.entries()) {
      if (!this.#go(way, to, envelope)) continue
      const others = ways.slice(index + 1)
      if (others.length > 0 && isUnanswered()) this.#tryLater(others, to, envelope, isUnanswered)
      return true
    }
    return false
  }

  #tryLater(ways: readonly Way[], to: DeviceId, envelope: Envelope, isUnanswered: () => boolean): void {
    const cancel = this.#wiring.clock.after(ANOTHER_WAY_MS, () => {
      this.#waiting.delete(cancel)
      if (isUnanswered()) this.#try(ways, to, envelope, isUnanswered)
    })
    this.#waiting.add(cancel)
  }

  #go(way: Way, to: DeviceId, envelope: Envelope): boolean {
    const { hasRoute, hasNeighbours, alongLinks, throughRoom } = this.#wiring
    if (way === 'room') return throughRoom(to, envelope)
    const isThere = way === 'everywhere' ? hasNeighbours() : hasRoute(to)
    if (isThere) alongLinks(to, envelope, way === 'everywhere')
    return isThere
  }
}
