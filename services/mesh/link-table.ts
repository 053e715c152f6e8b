import type { DeviceId } from '../../protocol/device'
import type { Link, LinkKind } from './link'
import type { Way } from './way'

/** The open links of a room, one for each peer, and the way each was made. */
export class LinkTable {
  readonly #links = new Map<DeviceId, { link: Link; way: Way; isOurs: boolean }>()

  get peers(): DeviceId[] {
    return [...this.#links.keys()]
  }

  get kinds(): ReadonlyMap<DeviceId, LinkKind> {
    return new Map([...this.#links].map(([peer, { link }]) => [peer, link.kind]))
  }

  linksBut(except: readonly DeviceId[]): Link[] {
    return [...this.#links].filter(([peer]) => !except.includes(peer)).map(([, { link }]) => link)
  }

  get(peer: DeviceId): Link | undefined {
    return this.#links.get(peer)?.link
  }

  wayTo(peer: DeviceId): Way | undefined {
    return this.#links.get(peer)?.way
  }

  /** Whether the link comes of an offer of ours. */
  isOurs(peer: DeviceId): boolean {
    return this.#links.get(peer)?.isOurs === true
  }

  add(peer: DeviceId, link: Link, way: Way, isOurs: boolean): void {
    this.#links.set(peer, { link, way, isOurs })
  }

  /** Forgets a link; `false` when it is not the one there is to `peer`. */
  remove(peer: DeviceId, link: Link): boolean {
    return this.#links.get(peer)?.link === link && this.#links.delete(peer)
  }

  /** Closes a link that another one replaces: it is forgotten first, so nobody takes it for a loss. */
  retire(peer: DeviceId): void {
    const old = this.#links.get(peer)
    this.#links.delete(peer)
    old?.link.close()
  }

  closeAll(): void {
    for (const peer of this.peers) this.retire(peer)
  }
}
