import type { DeviceId } from '../../../protocol/device'
import { type Draft, pick, send } from './draft'
import {
  ACTIVE_VIEW,
  BACKOFF_MS,
  DUMB_AFTER_MS,
  FULL_MESH_AGAIN,
  FULL_MESH_MEMBERS,
  LINGER_MS,
  MAX_DIALS,
  MAX_INTRODUCED,
  MAX_OFFERERS,
  PASSIVE_VIEW,
  PRESSURE_MS,
  TROUBLE_MS,
  TRUSTED_LINKS,
} from './parameters'
import type { Candidate, LinkState } from './state'

/** More than a link can tell in a window. */
const OF_THE_TREE = 1_000_000

/** Dials under way. */
export const dialsOf = (mesh: Draft): number =>
  [...mesh.pending.now.values()].filter(({ by }) => by === 'us').length

/** Places of the active view that neither a link nor one being set up takes; as many as are wanted in a small room. */
export const freePlaces = (mesh: Draft): number => {
  const added = [...mesh.pending.now.keys()].filter((peer) => !mesh.links.has(peer)).length
  return (mesh.isCrowded ? ACTIVE_VIEW : FULL_MESH_MEMBERS - 1) - mesh.links.size - added
}

export const isKnown = (mesh: Draft, peer: DeviceId): boolean =>
  mesh.links.has(peer) || mesh.pending.has(peer) || mesh.passive.has(peer)

/** Whether there is a reason not to begin anything with a peer. */
export const isTaken = (mesh: Draft, peer: DeviceId): boolean =>
  peer === mesh.me || mesh.links.has(peer) || mesh.pending.has(peer) || mesh.shunned.has(peer)

/** Whether others' word that `peer` is here counts: it is nobody who said goodbye. */
export const mayBeHere = (mesh: Draft, peer: DeviceId): boolean =>
  (mesh.departed.get(peer) ?? Number.NEGATIVE_INFINITY) <= mesh.now

/** Begins a link to `peer`, unless there is a reason not to. */
export function dial(mesh: Draft, peer: DeviceId, urgent: boolean): void {
  if (isTaken(mesh, peer) || dialsOf(mesh) >= MAX_DIALS) return
  const bucket = mesh.introduced.get(peer)?.bucket
  mesh.pending.set(peer, { by: 'us', isUrgent: urgent, bucket, since: mesh.now })
  mesh.effects.push({ t: 'dial', peer, urgent })
}

/** Whether the room has outgrown the full mesh, from what is known of it. */
export function weighRoom(mesh: Draft): void {
  let members = 1 + mesh.links.size
  for (const peer of mesh.passive.now.keys()) if (!mesh.links.has(peer)) members++
  for (const peer of mesh.pending.now.keys()) if (!mesh.links.has(peer) && !mesh.passive.has(peer)) members++
  mesh.isCrowded = members > (mesh.isCrowded ? FULL_MESH_AGAIN : FULL_MESH_MEMBERS)
}

/** Puts a peer into the passive view; a random one makes room for it, rather one of `first`. */
export function remember(
  mesh: Draft,
  peer: DeviceId,
  candidate: Candidate,
  first: readonly DeviceId[] = [],
): void {
  if (peer === mesh.me || mesh.shunned.has(peer) || mesh.links.has(peer)) return
  mesh.passive.set(peer, candidate)
  if (mesh.passive.size <= PASSIVE_VIEW) return
  const sent = first.find((other) => other !== peer && mesh.passive.has(other))
  const others = [...mesh.passive.now.keys()].filter((other) => other !== peer)
  const gone = sent ?? pick(others, mesh.random)
  if (gone !== undefined) mesh.passive.delete(gone)
}

/** What the room object said of a peer's network. */
export function trust(mesh: Draft, peer: DeviceId, bucket: string): void {
  if (peer === mesh.me) return
  mesh.introduced.renew(peer, { bucket, at: mesh.now })
  mesh.introduced.keepNewest(MAX_INTRODUCED)
}

/** Links that were dialled on the room object's word. */
export const trustedLinks = (mesh: Draft): DeviceId[] =>
  [...mesh.links.now].filter(([, { isTrusted }]) => isTrusted).map(([peer]) => peer)

/** Whether a link with `peer` that we dialled counts as trusted. */
export const deservesTrust = (mesh: Draft, peer: DeviceId): boolean =>
  mesh.introduced.has(peer) && trustedLinks(mesh).length < TRUSTED_LINKS

/** Remembers who made an offer. Devices of networks that nobody named are taken for those of one. */
export function countOffer(mesh: Draft, peer: DeviceId, bucket: string | undefined): void {
  forgetOffer(mesh, peer)
  mesh.offerers.set(peer, { bucket, at: mesh.now })
  mesh.pressure.set(bucket, pressureOf(mesh, bucket) + 1)
  forgetOffers(mesh)
}

