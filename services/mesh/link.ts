import type { IceServers } from '../../protocol/api'
import type { IcePolicy } from './way'

/** How a link's bytes get across. The mesh does not know the difference. */
export type LinkKind = 'direct' | 'turn' | 'hub'

/** An open, ordered, reliable way to one peer. */
export interface Link {
  readonly kind: LinkKind
  /**
   * Sends one frame, or keeps it until it can be sent. Ignored once the link has closed. A link on which more than 1 MB
   * would wait closes instead: its peer takes too little.
   */
  send(frame: Uint8Array<ArrayBuffer>): void
  /** Whether frames wait here already: who has much to send waits, too. */
  readonly isBusy: boolean
  /** Resolves once the link is not busy: at once when it is not, and also when it has closed. */
  whenWritable(): Promise<void>
  /** Closes it on both ends; `onClose` follows. */
  close(): void
  /** Set by the owner; called for each frame in order. */
  onFrame: (frame: Uint8Array) => void
  /** Set by the owner; called once, also when it broke. */
  onClose: () => void
  /** Set by the owner; called when `kind` became another: ICE found a better pair of candidates. */
  onKindChange: () => void
}

/** What one end puts forward in its signed offer or answer. */
export type Proposal =
  | { readonly via: 'rtc'; readonly sdp: string }
  /** An X25519 public key made for this link alone. */
  | { readonly via: 'hub'; readonly key: Uint8Array<ArrayBuffer> }

/** A link being set up. */
export interface PendingLink {
  /** Our offer or answer, complete with candidates (no trickle). Rejects when it cannot be made. */
  readonly proposal: Promise<Proposal>
  /** The peer's answer to our offer. */
  answered(proposal: Proposal): void
  /** Resolves once frames can be sent; rejects when that failed or `abandon` was called. */
  readonly opened: Promise<Link>
  abandon(): void
}

/** `cause` of the error with which a link fails whose other end is not the one that signed. */
export const WRONG_FINGERPRINT = 'wrong-fingerprint'

export interface IceTerms {
  /** `relay`: nothing but TURN, and no word of our addresses. */
  readonly policy: IcePolicy
  readonly iceServers: IceServers
}

/** Makes WebRTC links: simple-peer in a browser, something in memory in tests. */
export interface LinkMaker {
  offer(terms: IceTerms): PendingLink
  /** `sdp`: the peer's offer. */
  answer(terms: IceTerms, sdp: string): PendingLink
}
