import type { DeviceId } from '../../../protocol/device'
import { MAX_HOPS } from '../../../protocol/limits'
import { amend, type Draft, send } from './draft'
import type { MeshEvent, OverlayFrame } from './events'
import {
  ANNOUNCE_MS,
  FRESH_LINK_MS,
  GRAFT_AFTER_MS,
  GRAFT_AGAIN_MS,
  GRAFT_SOON_MS,
  MAX_ANNOUNCED,
  MAX_AWAITED,
  MAX_BROKEN_PROMISES,
  MAX_GRAFTED,
  REMEMBERED_WAYS,
} from './parameters'
import type { Announcement, BroadcastId } from './state'
import { banish } from './views'
import { cutRing, embrace, mayPrune, shorten } from './ways'

type Of<T extends OverlayFrame['t']> = Extract<OverlayFrame, { t: T }>
type Event<T extends MeshEvent['t']> = Extract<MeshEvent, { t: T }>

/**
 * Our own words. In a full mesh they go over every link; in a crowd like everybody's, because what comes besides the tree
 * breaks it: GossipSub's flood publishing makes ten times the grafts. Whoever is kept from them hears the announcement.
 */
export function publish(mesh: Draft, { id, passing }: Event<'publish'>): void {
  if (!passing) mesh.heard++
  const links = [...mesh.links.now]
  const hasTree = mesh.isCrowded && links.some(([, { isEager }]) => isEager)
  for (const [peer, { isEager }] of links) {
    if (isEager || !hasTree) mesh.effects.push({ t: 'push', peer, id, hops: 1 })
    else if (!passing) announce(mesh, peer, { id, hops: 0 })
  }
}

/** Plumtree's GOSSIP: news goes on, pushed or announced; over a link that brought what was known, nothing more is pushed. */
export function received(mesh: Draft, event: Event<'received'>): void {
  const { id, from, hops, isNew, passing } = event
  if (from === mesh.me && mesh.isCrowded) return recovered(mesh, id)
  const link = mesh.links.get(from)
  const firsts = (link?.firsts ?? 0) + (isNew ? 1 : 0)
  if (link) amend(mesh, from, { told: link.told + 1, firsts, sentAt: mesh.now })
  const announcers = mesh.awaited.get(id)?.announcers
  mesh.awaited.delete(id)
  const way = mesh.ways.get(id)
  const wasRecovered = way?.from === mesh.me
  if (!isNew && !wasRecovered) {
    // In a full mesh its author pushes over all links, whatever we ask.
    if (link && isOfTree(mesh, hops) && !passing && mayPrune(mesh)) cutRing(mesh, from, hops, way)
    return
  }
  if (!passing) {
    if (isNew) mesh.heard++
    mesh.ways.renew(id, { from, hops })
    mesh.ways.keepNewest(REMEMBERED_WAYS)
    if (link) mesh.parent = from
    if (isOfTree(mesh, hops)) embrace(mesh, from)
    for (const [peer, itsHops] of announcers ?? []) shorten(mesh, peer, { id, hops: itsHops })
  }
  for (const [peer, { isEager }] of mesh.links.now) {
    if (peer !== from && isEager) mesh.effects.push({ t: 'push', peer, id, hops: hops + 1 })
    // Who brought it is told that we have it, too: that shows each end that the other one takes part.
    else if (!passing && !wasRecovered) announce(mesh, peer, { id, hops })
  }
}

/**
 * What reconciliation brought may be on its way along the tree: pushed from here too, it would meet itself there, and the tree be
 * cut. So it is announced, as from afar, and goes on like news if the tree brings it after all.
 */
function recovered(mesh: Draft, id: BroadcastId): void {
  mesh.heard++
  mesh.awaited.delete(id)
  mesh.ways.renew(id, { from: mesh.me, hops: 0 })
  mesh.ways.keepNewest(REMEMBERED_WAYS)
  for (const peer of mesh.links.now.keys()) announce(mesh, peer, { id, hops: MAX_HOPS })
}

/** Whether a broadcast that came so far came the way that the tree leads. */
const isOfTree = (mesh: Draft, hops: number): boolean => mesh.isCrowded || hops > 1

function announce(mesh: Draft, peer: DeviceId, announcement: Announcement): void {
  const waiting = mesh.announcements.get(peer) ?? []
  if (waiting.length >= MAX_ANNOUNCED) announceTo(mesh, peer)
  mesh.announcements.set(peer, [...(mesh.announcements.get(peer) ?? []), announcement])
  mesh.announceAt = Math.min(mesh.announceAt, mesh.now + ANNOUNCE_MS)
}

