import type { DeviceId } from '../../../protocol/device'
import { backoffDelay } from '../../backoff'
import { type Draft, send } from './draft'
import type { MeshEvent } from './events'
import {
  ACCEPT_BURST,
  ACCEPT_EVERY_MS,
  ACCEPTS_PER_SECOND,
  DEPARTED_MS,
  ENOUGH_LINKS,
  FULL_RETRY_MS,
  HEARD_GRACE_MS,
  LOSSES_MS,
  MAX_ACCEPTS,
  MAX_DEPARTED,
  MAX_FAILURES,
  ROTATE_EVERY_MS,
  ROTATE_TROUBLED_MS,
  SEEK_EVERY_MS,
  SHUFFLE_EVERY_MS,
  TROUBLE_MS,
  WINDOW_MS,
} from './parameters'
import type { LinkState } from './state'
import {
  banish,
  countOffer,
  deservesTrust,
  dialsOf,
  freePlaces,
  isKnown,
  mayLeave,
  remember,
  shrink,
  trust,
} from './views'
import { isFed } from './ways'

/** What happens to links, and who is heard of. */
export type LinkEvent = Exclude<MeshEvent, { t: 'frame' | 'publish' | 'received' | 'signal' | 'tick' }>

export function neighbour(mesh: Draft, event: LinkEvent): void {
  switch (event.t) {
    case 'introduced':
      for (const { device, bucket } of event.peers) {
        mesh.departed.delete(device)
        trust(mesh, device, bucket)
        introduced(mesh, device)
      }
      return
    case 'heard':
      mesh.departed.delete(event.peer)
      if (!isKnown(mesh, event.peer))
        remember(mesh, event.peer, {
          failures: 0,
          retryAt: mesh.now + HEARD_GRACE_MS * (1 + mesh.random()),
        })
      return
    case 'gone':
      mesh.departed.renew(event.peer, mesh.now + DEPARTED_MS)
      mesh.departed.keepNewest(MAX_DEPARTED)
      return banish(mesh, event.peer, 'gone')
    case 'offered':
      return offered(mesh, event)
    case 'opened':
      return opened(mesh, event.peer)
    case 'closed':
      return closed(mesh, event.peer)
    case 'declined':
      return declined(mesh, event.peer)
    case 'full':
      mesh.pending.delete(event.peer)
      return remember(mesh, event.peer, { failures: 0, retryAt: mesh.now + whenFree(mesh) })
    case 'kept':
      return kept(mesh, event.peer)
    case 'hurry':
      for (const peer of mesh.passive.now.keys()) mesh.passive.set(peer, { failures: 0, retryAt: mesh.now })
      mesh.seek = { inVain: 0, at: mesh.now }
      mesh.askedAt = Number.NEGATIVE_INFINITY
  }
}

/** One that has ended in peace and only lingers goes on doing so. */
function kept(mesh: Draft, peer: DeviceId): void {
  mesh.pending.delete(peer)
  if (mesh.links.has(peer) || mesh.leaving.has(peer)) return
  mesh.passive.delete(peer)
  mesh.links.set(peer, freshLink(mesh.now, {}))
}

/** In a small room there is a place for everybody, and only much to do. */
const whenFree = ({ isCrowded, random }: Draft) =>
  isCrowded ? FULL_RETRY_MS : ACCEPT_EVERY_MS * (1 + random())

/** Worth another try, unless it just said goodbye. */
function introduced(mesh: Draft, peer: DeviceId): void {
  if (mesh.links.has(peer)) return
  const known = mesh.passive.get(peer)
  const retryAt = known?.failures === 0 ? known.retryAt : mesh.now
  remember(mesh, peer, { failures: 0, retryAt })
}

/** When both dial at once, the offer of the smaller device id stands, on both ends alike. */
function offered(mesh: Draft, { peer, urgent, bucket }: Extract<LinkEvent, { t: 'offered' }>): void {
  for (const [other, at] of mesh.acceptedAt.now)
    if (mesh.now - at >= ACCEPT_EVERY_MS) mesh.acceptedAt.delete(other)
  const accepts = mesh.pending.size - dialsOf(mesh)
  const ours = mesh.pending.get(peer)?.by === 'us'
  if (peer === mesh.me || mesh.shunned.has(peer) || mesh.acceptedAt.has(peer)) return
  if (ours && mesh.me < peer) return
  const left = acceptsLeft(mesh)
  if (accepts >= MAX_ACCEPTS || left < 1) {
    mesh.effects.push({ t: 'refuse', peer })
    return
  }
  mesh.accepts = { left: left - 1, at: mesh.now }
  mesh.departed.delete(peer)
  countOffer(mesh, peer, bucket)
  if (!ours && !mesh.links.has(peer) && !hasPlace(mesh, urgent, bucket)) {
    mesh.effects.push({ t: 'refuse', peer })
    return
  }
  if (ours) mesh.effects.push({ t: 'abandon', peer })
  mesh.pending.set(peer, { by: 'them', isUrgent: urgent, bucket, since: mesh.now })
  mesh.acceptedAt.set(peer, mesh.now)
  mesh.effects.push({ t: 'accept', peer })
}

