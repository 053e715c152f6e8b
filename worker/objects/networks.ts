import type { DeviceId } from '../../protocol/device'
import type { NetworkBucket } from '../../protocol/room-socket'
import { Urn } from './urn'

interface Neighbour {
  bucket: NetworkBucket
  device: DeviceId
}

/** The members of a room by the networks they came from. */
export class Networks {
  readonly #networks = new Map<NetworkBucket, Urn<DeviceId>>()
  readonly #urn = new Urn<Urn<DeviceId>>()

  constructor(members: Iterable<Neighbour>) {
    for (const member of members) this.add(member)
  }

  add({ bucket, device }: Neighbour): void {
    const network = this.#networks.get(bucket) ?? new Urn()
    network.put(device)
    this.#networks.set(bucket, network)
    this.#urn.put(network)
  }

  remove({ bucket, device }: Neighbour): void {
    const network = this.#networks.get(bucket)
    network?.remove(device)
    if (network?.size !== 0) return
    this.#networks.delete(bucket)
    this.#urn.remove(network)
  }

  sizeOf(bucket: NetworkBucket): number {
    return this.#networks.get(bucket)?.size ?? 0
  }

  /** Every network once, in random order, each with its members in random order. Add and remove none meanwhile. */
  *drawn(): Generator<Generator<DeviceId>> {
    for (const network of this.#urn.drawn()) yield network.drawn()
  }
}
