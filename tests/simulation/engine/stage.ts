import type { DeviceId } from '../../../protocol/device'
import type { Broadcast, Broadcasts } from './broadcasts'
import type { Post } from './envelope'
import type { End, Wire } from './wire'
import type { World } from './world'

/** What all members of a run share, and whom they tell what happens to them. */
export interface Stage {
  readonly world: World
  readonly post: Post
  readonly broadcasts: Broadcasts
  /** The presences of the last `ms`. */
  presences(ms: number): readonly Broadcast[]
  deviceOf(index: number): DeviceId
  /** A member has a broadcast from now on; `hops` 0: it said it itself. */
  came(index: number, broadcast: Broadcast, hops: number): void
  opened(end: End, wire: Wire): void
  /** A member ended a link of its own accord, in peace or as a judgement. */
  dropped(end: End, wire: Wire, why: string): void
}