function announceTo(mesh: Draft, peer: DeviceId): void {
  const ids = mesh.announcements.get(peer) ?? []
  mesh.announcements.delete(peer)
  if (ids.length > 0 && mesh.links.has(peer)) send(mesh, peer, { t: 'ihave', ids })
}

/** Plumtree's IHAVE. `unknown`: those of the ids that were never received. */
export function announced(
  mesh: Draft,
  from: DeviceId,
  { ids }: Of<'ihave'>,
  unknown: ReadonlySet<BroadcastId>,
): void {
  const link = mesh.links.get(from)
  if (!link) return
  const known = ids.filter(({ id }) => !unknown.has(id))
  const others = ids.filter(({ id }) => unknown.has(id)).slice(0, Math.max(0, MAX_AWAITED - link.announced))
  amend(mesh, from, { told: link.told + ids.length, announced: link.announced + others.length })
  // Over a fresh link one is told what is not on its way any more.
  const patience = mesh.now - link.since < FRESH_LINK_MS ? GRAFT_SOON_MS : GRAFT_AFTER_MS
  for (const { id, hops } of others) {
    // Not everybody asks at the same time: what one gets mends the tree for those behind it.
    const awaited = mesh.awaited.get(id) ?? {
      sources: [],
      announcers: new Map<DeviceId, number>(),
      asked: undefined,
      dueAt: mesh.now + patience * (0.5 + mesh.random()),
    }
    if (awaited.asked === from || awaited.sources.includes(from)) continue
    const announcers = new Map(awaited.announcers).set(from, hops)
    mesh.awaited.set(id, { ...awaited, sources: [...awaited.sources, from], announcers })
  }
  for (const announcement of known) shorten(mesh, from, announcement)
}

/** Plumtree's GRAFT. */
export function grafted(mesh: Draft, from: DeviceId, { ids }: Of<'graft'>): void {
  const link = mesh.links.get(from)
  if (!link) return
  const served = ids.slice(0, Math.max(0, MAX_GRAFTED - link.grafted))
  amend(mesh, from, { isEager: true, grafted: link.grafted + served.length })
  for (const id of served)
    mesh.effects.push({ t: 'push', peer: from, id, hops: (mesh.ways.get(id)?.hops ?? 0) + 1 })
}

/** Plumtree's PRUNE. */
export function pruned(mesh: Draft, from: DeviceId): void {
  amend(mesh, from, { isEager: false })
}

/** Announces what has waited long enough, and asks for what others announced and nobody sent. */
export function tendTree(mesh: Draft): void {
  if (mesh.announceAt <= mesh.now) {
    for (const peer of mesh.announcements.now.keys()) announceTo(mesh, peer)
    mesh.announceAt = Number.POSITIVE_INFINITY
  }
  const wanted = new Map<DeviceId, BroadcastId[]>()
  const broken = new Set<DeviceId>()
  for (const [id, awaited] of mesh.awaited.now) {
    const { sources, asked, dueAt } = awaited
    if (dueAt > mesh.now) continue
    if (asked !== undefined) broken.add(asked)
    const [source, ...rest] = sources.filter((peer) => mesh.links.has(peer))
    if (source === undefined) {
      mesh.awaited.delete(id)
      continue
    }
    mesh.awaited.set(id, { ...awaited, sources: rest, asked: source, dueAt: mesh.now + GRAFT_AGAIN_MS })
    wanted.set(source, [...(wanted.get(source) ?? []), id])
  }
  for (const peer of broken) brokePromise(mesh, peer)
  for (const [peer, ids] of wanted) {
    if (!mesh.links.has(peer)) continue
    amend(mesh, peer, { isEager: true })
    for (let from = 0; from < ids.length; from += MAX_ANNOUNCED)
      send(mesh, peer, { t: 'graft', ids: ids.slice(from, from + MAX_ANNOUNCED) })
  }
}

/** GossipSub v1.1, P7: who announces and does not send is not wanted. One that sends other things meanwhile is slow. */
function brokePromise(mesh: Draft, peer: DeviceId): void {
  const link = mesh.links.get(peer)
  if (!link || mesh.now - link.sentAt < GRAFT_AGAIN_MS) return
  if (link.broken + 1 < MAX_BROKEN_PROMISES) amend(mesh, peer, { broken: link.broken + 1 })
  else banish(mesh, peer, 'promises')
}
