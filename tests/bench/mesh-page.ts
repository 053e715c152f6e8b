import type { Adapter, Stand } from './mesh-adapter'
import { type Arrivals, BenchPeer, type Heard, type Joining, type Talk } from './mesh-peer'

/** What a page with one peer in it does for the bench. */
export interface PeerPage {
  prepare(stand: Omit<Stand, 'codeFor'>): Promise<void>
  join(joining: Joining): Promise<Heard>
  talk(talk: Talk): Promise<void>
  arrivals(phase: string): Arrivals
}

/** What the bench gives a page. */
interface Given {
  codeFor(email: string): Promise<string>
}

/** Makes this page one peer. */
export function serve(adapter: Adapter): void {
  const peer = new BenchPeer(adapter)
  const page: PeerPage = {
    prepare: (stand) => {
      const { codeFor } = globalThis as unknown as Given
      return peer.prepare({ ...stand, codeFor })
    },
    join: (joining) => peer.join(joining),
    talk: (talk) => peer.talk(talk),
    arrivals: (phase) => peer.arrivals(phase),
  }
  Object.assign(globalThis, { page })
}
