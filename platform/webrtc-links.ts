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
    // simple-peer reports a failure once as `error`, and always as `close`; `close` is what counts here.
    peer.on('error', () => {})
    const description = new Promise<SessionDescription>((resolve, reject) => {
      peer.on('signal', (data) => {
        if ((data.type === 'offer' || data.type === 'answer') && data.sdp !== undefined)
          resolve({ type: data.type, sdp: data.sdp })
      })
      peer.once('close', () => reject(new Error('link closed before it was described')))
    })
    const opened = new Promise<Link>((resolve, reject) => {
      peer.once('connect', () => resolve(new WebRtcLink(peer)))
      peer.once('close', () => reject(new Error('link closed before it opened')))
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

class WebRtcLink implements Link {
  readonly kind = 'direct'
  readonly #peer: SimplePeer.Instance
  #onFrame: Link['onFrame'] | undefined
  #onClose: Link['onClose'] | undefined

  constructor(peer: SimplePeer.Instance) {
    this.#peer = peer
    peer.once('close', () => this.#onClose?.())
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
    if (!this.#onClose && this.#peer.destroyed) queueMicrotask(listener)
    this.#onClose = listener
  }

  send(frame: Uint8Array<ArrayBuffer>): void {
    if (this.#peer.destroyed) return
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
