import type SimplePeer from 'simple-peer'
import { MAX_FRAME_BYTES } from '../protocol/limits'
import type { Link, LinkKind } from '../services/mesh/link'
import { ChannelSender } from './channel-sender'
import { onceGone } from './once-gone'

/** The first message of who made the channel; no frame is like it. */
const GREETING = new Uint8Array([0])

/**
 * A link over a connected peer's data channel. Chromium loses what reaches the channel's maker before its own `open`, so the
 * maker speaks first, and the other end not before that.
 */
export class WebRtcLink implements Link {
  readonly #peer: SimplePeer.Instance
  readonly #sender: ChannelSender
  #kind: LinkKind
  #isGone = false
  #onFrame: Link['onFrame'] | undefined
  /** What came before anybody listened: the other end may have opened first. */
  #early: Uint8Array[] | undefined = []
  #onClose: Link['onClose'] | undefined
  onKindChange = () => {}

  /** `onGreeted`: of the end that did not make the channel; called once it may be used. */
  constructor(peer: SimplePeer.Instance, channel: RTCDataChannel, kind: LinkKind, onGreeted?: () => void) {
    this.#kind = kind
    this.#peer = peer
    this.#sender = new ChannelSender({ channel, onStuck: () => this.close() })
    let isGreeted = onGreeted === undefined
    if (isGreeted) this.#sender.send(GREETING)
    peer.on('data', (data: unknown) => {
      if (!isGreeted) {
        isGreeted = true
        onGreeted?.()
      } else if (data instanceof Uint8Array) this.#received(data)
    })
    onceGone(peer, () => {
      this.#isGone = true
      this.#sender.stop()
      this.#onClose?.()
    })
  }

  get kind(): LinkKind {
    return this.#kind
  }

  /** ICE settled for a pair of candidates of this kind. */
  goes(kind: LinkKind): void {
    if (this.#isGone || kind === this.#kind) return
    this.#kind = kind
    this.onKindChange()
  }

  get onFrame(): Link['onFrame'] {
    return this.#onFrame ?? (() => {})
  }

  set onFrame(listener) {
    this.#onFrame = listener
    const early = this.#early ?? []
    this.#early = undefined
    // Not before whoever listens has done what else it does with a new link.
    for (const frame of early) queueMicrotask(() => this.onFrame(frame))
  }

  #received(frame: Uint8Array): void {
    if (this.#early) this.#early.push(frame)
    else this.onFrame(frame)
  }

  get onClose(): Link['onClose'] {
    return this.#onClose ?? (() => {})
  }

  set onClose(listener) {
    if (!this.#onClose && this.#isGone) queueMicrotask(listener)
    this.#onClose = listener
  }

  get isBusy(): boolean {
    return !this.#isGone && this.#sender.isBusy
  }

  whenWritable(): Promise<void> {
    return this.#isGone ? Promise.resolve() : this.#sender.whenWritable()
  }

  send(frame: Uint8Array<ArrayBuffer>): void {
    if (this.#isGone || this.#peer.destroyed) return
    if (frame.length > MAX_FRAME_BYTES) throw new RangeError('frame too large')
    this.#sender.send(frame)
  }

  close(): void {
    this.#peer.destroy()
  }
}
