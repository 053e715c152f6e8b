import type { DeviceId } from '../../protocol/device'
import { type BroadcastFrame, encodeFrame, type OverlayWireFrame } from '../../protocol/frames'
import { MAX_ANNOUNCED_IDS } from '../../protocol/limits'
import type { Clock, Random } from '../clock'
import { Broadcasts } from './broadcasts'
import {
  type BroadcastId,
  emptyMesh,
  hasRoute,
  type MeshEffect,
  type MeshEvent,
  stepMesh,
  wakeAt,
} from './mesh'
import { fromWire, toWire } from './overlay-wire'

/** What somebody else has to do about links. */
export type LinkEffect = Exclude<MeshEffect, { t: 'send' | 'push' | 'deliver' }>

interface Wiring {
  me: DeviceId
  clock: Clock
  random: Random
  /** Sends a frame on the open link to `peer`, if there is one. */
  sendTo(peer: DeviceId, frame: Uint8Array<ArrayBuffer>): void
  carryOut(effect: LinkEffect): void
  /** A signal of `from` came over the link to `via`. */
  onSignal(from: DeviceId, via: DeviceId, envelope: Uint8Array<ArrayBuffer>): void
}

/** Runs the pure overlay of one room: its clock, its frames, and the broadcasts that go through it. */
export class OverlayRunner {
  readonly #wiring: Wiring
  readonly #broadcasts = new Broadcasts()
  #state
  #wakesAt = Number.POSITIVE_INFINITY
  #cancelWake = () => {}
  #isClosed = false

  constructor(wiring: Wiring) {
    this.#wiring = wiring
    this.#state = emptyMesh(wiring.me)
    this.#schedule()
  }

  /** Whether the room has outgrown the full mesh. */
  get isCrowded(): boolean {
    return this.#state.isCrowded
  }

  /** Members with a link that counts, and not only lingers. */
  get neighbours(): DeviceId[] {
    return [...this.#state.links.keys()]
  }

  /** Whether a link has ended in peace and only lingers. */
  isLeaving(peer: DeviceId): boolean {
    return this.#state.leaving.has(peer)
  }

  /** Links that the newest broadcasts took: the most of them, 0 when nothing came. */
  get hops(): number {
    return Math.max(0, ...[...this.#state.ways.values()].map(({ hops }) => hops))
  }

  /** Whether a signal for `peer` has a way over links. */
  hasRoute(peer: DeviceId): boolean {
    return hasRoute(this.#state, peer, this.#wiring.clock.now())
  }

  step(event: MeshEvent): void {
    if (this.#isClosed) return
    const { clock, random } = this.#wiring
    const { state, effects } = stepMesh(this.#state, event, clock.now(), random)
    this.#state = state
    for (const effect of effects) this.#carryOut(effect)
    this.#schedule()
  }

  /** A frame of the overlay came over the link to `from`. */
  receive(from: DeviceId, wire: OverlayWireFrame): void {
    const frame = fromWire(wire)
    if (frame.t !== 'ihave') return this.step({ t: 'frame', from, frame })
    const unknown = frame.ids.map(({ id }) => id).filter((id) => !this.#broadcasts.has(id))
    this.step({ t: 'frame', from, frame, unknown: new Set(unknown) })
  }

  /** Whether a broadcast has come, or went out. */
  has(id: BroadcastId): boolean {
    return this.#broadcasts.has(id)
  }

  /**
   * Tells a fresh link of broadcasts that went before, of which it takes what it lacks. Returns those that are not kept any
   * more, for which it cannot ask.
   */
  announce(peer: DeviceId, ids: readonly BroadcastId[]): BroadcastId[] {
    const kept = ids.filter((id) => this.#broadcasts.keeps(id))
    for (let from = 0; from < kept.length; from += MAX_ANNOUNCED_IDS) {
      const some = kept.slice(from, from + MAX_ANNOUNCED_IDS).map((id) => ({ id, hops: 0 }))
      this.#wiring.sendTo(peer, encodeFrame(toWire({ t: 'ihave', ids: some })))
    }
    return ids.filter((id) => !this.#broadcasts.keeps(id))
  }

  /** Sends something of ours to the whole room. */
  publish(id: BroadcastId, frame: BroadcastFrame): void {
    this.#broadcasts.keep(id, frame)
    this.step({ t: 'publish', id, passing: frame.t === 'typing' })
  }

  /**
   * A broadcast came over the link to `from`: it goes on, or it does not because it was known or is not worth it, or it was
   * of no use now and may be if it comes again.
   */
  heard(
    outcome: 'passed-on' | 'stopped' | 'missed',
    id: BroadcastId,
    frame: BroadcastFrame,
    from: DeviceId,
  ): void {
    const wasKnown = this.#broadcasts.has(id)
    if (outcome === 'passed-on') this.#broadcasts.keep(id, frame)
    if (outcome === 'stopped') this.#broadcasts.know(id)
    const isNew = outcome === 'passed-on'
    // Over the first link that brings what is of no use, other things may come that are. And what a fresh link tells of who
    // is here did not come along the tree: that it was known says nothing about that.
    const saysNothing = !isNew && (!wasKnown || frame.hops === undefined)
    const passing = frame.t === 'typing' || saysNothing
    this.step({ t: 'received', id, from, hops: frame.hops ?? 1, isNew, passing })
  }

  close(): void {
    this.#isClosed = true
    this.#cancelWake()
  }

  #carryOut(effect: MeshEffect): void {
    const { sendTo, onSignal, carryOut } = this.#wiring
    switch (effect.t) {
      case 'send':
        return sendTo(effect.peer, encodeFrame(toWire(effect.frame)))
      case 'push': {
        const frame = this.#broadcasts.encoded(effect.id, effect.hops)
        return frame && sendTo(effect.peer, frame)
      }
      case 'deliver':
        return onSignal(effect.from, effect.via, effect.data)
      default:
        carryOut(effect)
    }
  }

  #schedule(): void {
    const at = wakeAt(this.#state)
    if (at === this.#wakesAt || this.#isClosed) return
    this.#wakesAt = at
    this.#cancelWake()
    this.#cancelWake = () => {}
    if (at === Number.POSITIVE_INFINITY) return
    const { clock } = this.#wiring
    this.#cancelWake = clock.after(Math.max(0, at - clock.now()), () => {
      this.#wakesAt = Number.NaN
      this.step({ t: 'tick' })
    })
  }
}
