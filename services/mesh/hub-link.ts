import type { DeviceId } from '../../protocol/device'
import { MAX_FRAME_BYTES } from '../../protocol/limits'
import type { HubPacer } from './hub-pacer'
import { type HubFault, type HubSession, Inner, type InnerType } from './hub-session'
import type { Link } from './link'

/** Bytes that wait here: above the first, bulk waits, too, until it is below the second; the third ends the link. */
const HIGH_BYTES = 32_000
const LOW_BYTES = 8_000
export const MAX_HUB_BACKLOG_BYTES = 1_000_000
/** Frames that wait to be decrypted: more than the room object lets anybody send at once. */
const MAX_UNOPENED = 512

interface Wiring {
  peer: DeviceId
  session: HubSession
  pacer: HubPacer
  /** The peer's first word was heard: it has the keys. */
  onReady(): void
  onFault(fault: HubFault): void
  /** Called once, before `onClose`. */
  onGone(): void
}

/** A link through the room object, sealed from end to end. Frames are sealed, opened and handed on in order. */
export class HubLink implements Link {
  readonly kind = 'hub'
  onKindChange = () => {}
  readonly #wiring: Wiring
  #isGone = false
  #backlog = 0
  #unopened = 0
  #sealing: Promise<void> = Promise.resolve()
  #opening: Promise<void> = Promise.resolve()
  #writers: (() => void)[] = []
  #inbox: Uint8Array[] = []
  #onFrame: Link['onFrame'] | undefined
  #onClose: Link['onClose'] | undefined

  constructor(wiring: Wiring) {
    this.#wiring = wiring
  }

  get onFrame(): Link['onFrame'] {
    return this.#onFrame ?? (() => {})
  }

  /** What came before anybody listened is handed over now. */
  set onFrame(listener) {
    this.#onFrame = listener
    for (const frame of this.#inbox.splice(0)) listener(frame)
  }

  get onClose(): Link['onClose'] {
    return this.#onClose ?? (() => {})
  }

  set onClose(listener) {
    if (!this.#onClose && this.#isGone) queueMicrotask(listener)
    this.#onClose = listener
  }

  get isBusy(): boolean {
    return !this.#isGone && this.#backlog > HIGH_BYTES
  }

  whenWritable(): Promise<void> {
    if (!this.isBusy) return Promise.resolve()
    return new Promise((resolve) => this.#writers.push(resolve))
  }

  send(frame: Uint8Array<ArrayBuffer>): void {
    if (this.#isGone) return
    if (frame.length > MAX_FRAME_BYTES) throw new RangeError('frame too large')
    if (this.#backlog + frame.length > MAX_HUB_BACKLOG_BYTES) return this.close()
    this.#say(Inner.frame, frame)
  }

  /** Tells the peer that the keys are there. */
  greet(): void {
    this.#say(Inner.open, new Uint8Array(0))
  }

  close(): void {
    if (this.#isGone) return
    this.#wiring.pacer.drop(this)
    this.#say(Inner.close, new Uint8Array(0))
    this.#gone()
  }

  /** The way is gone, so there is nothing to say. */
  broken(): void {
    this.#wiring.pacer.drop(this)
    this.#gone()
  }

  /** Something for this session came from the room object. */
  receive(data: Uint8Array): void {
    if (this.#isGone) return
    if (this.#unopened >= MAX_UNOPENED) return this.close()
    this.#unopened++
    this.#opening = this.#opening.then(() => this.#open(data)).finally(() => this.#unopened--)
  }

  async #open(data: Uint8Array): Promise<void> {
    if (this.#isGone) return
    const opened = await this.#wiring.session.open(data)
    if (this.#isGone) return
    if ('fault' in opened) {
      this.#wiring.onFault(opened.fault)
      if (opened.fault === 'hub-lost') this.close()
    } else if (opened.type === Inner.close) this.broken()
    else if (opened.type === Inner.open) this.#wiring.onReady()
    else if (this.#onFrame) this.#onFrame(opened.body)
    else this.#inbox.push(opened.body)
  }

  #say(type: InnerType, body: Uint8Array): void {
    const { peer, session, pacer } = this.#wiring
    this.#backlog += body.length
    const sealed = session.seal(type, body)
    this.#sealing = this.#sealing
      .then(async () => {
        const bytes = await sealed
        if (this.#isGone && type !== Inner.close) return
        pacer.push(this, { to: peer, bytes, done: (isSent) => this.#sent(body.length, isSent) })
      })
      .catch(() => this.broken())
  }

  #sent(bytes: number, isSent: boolean): void {
    this.#backlog -= bytes
    if (!isSent) this.broken()
    else if (this.#backlog <= LOW_BYTES) this.#wakeWriters()
  }

  #wakeWriters(): void {
    for (const resolve of this.#writers.splice(0)) resolve()
  }

  #gone(): void {
    if (this.#isGone) return
    this.#isGone = true
    this.#inbox = []
    this.#wakeWriters()
    this.#wiring.onGone()
    const listener = this.#onClose
    if (listener) queueMicrotask(listener)
  }
}
