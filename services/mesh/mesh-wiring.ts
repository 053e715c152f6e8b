import type { IceServers } from '../../protocol/api'
import type { AccountId, DeviceId } from '../../protocol/device'
import type { RoomId } from '../../protocol/room-id'
import type { Clock, Random } from '../clock'
import type { HubFault } from './hub-session'
import type { Link, LinkMaker } from './link'
import type { SignalFault, Signalling } from './signalling'

/** What went wrong on the way to a link. */
export type MeshFault = SignalFault | HubFault | 'wrong-fingerprint'

/** Whether a fault means that somebody on the way changed what a member said, or speaks under its name. */
export const isTampering = (fault: string): boolean =>
  fault === 'bad-signature' || fault === 'bad-seal' || fault === 'hub-forged' || fault === 'wrong-fingerprint'

export interface MeshWiring {
  me: DeviceId
  room: RoomId
  clock: Clock
  random: Random
  signalling: Signalling
  links: LinkMaker
  /** Whether the viewer agrees to direct links. Call `termsChanged` when it changes. */
  direct(): boolean
  /** What the Worker gave us, without what has expired. */
  iceServers(): IceServers
  sendSignal(to: DeviceId, envelope: Uint8Array<ArrayBuffer>): boolean
  /** Hands a sealed frame to the room's socket; `false` when it is not open. */
  sendHub(to: DeviceId, bytes: Uint8Array<ArrayBuffer>): boolean
  /** Ask the room object for more members. */
  askForIntroductions(): void
  /** Whether `peer` misbehaved lately: it gets no link, and its signals are not looked at. */
  isShunned(peer: DeviceId): boolean
  /** `peer` proved whose device it is. Returns whether the viewer wants no link with that account's devices. */
  isUnwanted(peer: DeviceId, account: AccountId): boolean
  onLink(peer: DeviceId, link: Link): void
  /**
   * A link is gone for good; not called when a newer one to the same peer replaced it. `inPeace`: it was one too many, and its
   * other end is well.
   */
  onUnlink(peer: DeviceId, inPeace: boolean): void
  /** A link goes another way than it went when it opened. */
  onKindChange(): void
  /** A signal of `from` came through as it was signed. */
  onVerified(from: DeviceId, account: AccountId): void
  /** Something was refused that came under the name of `from`. */
  onFault(fault: MeshFault, from: DeviceId): void
}
