import type { DeviceId } from '../../../protocol/device'
import type { Announcement, BroadcastId } from './state'

/** What overlays say to each other over a link. `protocol/overlay.ts` is its form on the wire. */
export type OverlayFrame =
  /** Looks for whoever has a place free for `origin`. HyParView's FORWARDJOIN and NEIGHBOR in one. */
  | { readonly t: 'walk'; readonly origin: DeviceId; readonly ttl: number }
  | {
      readonly t: 'shuffle'
      readonly origin: DeviceId
      readonly ttl: number
      readonly peers: readonly DeviceId[]
    }
  /** The answer to a shuffle, back the way it came. */
  | {
      readonly t: 'shuffled'
      readonly to: DeviceId
      readonly ttl: number
      readonly peers: readonly DeviceId[]
    }
  /** HyParView's DISCONNECT: the link ends, nothing is wrong. `instead`: who took the place, and may have one free. */
  | { readonly t: 'bye'; readonly instead?: DeviceId }
  /** Plumtree: I have these. */
  | { readonly t: 'ihave'; readonly ids: readonly Announcement[] }
  /** Plumtree: push to me from now on, these first. */
  | { readonly t: 'graft'; readonly ids: readonly BroadcastId[] }
  /** Plumtree: announce to me only. */
  | { readonly t: 'prune' }
  | SignalFrame

/** A sealed offer or answer on its way over links. `nonce` is there when it looks for its addressee everywhere. */
export interface SignalFrame {
  readonly t: 'signal'
  readonly from: DeviceId
  readonly to: DeviceId
  readonly ttl: number
  readonly data: Uint8Array<ArrayBuffer>
  readonly nonce?: string
}

export type MeshEvent =
  /** The room object named members that are worth dialling, and their networks. */
  | { t: 'introduced'; peers: readonly { readonly device: DeviceId; readonly bucket: string }[] }
  /** A member's presence was heard. */
  | { t: 'heard'; peer: DeviceId }
  /** A member said goodbye to the room. */
  | { t: 'gone'; peer: DeviceId }
  /** A signed offer came from `peer`; `bucket`: from which network, if the room object passed it on. */
  | { t: 'offered'; peer: DeviceId; urgent: boolean; bucket?: string }
  | { t: 'opened'; peer: DeviceId }
  /** A link closed, or one being set up failed. */
  | { t: 'closed'; peer: DeviceId }
  /** The offer just reported was declined; the peer may make another. */
  | { t: 'declined'; peer: DeviceId }
  /** Our offer came to a member that has no place free. */
  | { t: 'full'; peer: DeviceId }
  /** Setting up another link to a linked peer failed, and the one before it still stands. */
  | { t: 'kept'; peer: DeviceId }
  /** A frame of the overlay came over a link. `unknown`: of an announcement's ids, those that were never received. */
  | { t: 'frame'; from: DeviceId; frame: OverlayFrame; unknown?: ReadonlySet<BroadcastId> }
  /** We have something to broadcast; it can be sent from now on. `passing`: worth nothing soon, so it is not announced. */
  | { t: 'publish'; id: BroadcastId; passing?: boolean }
  /**
   * A broadcast came over a link. `isNew`: for the first time from anybody, and worth passing on. `hops`: links it took.
   */
  | { t: 'received'; id: BroadcastId; from: DeviceId; hops: number; isNew: boolean; passing?: boolean }
  /** A signal of ours has to get to a peer: over the way it was heard of, or `everywhere`. */
  | { t: 'signal'; to: DeviceId; data: Uint8Array<ArrayBuffer>; everywhere: boolean }
  /** Try everybody now: the network came back. */
  | { t: 'hurry' }
  /** Time passed: `wakeAt` has come, or another second. */
  | { t: 'tick' }

export type MeshEffect =
  /** `urgent`: the peer is asked to make room if it has to. */
  | { t: 'dial'; peer: DeviceId; urgent: boolean }
  /** Answer the offer that was just reported. */
  | { t: 'accept'; peer: DeviceId }
  /** Tell who made the offer that was just reported that there is no place. */
  | { t: 'refuse'; peer: DeviceId }
  /** Stop setting up a link to `peer`: its offer won, or it is gone. */
  | { t: 'abandon'; peer: DeviceId }
  /** Close the link to `peer`. The overlay counts it as closed already; reporting it is harmless. */
  | { t: 'drop'; peer: DeviceId; why: 'gone' | 'left' | 'silent' | 'promises' }
  | { t: 'send'; peer: DeviceId; frame: OverlayFrame }
  /** Send the broadcast `id`, which has come `hops` links when it arrives. What is not kept any more is not sent. */
  | { t: 'push'; peer: DeviceId; id: BroadcastId; hops: number }
  /** A signal for us, as the link to `via` brought it. */
  | { t: 'deliver'; from: DeviceId; via: DeviceId; data: Uint8Array<ArrayBuffer> }
  /** Ask the room object for more members. */
  | { t: 'introduce' }
