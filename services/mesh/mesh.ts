import type { DeviceId } from '../../protocol/device'
import { backoffDelay } from '../backoff'
import type { Random } from '../clock'

/** Up to so many members everyone is linked with everyone; back to that when the room shrinks to the latter. */
export const FULL_MESH_MEMBERS = 8
export const FULL_MESH_AGAIN = 6
/** Links that a member of a larger room looks for, and how many it keeps at most when others dial it. */
export const TARGET_LINKS = 5
export const MAX_LINKS = 8
/** Dials under way at once, and offers being answered. */
export const MAX_DIALS = 4
export const MAX_ACCEPTS = 8
/** Offers of one peer are answered no more often than this: each costs a connection. */
export const ACCEPT_EVERY_MS = 3_000
/**
 * Offers answered, whoever makes them: at once, and each second in the long run. A browser holds 500 connections, and
 * forgets those that ended only when it collects its garbage.
 */
export const ACCEPT_BURST = 32
export const ACCEPTS_PER_SECOND = 2
/** Members that are remembered for dialling. */
export const MAX_KNOWN = 500
/** A newcomer dials; those who only heard of it leave it this long, so that both do not dial at once. */
export const HEARD_GRACE_MS = 3_000
/** A peer that was dialled so often in vain is forgotten, until it is heard of again. */
export const MAX_FAILURES = 5
/** With fewer links than this, more members are asked for: often when some are known to be there, else rarely. */
export const ENOUGH_LINKS = 2
export const INTRODUCE_EVERY_MS = 15_000
export const INTRODUCE_ALONE_EVERY_MS = 120_000

interface Known {
  readonly failures: number
  readonly retryAt: number
}

/** What the mesh of one room knows. Never changed in place. */
export interface MeshState {
  readonly me: DeviceId
  readonly known: ReadonlyMap<DeviceId, Known>
  /** Links being set up, by who began. */
  readonly pending: ReadonlyMap<DeviceId, 'dialled' | 'accepted'>
  readonly links: ReadonlySet<DeviceId>
  /** When an offer of a peer was last answered; forgotten after `ACCEPT_EVERY_MS`. */
  readonly acceptedAt: ReadonlyMap<DeviceId, number>
  /** Offers that may be answered at `at` (ms), and from then on as `ACCEPTS_PER_SECOND` allows. */
  readonly accepts: { readonly left: number; readonly at: number }
  readonly crowded: boolean
  readonly askedAt: number
}

export type MeshEvent =
  /** The room object named members that are worth dialling. */
  | { t: 'introduced'; peers: readonly DeviceId[] }
  /** A member's presence was heard. */
  | { t: 'heard'; peer: DeviceId }
  /** A member said goodbye. */
  | { t: 'gone'; peer: DeviceId }
  /** A signed offer came from `peer`. */
  | { t: 'offered'; peer: DeviceId }
  | { t: 'opened'; peer: DeviceId }
  /** A link closed, or one being set up failed. */
  | { t: 'closed'; peer: DeviceId }
  /** The offer just reported was declined; the peer may make another. */
  | { t: 'declined'; peer: DeviceId }
  /** Setting up another link to a linked peer failed, and the one before it still stands. */
  | { t: 'kept'; peer: DeviceId }
  /** Try everybody now: the network came back. */
  | { t: 'hurry' }
  | { t: 'tick' }

export type MeshEffect =
  | { t: 'dial'; peer: DeviceId }
  /** Answer the offer that was just reported. */
  | { t: 'accept'; peer: DeviceId }
  /** Stop setting up our own link to `peer`: its offer won. */
  | { t: 'abandon'; peer: DeviceId }
  | { t: 'drop'; peer: DeviceId }
  /** Ask the room object for more members. */
  | { t: 'introduce' }

export type MeshStep = { state: MeshState; effects: MeshEffect[] }

