import type { DeviceId } from '../../../protocol/device'
import type { Random } from '../../clock'
import type { MeshEffect, OverlayFrame } from './events'
import type { LinkState, MeshState } from './state'

/** A map that is copied when it is first changed: a step costs what it changes, not what there is. */
export class Copied<K, V> {
  readonly #base: ReadonlyMap<K, V>
  #copy: Map<K, V> | undefined

  constructor(base: ReadonlyMap<K, V>) {
    this.#base = base
  }

  get now(): ReadonlyMap<K, V> {
    return this.#copy ?? this.#base
  }

  get size(): number {
    return this.now.size
  }

  get(key: K): V | undefined {
    return this.now.get(key)
  }

  has(key: K): boolean {
    return this.now.has(key)
  }

  set(key: K, value: V): void {
    this.#copy ??= new Map(this.#base)
    this.#copy.set(key, value)
  }

  /** As the newest entry. */
  renew(key: K, value: V): void {
    this.delete(key)
    this.set(key, value)
  }

  /** Returns whether it was there. */
  delete(key: K): boolean {
    if (!this.has(key)) return false
    this.#copy ??= new Map(this.#base)
    return this.#copy.delete(key)
  }

  /** Forgets the oldest entries beyond `most`. */
  keepNewest(most: number): void {
    for (const key of this.now.keys()) {
      if (this.size <= most) return
      this.delete(key)
    }
  }
}

type Maps =
  | 'departed'
  | 'links'
  | 'leaving'
  | 'pending'
  | 'passive'
  | 'introduced'
  | 'shunned'
  | 'routes'
  | 'floods'
  | 'offerers'
  | 'pressure'
type TreeMaps = 'acceptedAt' | 'awaited' | 'announcements' | 'ways'
type Entries<T> = T extends ReadonlyMap<infer K, infer V> ? Copied<K, V> : never

type Plain = { -readonly [K in Exclude<keyof MeshState, Maps | TreeMaps>]: MeshState[K] }
type Copies = { readonly [K in Maps | TreeMaps]: Entries<MeshState[K]> }

/** A state that is being changed by one step, and what is to be done about it. */
export interface Draft extends Plain, Copies {
  readonly now: number
  readonly random: Random
  readonly effects: MeshEffect[]
}

// Field by field, because spreading and resting make objects that are slow to read: half of what a step would cost.
export const draftOf = (state: MeshState, now: number, random: Random): Draft => ({
  me: state.me,
  links: new Copied(state.links),
  leaving: new Copied(state.leaving),
  pending: new Copied(state.pending),
  passive: new Copied(state.passive),
  introduced: new Copied(state.introduced),
  shunned: new Copied(state.shunned),
  departed: new Copied(state.departed),
  routes: new Copied(state.routes),
  floods: new Copied(state.floods),
  offerers: new Copied(state.offerers),
  pressure: new Copied(state.pressure),
  acceptedAt: new Copied(state.acceptedAt),
  accepts: state.accepts,
  isCrowded: state.isCrowded,
  newUntil: state.newUntil,
  askedAt: state.askedAt,
  seek: state.seek,
  shuffleAt: state.shuffleAt,
  shuffled: state.shuffled,
  rotateAt: state.rotateAt,
  troubledUntil: state.troubledUntil,
  lostAt: state.lostAt,
  awaited: new Copied(state.awaited),
  announcements: new Copied(state.announcements),
  announceAt: state.announceAt,
  ways: new Copied(state.ways),
  parent: state.parent,
  heard: state.heard,
  windowEndsAt: state.windowEndsAt,
  beatAt: state.beatAt,
  now,
  random,
  effects: [],
})

export const finished = (mesh: Draft): MeshState => ({
  me: mesh.me,
  links: mesh.links.now,
  leaving: mesh.leaving.now,
  pending: mesh.pending.now,
  passive: mesh.passive.now,
  introduced: mesh.introduced.now,
  shunned: mesh.shunned.now,
  departed: mesh.departed.now,
  routes: mesh.routes.now,
  floods: mesh.floods.now,
  offerers: mesh.offerers.now,
  pressure: mesh.pressure.now,
  acceptedAt: mesh.acceptedAt.now,
  accepts: mesh.accepts,
  isCrowded: mesh.isCrowded,
  newUntil: mesh.newUntil,
  askedAt: mesh.askedAt,
  seek: mesh.seek,
  shuffleAt: mesh.shuffleAt,
  shuffled: mesh.shuffled,
  rotateAt: mesh.rotateAt,
  troubledUntil: mesh.troubledUntil,
  lostAt: mesh.lostAt,
  awaited: mesh.awaited.now,
  announcements: mesh.announcements.now,
  announceAt: mesh.announceAt,
  ways: mesh.ways.now,
  parent: mesh.parent,
  heard: mesh.heard,
  windowEndsAt: mesh.windowEndsAt,
  beatAt: mesh.beatAt,
})

export function send(mesh: Draft, peer: DeviceId, frame: OverlayFrame): void {
  mesh.effects.push({ t: 'send', peer, frame })
}

/** Changes what is known of an open link; nothing if there is none. */
export function amend(mesh: Draft, peer: DeviceId, change: Partial<LinkState>): void {
  const link = mesh.links.get(peer)
  if (link) mesh.links.set(peer, { ...link, ...change })
}

/** One of `peers` by chance; `undefined` for none. */
export const pick = <T>(peers: readonly T[], random: Random): T | undefined =>
  peers[Math.floor(random() * peers.length)]

/** At most `count` of `peers` by chance, in random order. */
export function sample<T>(peers: readonly T[], count: number, random: Random): T[] {
  const rest = [...peers]
  const chosen: T[] = []
  while (chosen.length < count && rest.length > 0) {
    const at = Math.floor(random() * rest.length)
    chosen.push(...rest.splice(at, 1))
  }
  return chosen
}
