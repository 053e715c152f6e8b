import { decodeFrame, type Frame } from '../../protocol/frames'
import { MAX_FRAME_BYTES } from '../../protocol/limits'
import type { Clock } from '../clock'
import type { Bytes } from './hub-keys'
import type { HubPacer } from './hub-pacer'
import { type HubFault, type HubSession, Inner, type InnerType, SEALING_BYTES } from './hub-session'
import type { Link } from './link'

/** Bytes that wait here: above the first, bulk waits, too, until it is below the second; the third ends the link. */
const HIGH_BYTES = 32_000
const LOW_BYTES = 8_000
export const MAX_HUB_BACKLOG_BYTES = 1_000_000
/**
 * A live frame that waited longer for its turn (ms) is dropped: more is said than fits through the room object, and those
 * who hear it too late would think ill of us. Reconciliation brings what was said, in fewer bytes.
 */
export const MAX_HUB_WAIT_MS = 15_000
const LIVE: ReadonlySet<Frame['t']> = new Set(['message', 'presence', 'typing'])
/** Frames that wait to be decrypted: more than the room object lets anybody send at once. */
const MAX_UNOPENED = 512

interface Wiring {
  session: HubSession
  pacer: HubPacer
  clock: Clock
  /** Hands sealed bytes to the room's socket; `false` when there is none. */
  send(bytes: Bytes): boolean
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
  /** What is said now takes turns with what brings the past. */
  readonly #live = {}
  readonly #rest = {}
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
    const decoded = decodeFrame(frame)
    if ('fault' in decoded || !LIVE.has(decoded.frame.t)) return this.#say(Inner.frame, frame)
    this.#say(Inner.frame, frame, this.#live, this.#wiring.clock.now() + MAX_HUB_WAIT_MS)
  }

  /** Tells the peer that the keys are there. */
  greet(): void {
    this.#say(Inner.open, new Uint8Array(0))
  }

  close(): void {
    if (this.#isGone) return
    this.#fallSilent()
    this.#say(Inner.close, new Uint8Array(0))
    this.#gone()
  }

  /** The way is gone, so there is nothing to say. */
  broken(): void {
    this.#fallSilent()
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

  #say(type: InnerType, body: Uint8Array, lane = this.#rest, until = Number.POSITIVE_INFINITY): void {
    this.#backlog += body.length
    this.#wiring.pacer.push(lane, {
      size: body.length + SEALING_BYTES,
      until,
      send: () => this.#seal(type, body),
      late: () => this.#left(body.length),
    })
  }

  /** Not before its turn: what was sealed has to be sent, because a missing frame ends the link. */
  #seal(type: InnerType, body: Uint8Array): void {
    const sealed = this.#wiring.session.seal(type, body)
    this.#sealing = this.#sealing
      .then(async () => {
        if (!this.#wiring.send(await sealed)) this.broken()
        this.#left(body.length)
      })
      .catch(() => this.broken())
  }

  /** So many bytes wait here no more. */
  #left(bytes: number): void {
    this.#backlog -= bytes
    if (this.#backlog <= LOW_BYTES) this.#wakeWriters()
  }

  #fallSilent(): void {
    this.#wiring.pacer.drop(this.#live)
    this.#wiring.pacer.drop(this.#rest)
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
