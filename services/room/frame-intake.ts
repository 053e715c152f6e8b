import type { DeviceId } from '../../protocol/device'
import { decodeFrame, encodeFrame, type Frame, type FrameFault } from '../../protocol/frames'
import { FORWARD_MAX_AGE_MS } from '../../protocol/limits'
import { messageId, type SignedBytes } from '../../protocol/message'
import type { Passport } from '../../protocol/passport'
import type { Presence } from '../../protocol/presence'
import type { Proof } from '../../protocol/proof'
import type { Typing } from '../../protocol/typing'
import type { Clock } from '../clock'
import type { LoggedMessage } from '../log/logged-message'
import type { ReconciliationFrame } from '../log/reconciler'
import type { Link } from '../mesh/link'
import { checkMessage, checkPresence, checkTyping, type RoomFacts } from './frame-check'
import { LinkGuard } from './link-guard'
import { RecentIds } from './recent-ids'

/** Ids of messages that were accepted, longer than any can stay fresh at chat rates. */
const REMEMBERED_MESSAGES = 20_000

type Fault = FrameFault | undefined

interface Wiring {
  clock: Clock
  facts: RoomFacts
  /** Returns whether it is worth passing on. */
  onMessage(message: LoggedMessage, from: DeviceId): boolean
  /** Returns whether this was news, and so is worth passing on. */
  onPresence(presence: Presence, passport: Passport, signed: SignedBytes): boolean
  /** Returns whether this was news. */
  onTyping(typing: Typing): boolean
  /** Checks the proof; resolves to whether it was news, or to what is wrong with it. */
  onProof(proof: Proof): Promise<boolean | FrameFault>
  onReconciliation(frame: ReconciliationFrame, from: DeviceId): Promise<Fault>
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

  /** Ends every link that does not answer soon: the network changed, or the machine slept. */
  probe(): void {
    for (const guard of this.#guards.values()) guard.probe()
  }

  /** A message that was filed another way comes as known. */
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

  async #act(frame: Frame, peer: DeviceId, link: Link, guard: LinkGuard): Promise<Fault> {
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
      case 'typing':
        return this.#typing(frame, peer, guard)
      case 'proof':
        return this.#proof(frame, peer)
      default:
        return this.#wiring.onReconciliation(frame, peer)
    }
  }

  async #message({ bytes, sig }: SignedBytes, peer: DeviceId, guard: LinkGuard): Promise<Fault> {
    const id = await messageId(bytes)
    if (!guard.isFirst(id)) return 'replayed'
    if (this.#accepted.has(id)) return undefined
    const checked = await checkMessage(id, { bytes, sig }, this.#wiring.facts)
    if ('fault' in checked) return checked.fault
    // Another link may have brought it while the signature was checked.
    if (!this.#accepted.add(id)) return undefined
    const { message } = checked
    if (this.#wiring.onMessage(message, peer))
      this.#passOn({ t: 'message', bytes, sig }, message.time.ms, peer, message.device)
    return undefined
  }

  async #presence({ bytes, sig }: SignedBytes, peer: DeviceId, guard: LinkGuard): Promise<Fault> {
    if (!guard.isFirst(await messageId(bytes))) return 'replayed'
    const checked = await checkPresence({ bytes, sig }, this.#wiring.facts)
    if ('fault' in checked) return checked.fault
    const { presence, passport } = checked
    if (this.#wiring.onPresence(presence, passport, { bytes, sig }))
      this.#passOn({ t: 'presence', bytes, sig }, presence.ms, peer, presence.device)
    return undefined
  }

  async #typing({ bytes, sig }: SignedBytes, peer: DeviceId, guard: LinkGuard): Promise<Fault> {
    if (!guard.isFirst(await messageId(bytes))) return 'replayed'
    const checked = await checkTyping({ bytes, sig }, this.#wiring.facts)
    if ('fault' in checked) return checked.fault
    const { typing } = checked
    if (typing && this.#wiring.onTyping(typing))
      this.#passOn({ t: 'typing', bytes, sig }, typing.ms, peer, typing.device)
    return undefined
  }

  async #proof({ t: _, ...proof }: Proof & { t: 'proof' }, peer: DeviceId): Promise<Fault> {
    const outcome = await this.#wiring.onProof(proof)
    if (typeof outcome === 'string') return outcome
    if (outcome) this.#wiring.forward(encodeFrame({ t: 'proof', ...proof }), [peer])
    return undefined
  }

  /** Only while it is fresh, so that the next one never finds it stale. */
  #passOn(frame: Frame, ms: number, ...has: DeviceId[]): void {
    if (this.#wiring.clock.now() - ms < FORWARD_MAX_AGE_MS) this.#wiring.forward(encodeFrame(frame), has)
  }
}
