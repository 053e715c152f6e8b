import type { OverlayFrame } from '../../../services/mesh/overlay/events'

/** Sizes on the wire in canonical CBOR (bytes): frame with its tag and length, device key, broadcast id, hops. */
const HEADER = 10
const DEVICE = 32 + 4
const BROADCAST = 8 + 3
const HOPS = 1
/** A signed offer or answer with its passport. */
export const SIGNAL_BYTES = 2_000
/** What keeps a quiet link awake, and how often (`LINK_PING_MS`). */
export const PING = { bytes: 16, everyMs: 8_000 } as const
/** A digest of a log: 64 buckets with a hash each. */
export const DIGEST_BYTES = 1_200
export const MESSAGE_BYTES = 600
export const PRESENCE_BYTES = 800

export const payloadBytes = (size: number): number => HEADER + size + HOPS

export function frameBytes(frame: OverlayFrame): number {
  switch (frame.t) {
    case 'walk':
      return HEADER + DEVICE + 2
    case 'shuffle':
    case 'shuffled':
      return HEADER + DEVICE * (1 + frame.peers.length) + 1
    case 'bye':
      return HEADER + (frame.instead === undefined ? 0 : DEVICE)
    case 'ihave':
      return HEADER + frame.ids.length * (BROADCAST + HOPS)
    case 'graft':
      return HEADER + frame.ids.length * BROADCAST
    case 'prune':
      return HEADER
    case 'signal':
      return HEADER + 2 * DEVICE + SIGNAL_BYTES + (frame.nonce === undefined ? 0 : 12)
  }
}