/** Those that are too many or too old: the oldest come first. */
function forgetOffers(mesh: Draft): void {
  for (const [peer, { at }] of mesh.offerers.now) {
    if (mesh.offerers.size <= MAX_OFFERERS && mesh.now - at < PRESSURE_MS) return
    forgetOffer(mesh, peer)
  }
}

function forgetOffer(mesh: Draft, peer: DeviceId): void {
  const offer = mesh.offerers.get(peer)
  if (!offer) return
  mesh.offerers.delete(peer)
  const left = pressureOf(mesh, offer.bucket) - 1
  if (left > 0) mesh.pressure.set(offer.bucket, left)
  else mesh.pressure.delete(offer.bucket)
}

/** How many devices of a network made offers lately. */
const pressureOf = (mesh: Draft, bucket: string | undefined): number => mesh.pressure.get(bucket) ?? 0

/**
 * Who makes room for an urgent newcomer of network `bucket`: a link that neither end depends on, one that tells nothing, or
 * one of a network that presses more. Never one of a network that presses less: a crowd of devices behind a few addresses
 * takes no place from others. `undefined`: nobody has to.
 */
export function mayLeave(mesh: Draft, bucket: string | undefined, except?: DeviceId): DeviceId | undefined {
  forgetOffers(mesh)
  const limit = pressureOf(mesh, bucket)
  const candidates = [...mesh.links.now].flatMap(([peer, link]) => {
    const pressed = pressureOf(mesh, link.bucket)
    const isDumb = mesh.heard > 0 && link.told + link.firsts === 0 && mesh.now - link.since >= DUMB_AFTER_MS
    const mayGo = !link.isUrgent || isDumb || pressed > limit
    const isOne = peer !== except && !link.isTrusted && mayGo && pressed >= limit
    return isOne ? [{ peer, pressed, worth: worthOf(link) }] : []
  })
  const most = Math.max(...candidates.map(({ pressed }) => pressed))
  const pressing = candidates.filter(({ pressed }) => pressed === most)
  const least = Math.min(...pressing.map(({ worth }) => worth))
  return pick(
    pressing.filter(({ worth }) => worth === least),
    mesh.random,
  )?.peer
}

/** What is lost with a link: nothing where it told nothing, and most where it is of the tree, behind which others wait. */
const worthOf = ({ isEager, told, firsts }: LinkState): number =>
  told + firsts === 0 ? 0 : told + (isEager ? OF_THE_TREE : 1)

/** Ends a link that is one too many, in peace. `instead`: who takes the place. */
export function dismiss(mesh: Draft, peer: DeviceId, instead?: DeviceId): void {
  send(mesh, peer, instead === undefined ? { t: 'bye' } : { t: 'bye', instead })
  leave(mesh, peer, LINGER_MS)
}

/** A link that ends in peace carries signals a little longer. */
export function leave(mesh: Draft, peer: DeviceId, lingerMs: number): void {
  mesh.links.delete(peer)
  mesh.announcements.delete(peer)
  mesh.leaving.set(peer, mesh.now + lingerMs)
  remember(mesh, peer, { failures: 0, retryAt: mesh.now + BACKOFF_MS })
}

/** Ends a link, or one being set up, with a peer that is wanted no more; nothing of it is kept. */
export function banish(mesh: Draft, peer: DeviceId, why: 'gone' | 'silent' | 'promises'): void {
  const bucket = mesh.links.get(peer)?.bucket
  mesh.passive.delete(peer)
  mesh.introduced.delete(peer)
  mesh.routes.delete(peer)
  mesh.announcements.delete(peer)
  const wasLeaving = mesh.leaving.delete(peer)
  if (mesh.pending.delete(peer)) mesh.effects.push({ t: 'abandon', peer })
  if (mesh.links.delete(peer) || wasLeaving) mesh.effects.push({ t: 'drop', peer, why })
  if (why === 'gone') return
  for (const [other, named] of mesh.introduced.now) if (named.bucket === bucket) mesh.introduced.delete(other)
  mesh.shunned.set(peer, mesh.now + BACKOFF_MS)
  mesh.troubledUntil = mesh.now + TROUBLE_MS
}

/** More links than the active view has places: those that others depend on least end. */
export function shrink(mesh: Draft, newest?: DeviceId): void {
  if (!mesh.isCrowded) return
  const bucket = newest === undefined ? undefined : mesh.links.get(newest)?.bucket
  while (mesh.links.size > ACTIVE_VIEW) {
    const others = [...mesh.links.now.keys()].filter((peer) => peer !== newest)
    const untrusted = others.filter((peer) => !mesh.links.get(peer)?.isTrusted)
    const lazy = untrusted.filter((peer) => !mesh.links.get(peer)?.isEager)
    const least = [lazy, untrusted, others].find((peers) => peers.length > 0) ?? []
    const peer = mayLeave(mesh, bucket, newest) ?? pick(least, mesh.random)
    if (peer === undefined) return
    dismiss(mesh, peer, newest)
  }
}
