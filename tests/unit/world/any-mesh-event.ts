import type { DeviceId } from '../../../protocol/device'
import type { Random } from '../../../services/clock'
import type { MeshEvent, MeshState, OverlayFrame } from '../../../services/mesh/mesh'
import { draw, drawOne } from '../../simulation/engine/chance'

const BUCKETS = ['a', 'b', 'c', 'd']
const KINDS = [
  'introduced',
  'heard',
  'gone',
  'offered',
  'offered',
  'opened',
  'opened',
  'closed',
  'declined',
  'full',
  'kept',
  'hurry',
  'frame',
  'frame',
  'frame',
  'frame',
  'publish',
  'received',
  'received',
  'signal',
  'tick',
  'tick',
  'tick',
] as const

/** Some event that may reach a member, rather one that makes sense; `peers` are who there is. */
export function anyEvent(state: MeshState, peers: readonly DeviceId[], random: Random): MeshEvent {
  const t = drawOne(KINDS, random)
  const near = [...state.links.keys(), ...state.leaving.keys()]
  const begun = [...state.pending.keys()]
  const somebody = () => drawOne([...peers, state.me], random)
  const linked = () => (near.length > 0 && random() < 0.9 ? drawOne(near, random) : drawOne(peers, random))
  const pending = () => (begun.length > 0 && random() < 0.9 ? drawOne(begun, random) : drawOne(peers, random))
  const id = () => `x${Math.floor(40 * random())}`
  switch (t) {
    case 'introduced': {
      const named = draw([...peers, state.me], 8, random)
      return { t, peers: named.map((device) => ({ device, bucket: drawOne(BUCKETS, random) })) }
    }
    case 'offered': {
      const bucket = random() < 0.5 ? { bucket: drawOne(BUCKETS, random) } : {}
      return { t, peer: somebody(), urgent: random() < 0.5, ...bucket }
    }
    case 'heard':
    case 'gone':
      return { t, peer: somebody() }
    case 'opened':
    case 'declined':
    case 'full':
    case 'kept':
      return { t, peer: pending() }
    case 'closed':
      return { t, peer: random() < 0.5 ? pending() : linked() }
    case 'frame': {
      const frame = anyFrame(somebody, id, random)
      const unknown = frame.t === 'ihave' ? frame.ids.filter(() => random() < 0.5).map(({ id }) => id) : []
      return { t, from: linked(), frame, unknown: new Set(unknown) }
    }
    case 'publish':
      return { t, id: id(), passing: random() < 0.2 }
    case 'received': {
      const hops = 1 + Math.floor(10 * random())
      return { t, id: id(), from: linked(), hops, isNew: random() < 0.5, passing: random() < 0.2 }
    }
    case 'signal':
      return { t, to: drawOne(peers, random), data: new Uint8Array(8), everywhere: random() < 0.3 }
    default:
      return { t }
  }
}

function anyFrame(somebody: () => DeviceId, id: () => string, random: Random): OverlayFrame {
  const ttl = Math.floor(8 * random())
  const crowd = () => Array.from({ length: 7 }, somebody)
  const some = <T>(make: () => T) => Array.from({ length: 1 + Math.floor(10 * random()) }, make)
  const frames: (() => OverlayFrame)[] = [
    () => ({ t: 'walk', origin: somebody(), ttl }),
    () => ({ t: 'shuffle', origin: somebody(), ttl, peers: crowd() }),
    () => ({ t: 'shuffled', to: somebody(), ttl, peers: crowd() }),
    () => ({ t: 'bye', ...(random() < 0.5 && { instead: somebody() }) }),
    () => ({ t: 'ihave', ids: some(() => ({ id: id(), hops: ttl })) }),
    () => ({ t: 'graft', ids: some(id) }),
    () => ({ t: 'prune' }),
    () => ({
      t: 'signal',
      from: somebody(),
      to: somebody(),
      ttl,
      data: new Uint8Array(8),
      ...(random() < 0.5 && { nonce: id() }),
    }),
  ]
  return drawOne(frames, random)()
}
