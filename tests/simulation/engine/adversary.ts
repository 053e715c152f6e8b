import type { DeviceId } from '../../../protocol/device'
import type { BroadcastId, MeshEffect, OverlayFrame } from '../../../services/mesh/mesh'
import { draw, drawOne } from './chance'
import { Member } from './member'
import type { RoomObject } from './room-object'
import type { Stage } from './stage'
import type { End, Wire } from './wire'

/**
 * What a member with a valid passport may do to a room that it wants silent. `mute`: takes and gives nothing. `liar`: announces
 * what it never sends, some of it made up. `recruiter`: mute, and names none but its own kind.
 */
export type Misconduct = 'mute' | 'liar' | 'recruiter'

interface Plot {
  readonly misconduct: Misconduct
  /** Honest members that ever came. */
  victims(): readonly Member[]
  accomplices(): readonly Member[]
}

/** Links with honest members that one adversary wants, and how often it tries (ms): an offer of one peer is answered no more often. */
const WANTED_VICTIMS = 5
const TRIES_EVERY_MS = 3_000
/** Ids that a liar makes up in each announcement. */
const MADE_UP = 2

/** Runs the overlay to be a member, and drops every broadcast. Dials honest members urgently, again and again. */
export class Adversary extends Member {
  readonly #plot: Plot
  #lies = 0

  constructor(stage: Stage, device: DeviceId, index: number, bucket: string, room: RoomObject, plot: Plot) {
    super(stage, device, index, bucket, room)
    this.#plot = plot
  }

  override get isHonest(): boolean {
    return false
  }

  override join(): void {
    super.join()
    this.#assail()
  }

  /** Dropped: the next is dialled at once. */
  protected override unwired(wire: Wire): void {
    super.unwired(wire)
    if (this.isPresent) this.#dialVictim()
  }

  protected override carryOut(effect: MeshEffect): void {
    switch (effect.t) {
      case 'push':
        return this.#announceOnly(effect.peer, effect.id, effect.hops)
      case 'drop':
        // It lets nobody go.
        return
      case 'send': {
        const frame = this.#twisted(effect.frame)
        if (frame) super.carryOut({ ...effect, frame })
        return
      }
      default:
        return super.carryOut(effect)
    }
  }

  #announceOnly(peer: DeviceId, id: BroadcastId, hops: number): void {
    if (this.#plot.misconduct !== 'liar') return
    super.carryOut({ t: 'send', peer, frame: { t: 'ihave', ids: [{ id, hops }] } })
  }

  #twisted(frame: OverlayFrame): OverlayFrame | undefined {
    const { misconduct } = this.#plot
    if (frame.t === 'bye') return undefined
    if (frame.t === 'ihave') {
      if (misconduct !== 'liar') return undefined
      const lies = Array.from({ length: MADE_UP }, () => ({
        id: `lie ${this.index}.${this.#lies++}`,
        hops: 1,
      }))
      return { ...frame, ids: [...frame.ids, ...lies] }
    }
    if (misconduct === 'recruiter' && (frame.t === 'shuffle' || frame.t === 'shuffled')) {
      const peers = draw(this.#plot.accomplices(), frame.peers.length, this.stage.world.random)
      return { ...frame, peers: peers.map(({ device }) => device) }
    }
    return frame
  }

  #assail(): void {
    const { world } = this.stage
    world.later(TRIES_EVERY_MS * (0.5 + world.random()), () => {
      if (!this.isPresent) return
      this.#dialVictim()
      this.#assail()
    })
  }

  #dialVictim(): void {
    const victims = this.#plot.victims()
    let held = 0
    for (const wire of this.wires.values()) if (isHonest(wire.other(this))) held++
    if (held >= WANTED_VICTIMS || victims.length === 0) return
    const victim = drawOne(victims, this.stage.world.random)
    if (!victim.isPresent || this.wires.has(victim.device) || this.dialling.attemptWith(victim.device)) return
    this.dialling.dial(victim.device, true)
  }
}

const isHonest = (end: End): boolean => end instanceof Member && end.isHonest
