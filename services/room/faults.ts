import type { FrameFault } from '../../protocol/frames'
import type { MeshFault } from '../mesh/mesh-wiring'

/** What was refused in a room, by why. */
export class Faults {
  readonly counts = new Map<FrameFault | MeshFault, number>()

  count(fault: FrameFault | MeshFault): void {
    this.counts.set(fault, (this.counts.get(fault) ?? 0) + 1)
  }
}
