import type { DeviceId } from '../../protocol/device'
import { decodeFrame, encodeFrame, type Frame, type FrameFault } from '../../protocol/frames'
import { FORWARD_MAX_AGE_MS } from '../../protocol/limits'
import { type Message, messageId, type SignedBytes } from '../../protocol/message'
import type { Passport } from '../../protocol/passport'
import type { Presence } from '../../protocol/presence'
import type { Clock } from '../clock'
import type { Link } from '../mesh/link'
import { checkMessage, checkPresence, type RoomFacts } from './frame-check'
import { LinkGuard } from './link-guard'
import { RecentIds } from './recent-ids'

/** Ids of messages that were accepted, longer than any can stay fresh at chat rates. */
const REMEMBERED_MESSAGES = 20_000

interface Wiring {
  clock: Clock
  facts: RoomFacts
  onMessage(message: Message, author: Passport): void
  /** Returns whether this was news, and so is worth passing on. */
  onPresence(presence: Presence, passport: Passport, signed: SignedBytes): boolean
  /** Pass an accepted frame on to everyone but those who have it. */
  forward(frame: Uint8Array<ArrayBuffer>, except: DeviceId[]): void
  onFault(fault: FrameFault): void
}

/** Takes frames from all links of a room: gate, decode, dedupe, passport, signature; only then anything changes. */
export class FrameIntake {
  readonly #wiring: Wiring
  readonly #accepted = new RecentIds(REMEMBERED_MESSAGES)
  readonly #guards = new Map<DeviceId, LinkGuard>()

  constructor(wiring: Wiring) {
    this.#wiring = wiring
  }

  /** Frames of one link are looked at one after the other, so that a presence counts before what its member says. */
  attach(peer: DeviceId, link: Link): void {
    this.detach(peer)
    const guard = new LinkGuard({
      clock: this.#wiring.clock,
      ping: () => link.send(encodeFrame({ t: 'ping' })),
      end: () => link.close(),
    })
    this.#guards.set(peer, guard)
    let before: Promise<void> = Promise.resolve()
    link.onFrame = (bytes) => {
      if (!guard.admit(bytes.length)) return
      before = before.then(() => this.#take(bytes, peer, link, guard)).finally(() => guard.done())
    }
  }

  detach(peer: DeviceId): void {
    this.#guards.get(peer)?.stop()
    this.#guards.delete(peer)
  }

  /** What we said ourselves comes back as known. */
  remember(id: string): void {
    this.#accepted.add(id)
  }

  close(): void {
    for (const peer of [...this.#guards.keys()]) this.detach(peer)
  }

  async #take(bytes: Uint8Array, peer: DeviceId, link: Link, guard: LinkGuard): Promise<void> {
    if (guard.hasEnded) return
    const decoded = decodeFrame(bytes)
    const fault = 'fault' in decoded ? decoded.fault : await this.#act(decoded.frame, peer, link, guard)
    if (!fault) return
    this.#wiring.onFault(fault)
    guard.fault(fault)
  }

  async #act(frame: Frame, peer: DeviceId, link: Link, guard: LinkGuard): Promise<FrameFault | undefined> {
    switch (frame.t) {
      case 'ping':
        link.send(encodeFrame({ t: 'pong' }))
        return undefined
      case 'pong':
        return undefined
      case 'message':
        return this.#message(frame, peer, guard)
      case 'presence':
        return this.#presence(frame, peer, guard)
    }
  }

  async #message({ bytes, sig }: SignedBytes, peer: DeviceId, guard: LinkGuard) {
    const id = await messageId(bytes)
    if (!guard.isFirst(id)) return 'replayed'
    if (this.#accepted.has(id)) return undefined
    const checked = await checkMessage({ bytes, sig }, this.#wiring.facts)
    if ('fault' in checked) return checked.fault
    // Another link may have brought it while the signature was checked.
    if (!this.#accepted.add(id)) return undefined
    const { message, author } = checked
    this.#wiring.onMessage({ ...message, id }, author)
    if (this.#wiring.clock.now() - message.time.ms < FORWARD_MAX_AGE_MS)
      this.#wiring.forward(encodeFrame({ t: 'message', bytes, sig }), [peer, message.device])
    return undefined
  }

  async #presence({ bytes, sig }: SignedBytes, peer: DeviceId, guard: LinkGuard) {
    if (!guard.isFirst(await messageId(bytes))) return 'replayed'
    const checked = await checkPresence({ bytes, sig }, this.#wiring.facts)
    if ('fault' in checked) return checked.fault
    const { presence, passport } = checked
    if (!this.#wiring.onPresence(presence, passport, { bytes, sig })) return undefined
    if (this.#wiring.clock.now() - presence.ms < FORWARD_MAX_AGE_MS)
      this.#wiring.forward(encodeFrame({ t: 'presence', bytes, sig }), [peer, presence.device])
    return undefined
  }
}