/** In a small room there is always one. */
const hasPlace = (mesh: Draft, urgent: boolean, bucket: string | undefined): boolean =>
  !mesh.isCrowded || freePlaces(mesh) > 0 || (urgent && mayLeave(mesh, bucket) !== undefined)

const acceptsLeft = ({ accepts: { left, at }, now }: Draft) =>
  Math.min(ACCEPT_BURST, left + (Math.max(0, now - at) / 1_000) * ACCEPTS_PER_SECOND)

function opened(mesh: Draft, peer: DeviceId): void {
  const pending = mesh.pending.get(peer)
  const before = mesh.links.get(peer)
  mesh.pending.delete(peer)
  mesh.passive.delete(peer)
  mesh.leaving.delete(peer)
  mesh.acceptedAt.delete(peer)
  const isTrusted = before?.isTrusted || (pending?.by === 'us' && deservesTrust(mesh, peer))
  const isUrgent = before?.isUrgent || (pending?.by === 'them' && pending.isUrgent)
  const bucket = pending?.bucket ?? before?.bucket
  // One more way between two that are fed would make a ring, and the next broadcast take whichever side is faster.
  const isEager = !mesh.isCrowded || !isFed(mesh)
  mesh.links.set(peer, freshLink(mesh.now, { isTrusted, isUrgent, isEager, bucket }))
  if (mesh.isCrowded && isEager) send(mesh, peer, { t: 'graft', ids: [] })
  // Who has enough links is in no hurry to have more: in a room that fills up, others come to it.
  const pause = mesh.links.size < ENOUGH_LINKS ? 0 : SEEK_EVERY_MS * (0.5 + mesh.random())
  mesh.seek = { inVain: 0, at: mesh.now + pause }
  startClocks(mesh)
  shrink(mesh, peer)
}

const freshLink = (
  since: number,
  flags: { isTrusted?: boolean; isUrgent?: boolean; isEager?: boolean; bucket?: string | undefined },
): LinkState => ({
  since,
  bucket: flags.bucket,
  isTrusted: flags.isTrusted ?? false,
  isUrgent: flags.isUrgent ?? false,
  isEager: flags.isEager ?? true,
  shorter: 0,
  lead: Number.NEGATIVE_INFINITY,
  told: 0,
  firsts: 0,
  sentAt: since,
  silent: 0,
  broken: 0,
  walks: 0,
  shuffles: 0,
  signals: 0,
  grafted: 0,
  announced: 0,
})

/** What is done now and then begins with the first link, not everywhere at the same time. */
function startClocks(mesh: Draft): void {
  const { now, random } = mesh
  mesh.windowEndsAt = Math.min(mesh.windowEndsAt, now + WINDOW_MS)
  if (mesh.shuffleAt === Number.POSITIVE_INFINITY) mesh.shuffleAt = now + SHUFFLE_EVERY_MS * random()
  if (mesh.rotateAt === Number.POSITIVE_INFINITY) mesh.rotateAt = now + ROTATE_EVERY_MS * (0.5 + random())
}

function closed(mesh: Draft, peer: DeviceId): void {
  const pending = mesh.pending.get(peer)
  const wasLinked = mesh.links.delete(peer)
  mesh.leaving.delete(peer)
  mesh.pending.delete(peer)
  mesh.announcements.delete(peer)
  if (wasLinked) lost(mesh)
  // One that was given up, and counted as closed then: when it may be dialled again is settled.
  if (!wasLinked && !pending) return
  const known = mesh.passive.get(peer)
  // A peer that has just answered an offer of ours would not look at the next one yet.
  const pause = pending?.by === 'us' ? ACCEPT_EVERY_MS : 0
  const failures = (known?.failures ?? 0) + 1
  if (failures > MAX_FAILURES) {
    mesh.passive.delete(peer)
    mesh.introduced.delete(peer)
    return
  }
  const retryAt = mesh.now + Math.max(pause, backoffDelay(failures, mesh.random))
  remember(mesh, peer, { failures, retryAt })
}

/** Links that break together are a sign that the room was torn. */
function lost(mesh: Draft): void {
  const recent = mesh.lostAt.filter((at) => mesh.now - at < LOSSES_MS)
  mesh.lostAt = [...recent, mesh.now].slice(-8)
  if (!mesh.isCrowded || mesh.lostAt.length < 2 || mesh.lostAt.length < mesh.links.size) return
  mesh.troubledUntil = mesh.now + TROUBLE_MS
  mesh.rotateAt = Math.min(mesh.rotateAt, mesh.now + ROTATE_TROUBLED_MS * (0.5 + mesh.random()))
}

/** Its next offer is expected at once, so that it is neither refused as too soon nor crossed by one of ours. */
function declined(mesh: Draft, peer: DeviceId): void {
  mesh.pending.delete(peer)
  mesh.acceptedAt.delete(peer)
  const known = mesh.passive.get(peer)
  const retryAt = Math.max(known?.retryAt ?? 0, mesh.now + HEARD_GRACE_MS)
  if (known) mesh.passive.set(peer, { ...known, retryAt })
}
