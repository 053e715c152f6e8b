import type { DeviceId } from '../../protocol/device'
import type { FrameFault } from '../../protocol/frames'
import type { MeshFault } from '../mesh/mesh-links'
import { Tampering } from './tampering'

/** What was refused in a room, by why, and what that says of those who pass it on. */
export class Faults {
  readonly counts = new Map<FrameFault | MeshFault, number>()
  readonly #tampering = new Tampering()

  /** Whether somebody between us and the others changed what they sent. */
  get isTampered(): boolean {
    return this.#tampering.isSuspected
  }

  count(fault: FrameFault | MeshFault): void {
    this.counts.set(fault, (this.counts.get(fault) ?? 0) + 1)
  }

  /** Counts a fault on the way to a link. Returns whether it makes for suspicion; `links`: how many are open. */
  onTheWay(fault: MeshFault, from: DeviceId, links: number): boolean {
    this.count(fault)
    return this.#tampering.noted(fault, from, links)
  }
}
