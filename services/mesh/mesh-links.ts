import { fromBase64Url } from '../../protocol/bytes'
import type { DeviceId } from '../../protocol/device'
import { type BroadcastFrame, encodeFrame } from '../../protocol/frames'
import { type MessageId, messageId } from '../../protocol/message'
import { every } from '../clock'
import { Dialler } from './dialler'
import { HubLinks } from './hub-links'
import { Improvements } from './improvements'
import type { Link, LinkKind } from './link'
import { LinkTable } from './link-table'
import type { MeshEvent } from './mesh'
import type { MeshWiring } from './mesh-wiring'
import { type LinkEffect, OverlayRunner } from './overlay-runner'
import { broadcastIdOf } from './overlay-wire'
import { SignalCarrier } from './signal-carrier'
import type { TrustedSignal } from './signalling'
import { Terms } from './terms'
import { isBetterWay, type Way } from './way'

const TICK_MS = 1_000

/** Joins the pure mesh of one room to real links: events in, effects carried out. */
export class MeshLinks {
  readonly #wiring: MeshWiring
  readonly #terms: Terms
  readonly #hub: HubLinks
  readonly #dialler: Dialler
  readonly #table = new LinkTable()
  readonly #improvements: Improvements
  readonly #stopTicking: () => void
  /** Peers to which another link is being set up although, as the mesh sees it, there was one. */
  readonly #replacing = new Set<DeviceId>()
  readonly overlay: OverlayRunner
  readonly #carrier: SignalCarrier
  #publishing = Promise.resolve()
  /** Links that end because they are one too many. */
  readonly #parting = new Set<Link>()
  #isClosed = false
  #offer: TrustedSignal | undefined

