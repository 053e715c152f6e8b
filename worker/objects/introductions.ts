import type { DeviceId } from '../../protocol/device'
import { MAX_INTRODUCTIONS } from '../../protocol/limits'
import type { Introduction } from '../../protocol/room-socket'
import { INTRODUCTION_LOOKS, LIVE_SOCKET_MS, MAX_TOLD } from '../limits'
import type { RoomSockets } from './room-sockets'

/**
 * Names live members to dial. The draw is over networks, each as likely as the others, and only then over the members
 * of one; none has a second turn before all had their first. So a thousand sockets of five networks are five among
 * the rest, and whoever owns one network is nobody's only neighbour where there are others.
 */
export class Introductions {
  readonly #sockets: RoomSockets
  /** Whom a socket was told of, newest first. Gone with hibernation, which makes nobody worse off. */
  readonly #told = new WeakMap<WebSocket, readonly DeviceId[]>()

  constructor(sockets: RoomSockets) {
    this.#sockets = sockets
  }

  /** At most `MAX_INTRODUCTIONS` for `asker`, whose socket it is; looks at `INTRODUCTION_LOOKS` sockets, however many there are. */
  for(socket: WebSocket, asker: DeviceId, now: number): Introduction[] {
    const told = this.#told.get(socket) ?? []
    const named = this.#draw(asker, told, now)
    const newest = [...named.map(({ device }) => device), ...told]
    this.#told.set(socket, newest.slice(0, MAX_TOLD))
    return named
  }

  #draw(asker: DeviceId, told: readonly DeviceId[], now: number): Introduction[] {
    const named: Introduction[] = []
    let looks: number = INTRODUCTION_LOOKS.all
    let round: Iterable<Looks> = this.#networks(asker, told, now)
    for (;;) {
      const next: Looks[] = []
      for (const network of round) {
        const { found, used, isOver } = turn(network, Math.min(looks, INTRODUCTION_LOOKS.turn))
        if (found) named.push(found)
        looks -= used
        if (named.length === MAX_INTRODUCTIONS || looks <= 0) return named
        if (!isOver) next.push(network)
      }
      if (next.length === 0) return named
      round = next
    }
  }

  *#networks(asker: DeviceId, told: readonly DeviceId[], now: number): Generator<Looks> {
    for (const devices of this.#sockets.networks.drawn()) yield this.#looks(devices, asker, told, now)
  }

  /** Those whom the asker was told of come after all others of their network: their links may just have failed. */
  *#looks(
    devices: Iterable<DeviceId>,
    asker: DeviceId,
    told: readonly DeviceId[],
    now: number,
  ): Generator<Introduction | undefined, void> {
    const again: Introduction[] = []
    for (const device of devices) {
      const live = device === asker ? undefined : this.#live(device, now)
      const isTold = live && told.includes(device)
      if (isTold) again.push(live)
      yield isTold ? undefined : live
    }
    yield* again
  }

  #live(device: DeviceId, now: number): Introduction | undefined {
    const [socket] = this.#sockets.of(device)
    const member = socket && this.#sockets.memberOf(socket)
    if (!member || now - this.#sockets.seenAt(socket, member) >= LIVE_SOCKET_MS) return undefined
    const { bucket, direct, consent } = member
    return { device, bucket, direct, ...(consent && { consent }) }
  }
}

/** Looks at one network's members in random order: a live one, or `undefined` where there was none. */
type Looks = Generator<Introduction | undefined, void>

/** Looks on until somebody is found, `most` times at most. */
function turn(network: Looks, most: number): { found?: Introduction; used: number; isOver: boolean } {
  for (let used = 1; used <= most; used++) {
    const { value, done } = network.next()
    if (done) return { used, isOver: true }
    if (value) return { found: value, used, isOver: false }
  }
  return { used: most, isOver: false }
}
