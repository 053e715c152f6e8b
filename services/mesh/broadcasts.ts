import { type BroadcastFrame, encodeFrame } from '../../protocol/frames'
import { MAX_HOPS } from '../../protocol/limits'
import type { BroadcastId } from './mesh'

/** Broadcasts that are known to have come, and those that are kept for whoever asks. */
const REMEMBERED = 20_000
const KEPT = 3_000

interface Kept {
  readonly frame: BroadcastFrame
  /** As it was encoded last: most links get it with the same number of hops. */
  hops: number
  bytes: Uint8Array<ArrayBuffer>
}

/** What went through this member lately: which broadcasts have come, and the newest of them to send. */
export class Broadcasts {
  readonly #known = new Set<BroadcastId>()
  readonly #kept = new Map<BroadcastId, Kept>()

  has(id: BroadcastId): boolean {
    return this.#known.has(id)
  }

  /** It need not be asked for any more. */
  know(id: BroadcastId): void {
    this.#known.add(id)
    forgetOldest(this.#known, REMEMBERED)
  }

  /** Whether it can be sent. */
  keeps(id: BroadcastId): boolean {
    return this.#kept.has(id)
  }

  keep(id: BroadcastId, { hops: _, ...frame }: BroadcastFrame): void {
    this.know(id)
    this.#kept.set(id, { frame, hops: 0, bytes: new Uint8Array() })
    forgetOldest(this.#kept, KEPT)
  }

  /** The frame that has taken `hops` links when it arrives; `undefined` when it is not kept any more. */
  encoded(id: BroadcastId, hops: number): Uint8Array<ArrayBuffer> | undefined {
    const kept = this.#kept.get(id)
    if (!kept || hops > MAX_HOPS) return undefined
    if (kept.hops !== hops) {
      kept.hops = hops
      kept.bytes = encodeFrame({ ...kept.frame, hops })
    }
    return kept.bytes
  }
}

function forgetOldest(ids: Set<BroadcastId> | Map<BroadcastId, unknown>, most: number): void {
  const [oldest] = ids.size > most ? ids.keys() : []
  if (oldest !== undefined) ids.delete(oldest)
}
