import SimplePeer from 'simple-peer'
import type { IceServers } from '../protocol/api'
import { MAX_FRAME_BYTES } from '../protocol/limits'
import type { Link, LinkMaker, PendingLink, SessionDescription } from '../services/mesh/link'

/** Candidates that are not there by then are left out of the one offer or answer we send. */
const ICE_GATHERING_MS = 2_000
/** A peer that takes nothing for so long that this much waits for it is let go (bytes). */
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024

/** Makes links over `simple-peer` data channels: reliable, ordered, one offer and one answer without trickle. */
export class WebRtcLinks implements LinkMaker {
  readonly #iceServers: () => IceServers

  constructor(iceServers: () => IceServers) {
    this.#iceServers = iceServers
  }

  offer(): PendingLink {
    return this.#pend(true)
  }

  answer(offer: SessionDescription): PendingLink {
    const pending = this.#pend(false)
    pending.answered(offer)
    return pending
  }

  #pend(initiator: boolean): PendingLink {
    const peer = new SimplePeer({
      initiator,
      trickle: false,
      iceCompleteTimeout: ICE_GATHERING_MS,
      // Without this simple-peer would ask public STUN servers.
      config: { iceServers: this.#iceServers() },
    })
    const description = new Promise<SessionDescription>((resolve, reject) => {
      peer.on('signal', (data) => {
        if ((data.type === 'offer' || data.type === 'answer') && data.sdp !== undefined)
          resolve({ type: data.type, sdp: data.sdp })
      })
      onceGone(peer, () => reject(new Error('link closed before it was described')))
    })
    const opened = new Promise<Link>((resolve, reject) => {
      peer.once('connect', () => resolve(new WebRtcLink(peer)))
      onceGone(peer, () => reject(new Error('link closed before it opened')))
    })
    // Whoever abandons a link need not wait for either.
    description.catch(() => {})
    opened.catch(() => {})
    return {
      description,
      opened,
      answered: (remote) => {
        // A late description after the close must not revive the peer.
        if (peer.destroyed) return
        try {
          peer.signal(remote)
        } catch {
          peer.destroy()
        }
      },
      abandon: () => peer.destroy(),
    }
  }
}

/**
 * Calls `listener` once when a peer is gone for whatever reason. Its `close` alone will not do: that waits until
 * the stream was read to its end, which a peer that failed early never is.
 */
function onceGone(peer: SimplePeer.Instance, listener: () => void): void {
  let isCalled = false
  const once = () => {
    if (!isCalled) listener()
    isCalled = true
  }
  for (const event of ['error', 'end', 'close']) peer.on(event, once)
}

class WebRtcLink implements Link {
  readonly kind = 'direct'
  readonly #peer: SimplePeer.Instance
  #isGone = false
  #onFrame: Link['onFrame'] | undefined
  #onClose: Link['onClose'] | undefined

  constructor(peer: SimplePeer.Instance) {
    this.#peer = peer
    onceGone(peer, () => {
      this.#isGone = true
      this.#onClose?.()
    })
  }

  get onFrame(): Link['onFrame'] {
    return this.#onFrame ?? (() => {})
  }

  /** What came before anybody listened waits in the stream until now: the other end may have opened first. */
  set onFrame(listener) {
    if (!this.#onFrame)
      this.#peer.on('data', (data: unknown) => {
        if (data instanceof Uint8Array) this.onFrame(data)
      })
    this.#onFrame = listener
  }

  get onClose(): Link['onClose'] {
    return this.#onClose ?? (() => {})
  }

  set onClose(listener) {
    if (!this.#onClose && this.#isGone) queueMicrotask(listener)
    this.#onClose = listener
  }

  send(frame: Uint8Array<ArrayBuffer>): void {
    if (this.#isGone || this.#peer.destroyed) return
    if (frame.length > MAX_FRAME_BYTES) throw new RangeError('frame too large')
    try {
      this.#peer.send(frame)
    } catch {
      this.close()
      return
    }
    if (this.#peer.bufferSize > MAX_BUFFERED_BYTES) this.close()
  }

  close(): void {
    this.#peer.destroy()
  }
}
