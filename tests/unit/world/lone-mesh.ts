import { expect } from 'vitest'
import type { DeviceId } from '../../../protocol/device'
import {
  emptyMesh,
  type MeshEffect,
  type MeshEvent,
  type MeshState,
  type OverlayFrame,
  stepMesh,
  wakeAt,
} from '../../../services/mesh/mesh'
import { ACTIVE_VIEW, FULL_MESH_MEMBERS } from '../../../services/mesh/overlay/parameters'
import type { LinkState } from '../../../services/mesh/overlay/state'

export const id = (name: string) => name as DeviceId
/** p00, p01, … */
export const peers = (count: number, prefix = 'p') =>
  Array.from({ length: count }, (_, index) => id(`${prefix}${String(index).padStart(2, '0')}`))

/** As the room object names them: each of a network of its own, or all of one. */
export const named = (devices: readonly DeviceId[], bucket?: string): MeshEvent => ({
  t: 'introduced',
  peers: devices.map((device) => ({ device, bucket: bucket ?? `of ${device}` })),
})

type Effect<T extends MeshEffect['t']> = Extract<MeshEffect, { t: T }>
type Frame<T extends OverlayFrame['t']> = Extract<OverlayFrame, { t: T }>

export const effectsOf = <T extends MeshEffect['t']>(t: T, effects: readonly MeshEffect[]): Effect<T>[] =>
  effects.filter((effect): effect is Effect<T> => effect.t === t)

export const dialled = (effects: readonly MeshEffect[]) => effectsOf('dial', effects).map(({ peer }) => peer)
export const pushedTo = (effects: readonly MeshEffect[]) => effectsOf('push', effects).map(({ peer }) => peer)

/** Frames of one kind, and to whom each went. */
export const framesOf = <T extends OverlayFrame['t']>(t: T, effects: readonly MeshEffect[]) =>
  effectsOf('send', effects).flatMap(({ peer, frame }) => (isOf(t, frame) ? [{ peer, frame }] : []))
const isOf = <T extends OverlayFrame['t']>(t: T, frame: OverlayFrame): frame is Frame<T> => frame.t === t

interface Offer {
  urgent?: boolean
  bucket?: string
}

/** More ticks than this in one second mean that time stands still. */
const MAX_TICKS_PER_SECOND = 1_000

/** The overlay of one member, driven by hand: events in, effects out, time as the test says. */
export class LoneMesh {
  state: MeshState
  now = 0
  /** What chance says next. */
  random: () => number

  constructor(me = id('m'), random: () => number = () => 0.5) {
    this.state = emptyMesh(me)
    this.random = random
  }

  /** One step, which must not change the state that it is given. */
  step(event: MeshEvent): readonly MeshEffect[] {
    const before = this.state
    const copy = structuredClone(before)
    const { state, effects } = stepMesh(before, event, this.now, this.random)
    expect(before).toEqual(copy)
    this.state = state
    return effects
  }

  /** Lets `ms` pass, and nothing happen meanwhile. */
  skip(ms: number): void {
    this.now += ms
  }

  /** Lets `ms` pass with a tick whenever one is due. */
  pass(ms: number): readonly MeshEffect[] {
    const end = this.now + ms
    const effects: MeshEffect[] = []
    for (let left = MAX_TICKS_PER_SECOND * Math.max(1, ms / 1_000); wakeAt(this.state) <= end; left--) {
      if (left <= 0) throw new Error('time stands still')
      this.now = Math.max(this.now, wakeAt(this.state))
      effects.push(...this.step({ t: 'tick' }))
    }
    this.now = end
    return effects
  }

  /** A frame of a neighbour. `unknown`: of what it announces; all of it without. */
  frame(from: DeviceId, frame: OverlayFrame, unknown?: readonly string[]): readonly MeshEffect[] {
    const all = frame.t === 'ihave' ? frame.ids.map(({ id }) => id) : []
    return this.step({ t: 'frame', from, frame, unknown: new Set(unknown ?? all) })
  }

  /** A broadcast over a link; news without `isNew`. */
  hear(id: string, from: DeviceId, { hops = 2, isNew = true, passing = false } = {}): readonly MeshEffect[] {
    return this.step({ t: 'received', id, from, hops, isNew, passing })
  }

  offered(peer: DeviceId, { urgent = false, bucket }: Offer = {}): readonly MeshEffect[] {
    return this.step({ t: 'offered', peer, urgent, ...(bucket !== undefined && { bucket }) })
  }

  /** `peer` dials us and gets its link. */
  accept(peer: DeviceId, offer: Offer = {}): readonly MeshEffect[] {
    return [...this.offered(peer, offer), ...this.step({ t: 'opened', peer })]
  }

  link(peer: DeviceId): LinkState {
    const link = this.state.links.get(peer)
    if (!link) throw new Error(`no link with ${peer}`)
    return link
  }

  get links(): DeviceId[] {
    return [...this.state.links.keys()].sort()
  }

  /** Makes it a member of a larger room, of which it has heard and by which it was dialled. Returns those with a link. */
  join(links = ACTIVE_VIEW, offer: Offer = {}): DeviceId[] {
    for (const peer of peers(FULL_MESH_MEMBERS, 'stranger')) this.step({ t: 'heard', peer })
    const linked = peers(links)
    for (const peer of linked) this.accept(peer, offer)
    expect([this.links, this.state.isCrowded]).toEqual([linked, true])
    return linked
  }
}
