import { deviceIdOf, devicePublicKey } from '../../protocol/device'
import type { OverlayWireFrame } from '../../protocol/frames'
import { BROADCAST_ID_BYTES } from '../../protocol/limits'
import type { BroadcastId, OverlayFrame } from './mesh'

const DEVICE_BYTES = 32

/** The id by which links speak of a broadcast: the first bytes of the SHA-256 of what was signed. */
export const broadcastIdOf = (hash: Uint8Array): BroadcastId => toHex(hash.subarray(0, BROADCAST_ID_BYTES))

/** A frame of the overlay as it goes over a link. */
export function toWire(frame: OverlayFrame): OverlayWireFrame {
  switch (frame.t) {
    case 'shuffle':
    case 'shuffled':
      return { ...frame, peers: joined(frame.peers.map(devicePublicKey)) }
    case 'ihave': {
      const ids = joined(frame.ids.map(({ id }) => fromHex(id)))
      return { t: 'ihave', ids, hops: Uint8Array.from(frame.ids, ({ hops }) => hops) }
    }
    case 'graft':
      return { t: 'graft', ids: joined(frame.ids.map(fromHex)) }
    case 'signal': {
      const { nonce, ...rest } = frame
      return nonce === undefined ? rest : { ...rest, nonce: fromHex(nonce) }
    }
    default:
      return frame
  }
}

/** The same back again. What the schema accepted fits. */
export function fromWire(frame: OverlayWireFrame): OverlayFrame {
  switch (frame.t) {
    case 'shuffle':
    case 'shuffled':
      return { ...frame, peers: parts(frame.peers, DEVICE_BYTES).map(deviceIdOf) }
    case 'ihave': {
      const ids = parts(frame.ids, BROADCAST_ID_BYTES).map(toHex)
      return { t: 'ihave', ids: ids.map((id, index) => ({ id, hops: frame.hops[index] ?? 0 })) }
    }
    case 'graft':
      return { t: 'graft', ids: parts(frame.ids, BROADCAST_ID_BYTES).map(toHex) }
    case 'signal': {
      const { nonce, data, ...rest } = frame
      const signal = { ...rest, data: new Uint8Array(data) }
      return nonce === undefined ? signal : { ...signal, nonce: toHex(nonce) }
    }
    default:
      return frame
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}

const parts = (bytes: Uint8Array, length: number): Uint8Array[] =>
  Array.from({ length: bytes.length / length }, (_, index) =>
    bytes.subarray(index * length, (index + 1) * length),
  )

const digits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

function toHex(bytes: Uint8Array): string {
  let hex = ''
  for (const byte of bytes) hex += digits[byte]
  return hex
}

const fromHex = (hex: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length: hex.length / 2 }, (_, at) => Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16))
