import type { DeviceId } from '../../../protocol/device'
import { MAX_INTRODUCTIONS } from '../../../protocol/limits'
import { drawOne } from './chance'
import type { Envelope } from './envelope'
import type { World } from './world'

/** A member with a socket. */
export interface Visitor {
  readonly device: DeviceId
  /** Its network, as the room object knows it. */
  readonly bucket: string
  /** One way, ms. */
  readonly roomLatency: number
  introduced(peers: readonly Introduction[]): void
  /** `bucket`: its sender's network. */
  signalCame(envelope: Envelope, bucket: string): void
  absent(device: DeviceId): void
}

interface Introduction {
  readonly device: DeviceId
  readonly bucket: string
}

/** The room's Durable Object: introduces members and passes signals on. */
export class RoomObject {
  readonly #world: World
  readonly #visitors = new Map<DeviceId, Visitor>()
  readonly #networks = new Map<string, Visitor[]>()
  readonly #buckets: string[] = []
  isUp = true
  /** What it was asked for. */
  requests = 0

  constructor(world: World) {
    this.#world = world
  }

  /** A socket opens. The newcomer is welcomed with introductions. */
  enter(visitor: Visitor): void {
    if (!this.isUp) return
    this.#world.later(visitor.roomLatency, () => {
      this.#visitors.set(visitor.device, visitor)
      const network = this.#networks.get(visitor.bucket)
      if (network) network.push(visitor)
      else {
        this.#networks.set(visitor.bucket, [visitor])
        this.#buckets.push(visitor.bucket)
      }
    })
    this.introduce(visitor)
  }

  /** A socket closes. */
  leave(visitor: Visitor): void {
    if (!this.#visitors.delete(visitor.device)) return
    const network = this.#networks.get(visitor.bucket) ?? []
    remove(network, visitor)
    if (network.length > 0) return
    this.#networks.delete(visitor.bucket)
    remove(this.#buckets, visitor.bucket)
  }

  /** Names live members to `visitor`. */
  introduce(visitor: Visitor): void {
    if (!this.isUp) return
    this.requests++
    this.#world.later(2 * visitor.roomLatency, () => {
      if (this.isUp) visitor.introduced(this.#drawn(visitor))
    })
  }

  /** Passes a signal on, or says that its addressee is not there. */
  pass(from: Visitor, envelope: Envelope): void {
    if (!this.isUp) return
    this.requests++
    const to = this.#visitors.get(envelope.to)
    if (!to) {
      this.#world.later(2 * from.roomLatency, () => from.absent(envelope.to))
      return
    }
    this.#world.later(from.roomLatency + to.roomLatency + this.#world.drawDelay(), () =>
      to.signalCame(envelope, from.bucket),
    )
  }

  /** Its server is gone: every socket closes. */
  fail(): void {
    this.isUp = false
    this.#visitors.clear()
    this.#networks.clear()
    this.#buckets.length = 0
  }

  /** Networks in random order, one member of each; none has a second turn before all had their first. */
  #drawn(asker: Visitor): Introduction[] {
    const { random } = this.#world
    const named = new Map<DeviceId, Introduction>()
    const turned = new Set<string>()
    const many = this.#buckets.length > 4 * MAX_INTRODUCTIONS
    for (let tries = 0; tries < 20 * MAX_INTRODUCTIONS && named.size < MAX_INTRODUCTIONS; tries++) {
      if (this.#buckets.length === 0) break
      const bucket = drawOne(this.#buckets, random)
      if (turned.has(bucket)) {
        if (!many && turned.size === this.#buckets.length) turned.clear()
        continue
      }
      turned.add(bucket)
      const network = this.#networks.get(bucket)
      if (!network) continue
      const { device } = drawOne(network, random)
      if (device !== asker.device) named.set(device, { device, bucket })
    }
    return [...named.values()]
  }
}

/** Order does not matter: the last takes the place. */
function remove<T>(items: T[], item: T): void {
  const at = items.indexOf(item)
  const last = items.pop()
  if (at >= 0 && at < items.length && last !== undefined) items[at] = last
}
