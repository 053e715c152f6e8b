import type { DeviceId } from '../../../protocol/device'
import { amend, type Draft, send } from './draft'
import { PRUNING_MESSAGES, SHORTER_TIMES, SHORTER_TIMES_PER_MESSAGE } from './parameters'
import type { Announcement, Way } from './state'

/**
 * A ring is cut once: where several messages under way find it at the same time, each elsewhere, the tree would fall apart.
 * So the more messages there are, the more seldom one of them cuts.
 */
export const mayPrune = (mesh: Draft): boolean => mesh.random() * mesh.heard < PRUNING_MESSAGES

/**
 * The longer way of a ring is cut: at that end which both copies reached, the shorter one later because its links are slow. The
 * other end of the link over which it came got a copy, too, and spares it by the same reckoning.
 */
export function cutRing(mesh: Draft, from: DeviceId, hops: number, way: Way | undefined): void {
  const isEager = (peer: DeviceId) => mesh.links.get(peer)?.isEager === true
  // One of the ends has pruned it already.
  if (!way || !isEager(from)) return prune(mesh, from)
  if (hops < way.hops && isEager(way.from)) {
    replaceParent(mesh, way.from, from)
    return prune(mesh, way.from)
  }
  const isShorterThere = hops > way.hops + 2
  if (!isShorterThere) prune(mesh, from)
}

function replaceParent(mesh: Draft, parent: DeviceId, by: DeviceId): void {
  if (mesh.parent === parent) mesh.parent = by
}

/** Whether the link that brought the newest broadcast first will bring the next one. */
export const isFed = (mesh: Draft): boolean =>
  mesh.parent !== undefined && mesh.links.get(mesh.parent)?.isEager === true

/**
 * The link that brought broadcasts is gone: one that announced them no later takes its place before the next one is missed. What
 * came no further than here did not come through us.
 */
export function mend(mesh: Draft): void {
  if (mesh.parent === undefined || mesh.links.has(mesh.parent)) return
  mesh.parent = undefined
  let best: DeviceId | undefined
  let most = -1
  for (const [peer, { isEager, lead }] of mesh.links.now) {
    if (isEager || lead < most) continue
    best = peer
    most = lead
  }
  if (best === undefined) return
  mesh.parent = best
  embrace(mesh, best)
}

/** Messages come over this link from now on. Its other end is told if it may think otherwise: a prune may be on its way. */
export function embrace(mesh: Draft, peer: DeviceId): void {
  const wasEager = mesh.links.get(peer)?.isEager ?? true
  if (wasEager) return
  amend(mesh, peer, { isEager: true, shorter: 0 })
  send(mesh, peer, { t: 'graft', ids: [] })
}

function prune(mesh: Draft, peer: DeviceId): void {
  amend(mesh, peer, { isEager: false })
  send(mesh, peer, { t: 'prune' })
}

/**
 * Plumtree's optimization (section 3.8): a shorter way takes the place of the one that messages come now, once it was shorter
 * for most of them. Each author has another best tree: the more is said, the more messages have to speak for the change.
 */
export function shorten(mesh: Draft, from: DeviceId, { id, hops }: Announcement): void {
  const link = mesh.links.get(from)
  const way = mesh.ways.get(id)
  if (!link || link.isEager || !way || way.from === from || !mesh.links.get(way.from)?.isEager) return
  const lead = way.hops - hops - 1
  const shorter = Math.max(-SHORTER_TIMES, link.shorter + (lead > 0 ? 1 : -1))
  amend(mesh, from, { shorter, lead })
  if (shorter < SHORTER_TIMES + mesh.heard * SHORTER_TIMES_PER_MESSAGE) return
  embrace(mesh, from)
  replaceParent(mesh, way.from, from)
  prune(mesh, way.from)
}