export const emptyMesh = (me: DeviceId): MeshState => ({
  me,
  known: new Map(),
  pending: new Map(),
  links: new Set(),
  acceptedAt: new Map(),
  accepts: { left: ACCEPT_BURST, at: 0 },
  crowded: false,
  askedAt: Number.NEGATIVE_INFINITY,
})

/**
 * One step of the overlay: who is dialled, accepted and dropped. Pure: time (ms) and chance come in, effects
 * go out, so that a simulator runs the code that ships. A full mesh in small rooms; in larger ones a random
 * graph of bounded degree.
 */
export function stepMesh(state: MeshState, event: MeshEvent, now: number, random: Random): MeshStep {
  const draft = {
    ...state,
    known: new Map(state.known),
    pending: new Map(state.pending),
    links: new Set(state.links),
    acceptedAt: new Map([...state.acceptedAt].filter(([, at]) => now - at < ACCEPT_EVERY_MS)),
  }
  const effects: MeshEffect[] = []
  apply(draft, event, effects, now, random)
  draft.crowded = draft.known.size + 1 > (draft.crowded ? FULL_MESH_AGAIN : FULL_MESH_MEMBERS)
  plan(draft, effects, now, random)
  return { state: draft, effects }
}

interface Draft extends MeshState {
  known: Map<DeviceId, Known>
  pending: Map<DeviceId, 'dialled' | 'accepted'>
  links: Set<DeviceId>
  acceptedAt: Map<DeviceId, number>
  accepts: { left: number; at: number }
  crowded: boolean
  askedAt: number
}

function apply(mesh: Draft, event: MeshEvent, effects: MeshEffect[], now: number, random: Random): void {
  switch (event.t) {
    case 'introduced':
      for (const peer of event.peers) know(mesh, peer, now)
      break
    case 'heard':
      if (!mesh.known.has(event.peer)) know(mesh, event.peer, now + HEARD_GRACE_MS * (1 + random()))
      break
    case 'gone':
      mesh.known.delete(event.peer)
      if (mesh.pending.delete(event.peer)) effects.push({ t: 'abandon', peer: event.peer })
      if (mesh.links.has(event.peer)) effects.push({ t: 'drop', peer: event.peer })
      break
    case 'offered':
      offered(mesh, event.peer, effects, now)
      break
    case 'opened':
      mesh.pending.delete(event.peer)
      mesh.acceptedAt.delete(event.peer)
      mesh.links.add(event.peer)
      mesh.known.set(event.peer, { failures: 0, retryAt: now })
      dropOneTooMany(mesh, effects, random, event.peer)
      break
    case 'closed':
      closed(mesh, event.peer, now, random)
      break
    case 'declined':
      declined(mesh, event.peer, now)
      break
    case 'kept':
      mesh.pending.delete(event.peer)
      mesh.links.add(event.peer)
      break
    case 'hurry':
      for (const peer of mesh.known.keys()) mesh.known.set(peer, { failures: 0, retryAt: now })
      mesh.askedAt = Number.NEGATIVE_INFINITY
      break
    case 'tick':
      // A link that was kept, or one whose end was not heard of, may be one too many still.
      dropOneTooMany(mesh, effects, random)
      break
  }
}

/** Newcomers are let in: an older link makes room for them. */
function dropOneTooMany(mesh: Draft, effects: MeshEffect[], random: Random, newest?: DeviceId): void {
  if (mesh.links.size <= MAX_LINKS) return
  const others = [...mesh.links].filter((peer) => peer !== newest)
  effects.push({ t: 'drop', peer: pick(others, random) })
}

