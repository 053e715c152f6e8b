import type SimplePeer from 'simple-peer'
import { MAX_FRAME_BYTES } from '../protocol/limits'
import type { Link, LinkKind } from '../services/mesh/link'
import { ChannelSender } from './channel-sender'
import { onceGone } from './once-gone'

/** A link over a connected peer's data channel. */
export class WebRtcLink implements Link {
  readonly #peer: SimplePeer.Instance
  readonly #sender: ChannelSender
  #kind: LinkKind
  #isGone = false
  #onFrame: Link['onFrame'] | undefined
  #onClose: Link['onClose'] | undefined
  onKindChange = () => {}

  constructor(peer: SimplePeer.Instance, channel: RTCDataChannel, kind: LinkKind) {
    this.#kind = kind
    this.#peer = peer
    this.#sender = new ChannelSender({ channel, onStuck: () => this.close() })
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
