/** How a link's bytes get across. The mesh does not know the difference. */
export type LinkKind = 'direct' | 'turn' | 'hub'

/** An open, ordered, reliable way to one peer. */
export interface Link {
  readonly kind: LinkKind
  /** Sends one frame. Ignored once the link has closed. */
  send(frame: Uint8Array<ArrayBuffer>): void
  /** Closes it on both ends; `onClose` follows. */
  close(): void
  /** Set by the owner; called for each frame in order. */
  onFrame: (frame: Uint8Array) => void
  /** Set by the owner; called once, also when it broke. */
  onClose: () => void
}

export interface SessionDescription {
  type: 'offer' | 'answer'
  sdp: string
}

/** A link being set up. */
export interface PendingLink {
  /** Our offer or answer, complete with candidates (no trickle). Rejects when it cannot be made. */
  readonly description: Promise<SessionDescription>
  /** The peer's answer to our offer. */
  answered(description: SessionDescription): void
  /** Resolves once frames can be sent; rejects when that failed or `abandon` was called. */
  readonly opened: Promise<Link>
  abandon(): void
}

/** Makes links: simple-peer in a browser, something in memory in tests. */
export interface LinkMaker {
  offer(): PendingLink
  answer(offer: SessionDescription): PendingLink
}
