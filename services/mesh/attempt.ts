import type { DeviceId } from '../../protocol/device'
import type { Clock } from '../clock'
import type { HubLinks } from './hub-links'
import type { Link, LinkMaker, PendingLink } from './link'
import type { Signalling } from './signalling'
import type { Terms } from './terms'
import type { Way } from './way'

export type Nonce = Uint8Array<ArrayBuffer>

/** How a signal is to be carried. */
export interface Carriage {
  /** Of an offer: whether it is to be tried other ways; without, it is an answer. */
  readonly isUnanswered?: (() => boolean) | undefined
}

/** One try to set up a link. */
export interface Attempt {
  readonly pending: PendingLink
  readonly nonce: Nonce
  readonly way: Way
  readonly role: 'offer' | 'answer'
  /** Whether the room object is tried when the peer declines WebRTC. */
  readonly fallsBack: boolean
  /** Whether the peer is asked to make room. */
  readonly isUrgent: boolean
  readonly cancelDeadline: () => void
  /** Whether the peer has shown who it is: by its checked offer, or by its checked answer. */
  isAnswered: boolean
  /** Whether our offer or answer is out. */
  isSent: boolean
}

export interface DiallerWiring {
  clock: Clock
  signalling: Signalling
  terms: Terms
  links: LinkMaker
  hub: HubLinks
  /** Hands an envelope to whoever can carry it to `to`; `false` when nobody can now. */
  sendSignal(to: DeviceId, envelope: Uint8Array<ArrayBuffer>, carriage: Carriage): boolean
  /** `isOurs`: the link comes of an offer of ours. */
  onOpen(peer: DeviceId, link: Link, way: Way, isOurs: boolean): void
  /** The attempt came to nothing; not called after `abandon`. */
  onFail(peer: DeviceId): void
  /** The peer has no place free for another link. */
  onFull(peer: DeviceId): void
  /** An offer of `peer` was declined: it may offer another way now. */
  onDecline(peer: DeviceId): void
  /** What answered was not the device whose signature we checked. */
  onWrongFingerprint(peer: DeviceId): void
}
