import type { IceServers } from '../../protocol/api'
import type { AccountId, DeviceId } from '../../protocol/device'
import type { RoomId } from '../../protocol/room-id'
import { type Clock, every, type Random } from '../clock'
import { Dialler } from './dialler'
import { HubLinks } from './hub-links'
import type { HubFault } from './hub-session'
import { Improvements } from './improvements'
import type { Link, LinkKind, LinkMaker } from './link'
import { LinkTable } from './link-table'
import { emptyMesh, type MeshEffect, type MeshEvent, stepMesh } from './mesh'
import type { SignalFault, Signalling, TrustedSignal } from './signalling'
import { Terms } from './terms'
import { isBetterWay, type Way } from './way'

const TICK_MS = 1_000

/** What went wrong on the way to a link. */
export type MeshFault = SignalFault | HubFault | 'wrong-fingerprint'

/** Whether a fault means that somebody on the way changed what a member said, or speaks under its name. */
export const isTampering = (fault: string): boolean =>
  fault === 'bad-signature' || fault === 'hub-forged' || fault === 'wrong-fingerprint'

interface Wiring {
  me: DeviceId
  room: RoomId
  clock: Clock
  random: Random
  signalling: Signalling
  links: LinkMaker
  /** Whether the viewer agrees to direct links. Call `termsChanged` when it changes. */
  direct(): boolean
  /** What the Worker gave us, without what has expired. */
  iceServers(): IceServers
  sendSignal(to: DeviceId, envelope: Uint8Array<ArrayBuffer>): boolean
  /** Hands a sealed frame to the room's socket; `false` when it is not open. */
  sendHub(to: DeviceId, bytes: Uint8Array<ArrayBuffer>): boolean
  /** Ask the room object for more members. */
  askForIntroductions(): void
  /** Whether `peer` misbehaved lately: it gets no link, and its signals are not looked at. */
  isShunned(peer: DeviceId): boolean
  onLink(peer: DeviceId, link: Link): void
  /** A link is gone for good; not called when a newer one to the same peer replaced it. */
  onUnlink(peer: DeviceId): void
  /** A link goes another way than it went when it opened. */
  onKindChange(): void
  /** A signal of `from` came through as it was signed. */
  onVerified(from: DeviceId, account: AccountId): void
  /** Something was refused that came under the name of `from`. */
  onFault(fault: MeshFault, from: DeviceId): void
}

/** Joins the pure mesh of one room to real links: events in, effects carried out. */
export class MeshLinks {
  readonly #wiring: Wiring
  readonly #terms: Terms
  readonly #hub: HubLinks
  readonly #dialler: Dialler
  readonly #table = new LinkTable()
  readonly #improvements: Improvements
  readonly #stopTicking: () => void
  /** Peers to which another link is being set up although, as the mesh sees it, there was one. */
  readonly #replacing = new Set<DeviceId>()
  #isClosed = false
  #state
  #offer: TrustedSignal | undefined