/** When both dial at once, the offer of the smaller device id stands, on both ends alike. */
function offered(mesh: Draft, peer: DeviceId, effects: MeshEffect[], now: number): void {
  const accepts = mesh.pending.size - dialsOf(mesh)
  if (peer === mesh.me || mesh.acceptedAt.has(peer) || accepts >= MAX_ACCEPTS) return
  if (mesh.pending.get(peer) === 'dialled' && mesh.me < peer) return
  const left = acceptsLeft(mesh, now)
  if (left < 1) return
  mesh.accepts = { left: left - 1, at: now }
  if (mesh.pending.get(peer) === 'dialled') effects.push({ t: 'abandon', peer })
  // A new offer from a linked peer means that its end of the link is dead; ours is replaced.
  mesh.links.delete(peer)
  mesh.pending.set(peer, 'accepted')
  mesh.acceptedAt.set(peer, now)
  effects.push({ t: 'accept', peer })
}

const acceptsLeft = ({ accepts: { left, at } }: MeshState, now: number) =>
  Math.min(ACCEPT_BURST, left + (Math.max(0, now - at) / 1_000) * ACCEPTS_PER_SECOND)

function closed(mesh: Draft, peer: DeviceId, now: number, random: Random): void {
  // A peer that has just answered an offer of ours would not look at the next one yet.
  const pause = mesh.pending.get(peer) === 'dialled' ? ACCEPT_EVERY_MS : 0
  mesh.links.delete(peer)
  mesh.pending.delete(peer)
  const known = mesh.known.get(peer)
  if (!known) return
  const failures = known.failures + 1
  const retryAt = now + Math.max(pause, backoffDelay(failures, random))
  if (failures > MAX_FAILURES) mesh.known.delete(peer)
  else mesh.known.set(peer, { failures, retryAt })
}

/** Its next offer is expected at once, so that it is neither refused as too soon nor crossed by one of ours. */
function declined(mesh: Draft, peer: DeviceId, now: number): void {
  mesh.pending.delete(peer)
  mesh.acceptedAt.delete(peer)
  const known = mesh.known.get(peer)
  const retryAt = Math.max(known?.retryAt ?? 0, now + HEARD_GRACE_MS)
  if (known) mesh.known.set(peer, { ...known, retryAt })
}

function plan(mesh: Draft, effects: MeshEffect[], now: number, random: Random): void {
  const wanted = mesh.crowded ? TARGET_LINKS : FULL_MESH_MEMBERS - 1
  const candidates = [...mesh.known.entries()]
    .filter(([peer, { retryAt }]) => retryAt <= now && !mesh.links.has(peer) && !mesh.pending.has(peer))
    .map(([peer]) => peer)
  // Offers being answered count for nothing here: whoever only repeats them must not keep us from dialling.
  const dials = dialsOf(mesh)
  let room = Math.min(MAX_DIALS - dials, wanted - mesh.links.size - dials)
  for (; room > 0 && candidates.length > 0; room--) {
    const peer = pick(candidates, random)
    candidates.splice(candidates.indexOf(peer), 1)
    mesh.pending.set(peer, 'dialled')
    effects.push({ t: 'dial', peer })
  }
  const lonely = mesh.links.size + dialsOf(mesh) < ENOUGH_LINKS
  const interval = mesh.known.size > 0 ? INTRODUCE_EVERY_MS : INTRODUCE_ALONE_EVERY_MS
  if (lonely && now - mesh.askedAt >= interval) {
    mesh.askedAt = now
    effects.push({ t: 'introduce' })
  }
}

const dialsOf = (mesh: Draft) => [...mesh.pending.values()].filter((how) => how === 'dialled').length

/** Learns of a peer. When there are too many, the one that was learnt first and is not linked is forgotten. */
function know(mesh: Draft, peer: DeviceId, retryAt: number): void {
  if (peer === mesh.me) return
  mesh.known.set(peer, { failures: 0, retryAt })
  if (mesh.known.size <= MAX_KNOWN) return
  const oldest = [...mesh.known.keys()].find((known) => known !== peer && !mesh.links.has(known))
  if (oldest !== undefined) mesh.known.delete(oldest)
}

function pick(peers: readonly DeviceId[], random: Random): DeviceId {
  const peer = peers[Math.floor(random() * peers.length)]
  if (peer === undefined) throw new RangeError('picked from nothing')
  return peer
}