  constructor(wiring: MeshWiring) {
    this.#wiring = wiring
    this.overlay = new OverlayRunner({
      ...wiring,
      sendTo: (peer, frame) => this.#table.get(peer)?.send(frame),
      carryOut: (effect) => this.#carryOut(effect),
      onSignal: (from, via, envelope) => void this.#checkSignal(from, envelope, via),
    })
    this.#carrier = new SignalCarrier({
      ...wiring,
      hasRoute: (to) => this.overlay.hasRoute(to),
      hasNeighbours: () => this.overlay.neighbours.length > 0,
      alongLinks: (to, data, everywhere) => this.overlay.step({ t: 'signal', to, data, everywhere }),
      throughRoom: (to, envelope) => wiring.sendSignal(to, envelope),
    })
    this.#terms = new Terms(wiring)
    this.#improvements = new Improvements(wiring.clock, (peer) => this.#table.isOurs(peer))
    this.#hub = new HubLinks({ ...wiring, onHubFault: (fault, from) => wiring.onFault(fault, from) })
    this.#dialler = new Dialler({
      ...wiring,
      terms: this.#terms,
      hub: this.#hub,
      sendSignal: (to, envelope, carriage) => this.#carrier.send(to, envelope, carriage),
      onOpen: (peer, link, way, isOurs) => this.#opened(peer, link, way, isOurs),
      onFail: (peer) => this.#failed(peer, 'closed'),
      onFull: (peer) => this.#failed(peer, 'full'),
      onDecline: (peer) => this.#failed(peer, 'declined'),
      onWrongFingerprint: (peer) => wiring.onFault('wrong-fingerprint', peer),
    })
    this.#stopTicking = every(wiring.clock, TICK_MS, () => this.#improveOne())
  }

  /** Peers with an open link. */
  get peers(): DeviceId[] {
    return this.#table.peers
  }

  /** How each linked peer is reached. */
  get kinds(): ReadonlyMap<DeviceId, LinkKind> {
    return this.#table.kinds
  }

  /** Sends a frame on every open link but those in `except`, whatever the tree. Returns how many took it. */
  broadcast(frame: Uint8Array<ArrayBuffer>, except: readonly DeviceId[] = []): number {
    const links = this.#table.linksBut(except)
    for (const link of links) link.send(frame)
    return links.length
  }

  /** Sends something of ours to the whole room, after what was published before it. Resolves once the links have it. */
  publish(frame: BroadcastFrame): Promise<void> {
    this.#publishing = this.#publishing.then(async () => {
      this.overlay.publish(nameOf(await messageId(frame.bytes)), frame)
    })
    return this.#publishing
  }

  /** Tells a fresh link of broadcasts that went before: it asks for those that it lacks, and gets those that are not kept. */
  async tell(peer: DeviceId, frames: readonly BroadcastFrame[]): Promise<void> {
    const named = await Promise.all(
      frames.map(async (frame) => [nameOf(await messageId(frame.bytes)), frame] as const),
    )
    const others = new Set(
      this.overlay.announce(
        peer,
        named.map(([id]) => id),
      ),
    )
    for (const [id, frame] of named) if (others.has(id)) this.#table.get(peer)?.send(encodeFrame(frame))
  }

  /** Something fresh came another way than over the tree: it goes on, unless it went before. */
  passOn(frame: BroadcastFrame, id: MessageId): void {
    if (!this.overlay.has(nameOf(id))) this.overlay.heard('passed-on', nameOf(id), frame, this.#wiring.me)
  }

  /** What became of a broadcast that came over the link to `from`. */
  heardBroadcast(
    outcome: 'passed-on' | 'stopped' | 'missed',
    id: MessageId,
    frame: BroadcastFrame,
    from: DeviceId,
  ): void {
    this.overlay.heard(outcome, nameOf(id), frame, from)
  }

  step(event: MeshEvent): void {
    if (event.t === 'hurry') this.#terms.forgetFailures()
    this.overlay.step(event)
  }

  /** An envelope that the room object passed on, and the network that it came from. */
  receiveSignal(from: DeviceId, envelope: Uint8Array, bucket?: string): Promise<void> {
    return this.#checkSignal(from, envelope, undefined, bucket)
  }

  /** `via`: the member whose link brought it. What is wrong with it then is not the room object's doing. */
  async #checkSignal(from: DeviceId, envelope: Uint8Array, via?: DeviceId, bucket?: string): Promise<void> {
    if (this.#wiring.isShunned(from)) return
    const checked = await this.#wiring.signalling.check(from, envelope, via)
    if (this.#isClosed) return
    const by = via === undefined ? 'room' : 'links'
    if ('fault' in checked) {
      if (checked.fault === 'replayed') this.#carrier.cameAgain(from, by)
      return by === 'room' ? this.#wiring.onFault(checked.fault, from) : undefined
    }
    if (this.#wiring.isUnwanted(from, checked.passport.sub)) return this.step({ t: 'gone', peer: from })
    this.#carrier.came(from, by)
    if (via === undefined) this.#wiring.onVerified(from, checked.passport.sub)
    this.#heardTerms(from, checked.signal.direct, checked.signal.ms)
    if (checked.signal.type !== 'offer') return this.#dialler.answered(checked)
    this.#offer = checked
    const { urgent } = checked.signal
    this.step({ t: 'offered', peer: from, urgent, ...(bucket !== undefined && { bucket }) })
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

  /** Whether `peer` agrees to direct links, and its X25519 key to `seal` to, as it said itself, signed, at `ms` of its clock. */
  heardConsent(peer: DeviceId, direct: boolean, ms: number, seal: Uint8Array): void {
    this.#wiring.signalling.heardKey(peer, seal, ms)
    this.#heardTerms(peer, direct, ms)
  }

  /** Our consent or the servers changed, or the word of some `peers`: links made on a consent that is no more end. */
  termsChanged(peers?: readonly DeviceId[]): void {
    this.#dialler.termsChanged(peers)
    for (const peer of peers ?? this.#table.peers) this.#endUnlessAgreed(peer)
  }

  close(): void {
    this.#isClosed = true
    this.#stopTicking()
    this.overlay.close()
    this.#carrier.close()
    this.#dialler.close()
    this.#table.closeAll()
  }

  #heardTerms(peer: DeviceId, direct: boolean, ms: number): void {
    if (this.#terms.heard(peer, direct, ms)) this.termsChanged([peer])
  }

  #endUnlessAgreed(peer: DeviceId): void {
    const way = this.#table.wayTo(peer)
    const isDirect = way?.via === 'rtc' && way.policy === 'all'
    if (isDirect && !this.#terms.mayStay(peer)) this.#table.get(peer)?.close()
  }

  #carryOut(effect: LinkEffect): void {
    switch (effect.t) {
      case 'dial':
        if (this.#wiring.isShunned(effect.peer)) return this.step({ t: 'closed', peer: effect.peer })
        return this.#dialler.dial(effect.peer, { isUrgent: effect.urgent })
      case 'accept':
        return this.#accept(effect.peer)
      case 'refuse':
        if (this.#offer?.signal.from === effect.peer) this.#dialler.refuse(this.#offer)
        return
      case 'abandon':
        this.#dialler.abandon(effect.peer)
        if (!this.#replacing.delete(effect.peer)) return
        this.#table.retire(effect.peer)
        return this.#wiring.onUnlink(effect.peer, false)
      case 'drop':
        return this.#drop(effect.peer, effect.why === 'left')
      case 'introduce':
        return this.#wiring.askForIntroductions()
    }
  }

  #drop(peer: DeviceId, inPeace: boolean): void {
    const link = this.#table.get(peer)
    const wasReplacing = this.#replacing.delete(peer)
    if (wasReplacing) this.#dialler.abandon(peer)
    if (link && inPeace) this.#parting.add(link)
    if (link) return link.close()
    if (!wasReplacing) return
    this.step({ t: 'closed', peer })
    this.#wiring.onUnlink(peer, false)
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
      if (way === undefined || this.#dialler.has(peer) || this.overlay.isLeaving(peer)) return false
      return isBetterWay(this.#terms.wayTo(peer), way)
    }
    const peer = this.#improvements.next(this.#table.peers.filter(isWorth))
    if (peer === undefined) return
    this.#replacing.add(peer)
    this.#dialler.dial(peer, { fallsBack: false })
  }

  #opened(peer: DeviceId, link: Link, way: Way, isOurs: boolean): void {
    if (this.#wiring.isShunned(peer)) {
      link.close()
      return this.#failed(peer, 'closed')
    }
    this.#table.retire(peer)
    this.#replacing.delete(peer)
    this.#table.add(peer, link, way, isOurs)
    link.onClose = () => {
      if (!this.#table.remove(peer, link) || this.#replacing.has(peer)) return
      const inPeace = this.#parting.delete(link) || this.overlay.isLeaving(peer)
      this.step({ t: 'closed', peer })
      this.#wiring.onUnlink(peer, inPeace)
    }
    link.onKindChange = () => this.#wiring.onKindChange()
    this.#wiring.onLink(peer, link)
    this.step({ t: 'opened', peer })
  }

  #failed(peer: DeviceId, how: 'closed' | 'declined' | 'full'): void {
    const wasLinked = this.#replacing.delete(peer)
    const isLinked = this.#table.get(peer) !== undefined
    this.step({ t: isLinked ? 'kept' : how, peer })
    if (wasLinked && !isLinked) this.#wiring.onUnlink(peer, false)
  }
}

const nameOf = (id: MessageId) => broadcastIdOf(fromBase64Url(id))