  constructor(wiring: Wiring) {
    this.#wiring = wiring
    this.#state = emptyMesh(wiring.me)
    this.#terms = new Terms(wiring)
    this.#improvements = new Improvements(wiring.clock, (peer) => this.#table.isOurs(peer))
    this.#hub = new HubLinks({ ...wiring, onHubFault: (fault, from) => wiring.onFault(fault, from) })
    this.#dialler = new Dialler({
      ...wiring,
      terms: this.#terms,
      hub: this.#hub,
      onOpen: (peer, link, way, isOurs) => this.#opened(peer, link, way, isOurs),
      onFail: (peer) => this.#failed(peer, 'closed'),
      onDecline: (peer) => this.#failed(peer, 'declined'),
      onWrongFingerprint: (peer) => wiring.onFault('wrong-fingerprint', peer),
    })
    this.#stopTicking = every(wiring.clock, TICK_MS, () => {
      this.step({ t: 'tick' })
      this.#improveOne()
    })
  }

  /** Peers with an open link. */
  get peers(): DeviceId[] {
    return this.#table.peers
  }

  /** How each linked peer is reached. */
  get kinds(): ReadonlyMap<DeviceId, LinkKind> {
    return this.#table.kinds
  }

  /** Sends a frame on every open link but those in `except`. Returns how many took it. */
  broadcast(frame: Uint8Array<ArrayBuffer>, except: readonly DeviceId[] = []): number {
    const links = this.#table.linksBut(except)
    for (const link of links) link.send(frame)
    return links.length
  }

  step(event: MeshEvent): void {
    if (event.t === 'hurry') this.#terms.forgetFailures()
    const { clock, random } = this.#wiring
    const { state, effects } = stepMesh(this.#state, event, clock.now(), random)
    this.#state = state
    for (const effect of effects) this.#carryOut(effect)
  }

  /** An envelope that the room object passed on. */
  async receiveSignal(from: DeviceId, envelope: Uint8Array): Promise<void> {
    if (this.#wiring.isShunned(from)) return
    const checked = await this.#wiring.signalling.check(from, envelope)
    if (this.#isClosed) return
    if ('fault' in checked) return this.#wiring.onFault(checked.fault, from)
    this.#wiring.onVerified(from, checked.passport.sub)
    this.heardConsent(from, checked.signal.direct, checked.signal.ms)
    if (checked.signal.type !== 'offer') return this.#dialler.answered(checked)
    this.#offer = checked
    this.step({ t: 'offered', peer: from })
    this.#offer = undefined
  }

  /** A sealed frame that the room object passed on. */
  receiveHub(from: DeviceId, bytes: Uint8Array): void {
    this.#hub.receive(from, bytes)
  }

  /** The room object could not pass something on to `peer`. */
  absent(peer: DeviceId): void {
    this.#dialler.absent(peer)
    this.#hub.absent(peer)
  }

  /** The room's socket is gone, and the links that went through it. */
  hubClosed(): void {
    this.#hub.socketClosed()
  }

  /** Whether `peer` agrees to direct links, as it said itself, signed, at `ms` of its clock. */
  heardConsent(peer: DeviceId, direct: boolean, ms: number): void {
    if (this.#terms.heard(peer, direct, ms)) this.termsChanged([peer])
  }

  /** Our consent or the servers changed, or the word of some `peers`: links made on a consent that is no more end. */
  termsChanged(peers?: readonly DeviceId[]): void {
    this.#dialler.termsChanged(peers)
    for (const peer of peers ?? this.#table.peers) this.#endUnlessAgreed(peer)
  }

  close(): void {
    this.#isClosed = true
    this.#stopTicking()
    this.#dialler.close()
    this.#table.closeAll()
  }

  #endUnlessAgreed(peer: DeviceId): void {
    const way = this.#table.wayTo(peer)
    const isDirect = way?.via === 'rtc' && way.policy === 'all'
    if (isDirect && !this.#terms.mayStay(peer)) this.#table.get(peer)?.close()
  }

  #carryOut(effect: MeshEffect): void {
    switch (effect.t) {
      case 'dial':
        if (this.#wiring.isShunned(effect.peer)) return this.step({ t: 'closed', peer: effect.peer })
        return this.#dialler.dial(effect.peer)
      case 'accept':
        return this.#accept(effect.peer)
      case 'abandon':
        this.#dialler.abandon(effect.peer)
        if (!this.#replacing.delete(effect.peer)) return
        this.#table.retire(effect.peer)
        return this.#wiring.onUnlink(effect.peer)
      case 'drop':
        return this.#drop(effect.peer)
      case 'introduce':
        return this.#wiring.askForIntroductions()
    }
  }

  #drop(peer: DeviceId): void {
    const link = this.#table.get(peer)
    const wasReplacing = this.#replacing.delete(peer)
    if (wasReplacing) this.#dialler.abandon(peer)
    if (link) return link.close()
    if (!wasReplacing) return
    this.step({ t: 'closed', peer })
    this.#wiring.onUnlink(peer)
  }

  /** An old link that the new one may improve stands until then; any other is dead on the peer's end. */
  #accept(peer: DeviceId): void {
    const offer = this.#offer
    if (offer?.signal.from !== peer) return
    const old = this.#table.wayTo(peer)
    if (old) this.#replacing.add(peer)
    if (old && !this.#mayImprove(offer, old)) this.#table.retire(peer)
    this.#dialler.accept(offer)
  }

  #mayImprove({ signal }: TrustedSignal, old: Way): boolean {
    if (signal.via !== 'rtc') return false
    const policy = this.#terms.policyFor(signal.from, signal.direct)
    // Who offered the old one did not know yet that we agree, too: on its end, it is relayed.
    if (policy === 'all' && this.#table.get(signal.from)?.kind === 'turn') return true
    return policy ? isBetterWay({ via: 'rtc', policy }, old) : old.via === 'hub'
  }

  /** One link at a time that could go a better way is set up anew. */
  #improveOne(): void {
    if (this.#replacing.size > 0) return
    const isWorth = (peer: DeviceId) => {
      const way = this.#table.wayTo(peer)
      return way !== undefined && !this.#dialler.has(peer) && isBetterWay(this.#terms.wayTo(peer), way)
    }
    const peer = this.#improvements.next(this.#table.peers.filter(isWorth))
    if (peer === undefined) return
    this.#replacing.add(peer)
    this.#dialler.dial(peer, false)
  }

  #opened(peer: DeviceId, link: Link, way: Way, isOurs: boolean): void {
    this.#table.retire(peer)
    this.#replacing.delete(peer)
    this.#table.add(peer, link, way, isOurs)
    link.onClose = () => {
      if (!this.#table.remove(peer, link) || this.#replacing.has(peer)) return
      this.step({ t: 'closed', peer })
      this.#wiring.onUnlink(peer)
    }
    link.onKindChange = () => this.#wiring.onKindChange()
    this.#wiring.onLink(peer, link)
    this.step({ t: 'opened', peer })
  }

  #failed(peer: DeviceId, how: 'closed' | 'declined'): void {
    const wasLinked = this.#replacing.delete(peer)
    const isLinked = this.#table.get(peer) !== undefined
    this.step({ t: isLinked ? 'kept' : how, peer })
    if (wasLinked && !isLinked) this.#wiring.onUnlink(peer)
  }
}
