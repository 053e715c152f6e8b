import type { DeviceId } from '../../protocol/device'
import { type Clock, every, type Random } from '../clock'
import { Dialler } from './dialler'
import type { Link, LinkMaker } from './link'
import { emptyMesh, type MeshEffect, type MeshEvent, stepMesh } from './mesh'
import type { SignalFault, Signalling, TrustedSignal } from './signalling'

const TICK_MS = 1_000

interface Wiring {
  me: DeviceId
  clock: Clock
  random: Random
  signalling: Signalling
  links: LinkMaker
  sendSignal(to: DeviceId, envelope: Uint8Array<ArrayBuffer>): boolean
  /** Ask the room object for more members. */
  askForIntroductions(): void
  onLink(peer: DeviceId, link: Link): void
  /** A link is gone for good; not called when a newer one to the same peer replaced it. */
  onUnlink(peer: DeviceId): void
  onSignalFault(fault: SignalFault): void
}

/** Joins the pure mesh of one room to real links: events in, effects carried out. */
export class MeshLinks {
  readonly #wiring: Wiring
  readonly #dialler: Dialler
  readonly #links = new Map<DeviceId, Link>()
  readonly #stopTicking: () => void
  /** Peers whose old link was given up for a new one that is not open yet. */
  readonly #replacing = new Set<DeviceId>()
  #isClosed = false
  #state
  #offer: TrustedSignal | undefined

  constructor(wiring: Wiring) {
    this.#wiring = wiring
    this.#state = emptyMesh(wiring.me)
    this.#dialler = new Dialler({
      ...wiring,
      onOpen: (peer, link) => this.#opened(peer, link),
      onFail: (peer) => this.#failed(peer),
    })
    this.#stopTicking = every(wiring.clock, TICK_MS, () => this.step({ t: 'tick' }))
  }

  /** Peers with an open link. */
  get peers(): DeviceId[] {
    return [...this.#links.keys()]
  }

  /** Sends a frame on every open link but those in `except`. Returns how many took it. */
  broadcast(frame: Uint8Array<ArrayBuffer>, except: readonly DeviceId[] = []): number {
    let reach = 0
    for (const [peer, link] of this.#links) {
      if (except.includes(peer)) continue
      link.send(frame)
      reach++
    }
    return reach
  }

  step(event: MeshEvent): void {
    const { clock, random } = this.#wiring
    const { state, effects } = stepMesh(this.#state, event, clock.now(), random)
    this.#state = state
    for (const effect of effects) this.#carryOut(effect)
  }

  /** An envelope that the room object passed on. */
  async receiveSignal(from: DeviceId, envelope: Uint8Array): Promise<void> {
    const checked = await this.#wiring.signalling.check(from, envelope)
    if (this.#isClosed) return
    if ('fault' in checked) return this.#wiring.onSignalFault(checked.fault)
    if (checked.signal.type === 'answer') return this.#dialler.answered(checked)
    this.#offer = checked
    this.step({ t: 'offered', peer: from })
    this.#offer = undefined
  }

  /** The room object could not pass a signal on. */
  absent(peer: DeviceId): void {
    this.#dialler.absent(peer)
  }

  close(): void {
    this.#isClosed = true
    this.#stopTicking()
    this.#dialler.close()
    for (const link of this.#links.values()) link.close()
    this.#links.clear()
  }

  #carryOut(effect: MeshEffect): void {
    switch (effect.t) {
      case 'dial':
        return this.#dialler.dial(effect.peer)
      case 'accept':
        if (this.#retire(effect.peer)) this.#replacing.add(effect.peer)
        if (this.#offer?.signal.from === effect.peer) this.#dialler.accept(this.#offer)
        return
      case 'abandon':
        this.#dialler.abandon(effect.peer)
        if (this.#replacing.delete(effect.peer)) this.#wiring.onUnlink(effect.peer)
        return
      case 'drop':
        return this.#links.get(effect.peer)?.close()
      case 'introduce':
        return this.#wiring.askForIntroductions()
    }
  }

  #opened(peer: DeviceId, link: Link): void {
    this.#retire(peer)
    this.#replacing.delete(peer)
    this.#links.set(peer, link)
    link.onClose = () => {
      if (this.#links.get(peer) !== link) return
      this.#links.delete(peer)
      this.step({ t: 'closed', peer })
      this.#wiring.onUnlink(peer)
    }
    this.#wiring.onLink(peer, link)
    this.step({ t: 'opened', peer })
  }

  #failed(peer: DeviceId): void {
    this.step({ t: 'closed', peer })
    if (this.#replacing.delete(peer)) this.#wiring.onUnlink(peer)
  }

  /** Closes a link that another one to the same peer replaces, without the mesh taking it for a loss. */
  #retire(peer: DeviceId): boolean {
    const old = this.#links.get(peer)
    this.#links.delete(peer)
    old?.close()
    return old !== undefined
  }
}
