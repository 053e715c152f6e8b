import { describe, expect, it } from 'vitest'
import { encodeCanonical } from '../../../../protocol/codec'
import { deviceIdOf } from '../../../../protocol/device'
import { decodeFrame, encodeFrame, type OverlayWireFrame } from '../../../../protocol/frames'
import {
  BROADCAST_ID_BYTES,
  MAX_ANNOUNCED_IDS,
  MAX_FRAME_BYTES,
  MAX_HOPS,
  MAX_SHUFFLED,
  MAX_SIGNAL_BYTES,
  MAX_STEPS,
} from '../../../../protocol/limits'
import type { OverlayFrame } from '../../../../services/mesh/mesh'
import {
  FLOOD_STEPS,
  MAX_ANNOUNCED,
  SHUFFLE_ACTIVE,
  SHUFFLE_PASSIVE,
  SHUFFLE_STEPS,
  SIGNAL_STEPS,
  WALK_STEPS,
} from '../../../../services/mesh/overlay/parameters'
import { broadcastIdOf, fromWire, toWire } from '../../../../services/mesh/overlay-wire'

const device = (n: number) => deviceIdOf(new Uint8Array(32).fill(n))
const [ADA, BEN] = [device(1), device(2)]
const ID = '0123456789abcdef'
const bytes = (length: number) => new Uint8Array(length).fill(7)

const frames: OverlayFrame[] = [
  { t: 'walk', origin: ADA, ttl: WALK_STEPS },
  { t: 'shuffle', origin: ADA, ttl: SHUFFLE_STEPS, peers: [ADA, BEN] },
  { t: 'shuffle', origin: ADA, ttl: 1, peers: [] },
  { t: 'shuffled', to: ADA, ttl: 1, peers: Array.from({ length: MAX_SHUFFLED }, (_, n) => device(n)) },
  { t: 'bye' },
  { t: 'bye', instead: BEN },
  {
    t: 'ihave',
    ids: [
      { id: ID, hops: 0 },
      { id: 'ffffffffffffffff', hops: MAX_HOPS },
    ],
  },
  { t: 'graft', ids: [ID, 'ff00ff00ff00ff00'] },
  { t: 'graft', ids: [] },
  { t: 'prune' },
  { t: 'signal', from: ADA, to: BEN, ttl: SIGNAL_STEPS, data: bytes(MAX_SIGNAL_BYTES) },
  { t: 'signal', from: ADA, to: BEN, ttl: FLOOD_STEPS, data: bytes(1), nonce: ID },
]

function decoded(wire: Uint8Array): OverlayWireFrame {
  const result = decodeFrame(wire)
  if ('fault' in result) throw new Error(result.fault)
  const { frame } = result
  switch (frame.t) {
    case 'walk':
    case 'shuffle':
    case 'shuffled':
    case 'bye':
    case 'ihave':
    case 'graft':
    case 'prune':
    case 'signal':
      return frame
    default:
      throw new Error(`not of the overlay: ${frame.t}`)
  }
}

describe('what overlays say to each other', () => {
  it.each(frames)('comes over a link as it was said: $t', (frame) => {
    expect(fromWire(decoded(encodeFrame(toWire(frame))))).toEqual(frame)
  })

  it('fits however much there is of it', () => {
    const ids = Array.from({ length: MAX_ANNOUNCED }, (_, n) => n.toString(16).padStart(16, '0'))
    const most: OverlayFrame[] = [
      { t: 'ihave', ids: ids.map((id) => ({ id, hops: MAX_HOPS })) },
      { t: 'graft', ids },
      { t: 'shuffle', origin: ADA, ttl: MAX_STEPS, peers: Array(SHUFFLE_ACTIVE + SHUFFLE_PASSIVE).fill(BEN) },
    ]
    for (const frame of most) {
      const wire = encodeFrame(toWire(frame))
      expect(wire.length).toBeLessThan(MAX_FRAME_BYTES)
      expect(fromWire(decoded(wire))).toEqual(frame)
    }
    // What the state machine may say, the schema takes.
    expect(MAX_ANNOUNCED).toBeLessThanOrEqual(MAX_ANNOUNCED_IDS)
    expect(SHUFFLE_ACTIVE + SHUFFLE_PASSIVE).toBeLessThanOrEqual(MAX_SHUFFLED)
    expect(Math.max(SIGNAL_STEPS, FLOOD_STEPS, WALK_STEPS, SHUFFLE_STEPS)).toBeLessThanOrEqual(MAX_STEPS)
  })

  it('names a broadcast by the first bytes of its hash', () => {
    const hash = Uint8Array.from({ length: 32 }, (_, n) => n)
    expect(broadcastIdOf(hash)).toBe('0001020304050607')
    expect(broadcastIdOf(hash)).toHaveLength(2 * BROADCAST_ID_BYTES)
  })

  it('of a signal is a copy: nothing that comes later changes it', () => {
    const wire = encodeFrame(toWire({ t: 'signal', from: ADA, to: BEN, ttl: 1, data: bytes(3) }))
    const frame = fromWire(decoded(wire))
    wire.fill(0)
    expect(frame).toMatchObject({ data: bytes(3) })
  })

  it.each([
    ['a walk of no step', { t: 'walk', origin: ADA, ttl: 0 }],
    ['a walk of too many', { t: 'walk', origin: ADA, ttl: MAX_STEPS + 1 }],
    ['half a step', { t: 'walk', origin: ADA, ttl: 1.5 }],
    ['somebody who is no device', { t: 'walk', origin: 'ada', ttl: 1 }],
    ['half a device', { t: 'shuffle', origin: ADA, ttl: 1, peers: bytes(48) }],
    ['too many devices', { t: 'shuffled', to: ADA, ttl: 1, peers: bytes((MAX_SHUFFLED + 1) * 32) }],
    ['half an id', { t: 'graft', ids: bytes(4) }],
    ['too many ids', { t: 'graft', ids: bytes((MAX_ANNOUNCED_IDS + 1) * BROADCAST_ID_BYTES) }],
    ['fewer hops than ids', { t: 'ihave', ids: bytes(16), hops: bytes(1) }],
    ['more hops than ids', { t: 'ihave', ids: bytes(8), hops: bytes(2) }],
    ['too long a signal', { t: 'signal', from: ADA, to: BEN, ttl: 1, data: bytes(MAX_SIGNAL_BYTES + 1) }],
    ['too short a nonce', { t: 'signal', from: ADA, to: BEN, ttl: 1, data: bytes(1), nonce: bytes(7) }],
    ['a field that nobody knows', { t: 'prune', why: 'because' }],
  ])('is refused with %s', (_, frame) => {
    expect(decodeFrame(encodeCanonical(frame))).toEqual({ fault: 'malformed' })
  })
})
