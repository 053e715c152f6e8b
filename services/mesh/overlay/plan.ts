import type { DeviceId } from '../../../protocol/device'
import { type Draft, pick } from './draft'
import {
  BEAT_MS,
  ENOUGH_LINKS,
  FIRST_LINKS,
  FIRST_MS,
  FULL_MESH_MEMBERS,
  INTRODUCE_ALONE_EVERY_MS,
  INTRODUCE_EVERY_MS,
  MAX_DIALS,
  ROTATE_EVERY_MS,
  ROTATE_TROUBLED_MS,
  SEEK_EVERY_MS,
  SEEK_SELDOM_MS,
  SEEKS_IN_VAIN,
  SHUFFLE_EVERY_MS,
  TRUSTED_LINKS,
} from './parameters'
import { dial, dialsOf, freePlaces, isTaken, trustedLinks } from './views'
import { seek, shuffle } from './walks'

/** Looks around: who is dialled, sought, told about others, or asked for more. */
export function plan(mesh: Draft): void {
  if (mesh.isCrowded) planCrowd(mesh)
  else planFullMesh(mesh)
  askForMore(mesh)
  const isWanting = mesh.isCrowded ? freePlaces(mesh) > 0 : mesh.passive.size > 0
  const isBusy = isWanting || mesh.pending.size > 0 || mesh.leaving.size > 0 || mesh.links.size < ENOUGH_LINKS
  const isDue = mesh.beatAt > mesh.now && mesh.beatAt < Number.POSITIVE_INFINITY
  if (!isBusy) mesh.beatAt = Number.POSITIVE_INFINITY
  else if (!isDue) mesh.beatAt = mesh.now + BEAT_MS
}

/** Members that may be dialled now. */
const ready = (mesh: Draft): DeviceId[] =>
  [...mesh.passive.now]
    .filter(([peer, { retryAt }]) => retryAt <= mesh.now && !isTaken(mesh, peer))
    .map(([peer]) => peer)

function planFullMesh(mesh: Draft): void {
  const candidates = ready(mesh)
  // Offers being answered count for nothing here: whoever only repeats them must not keep us from dialling.
  mesh.newUntil = Math.min(mesh.newUntil, mesh.now + FIRST_MS)
  const places = mesh.now < mesh.newUntil ? FIRST_LINKS : FULL_MESH_MEMBERS
  while (candidates.length > 0 && dialsOf(mesh) < MAX_DIALS && mesh.links.size + dialsOf(mesh) < places) {
    const peer = pick(candidates, mesh.random)
    if (peer === undefined) return
    candidates.splice(candidates.indexOf(peer), 1)
    dial(mesh, peer, mesh.links.size < ENOUGH_LINKS)
  }
}

function planCrowd(mesh: Draft): void {
  const { now, random } = mesh
  seekTrust(mesh)
  while (mesh.links.size + dialsOf(mesh) < ENOUGH_LINKS) {
    const peer = pick(ready(mesh), random)
    if (peer === undefined) break
    dial(mesh, peer, true)
  }
  if (freePlaces(mesh) > 0 && mesh.seek.at <= now) {
    if (mesh.links.size > 0) seek(mesh)
    const peer = mesh.seek.inVain >= SEEKS_IN_VAIN ? pick(ready(mesh), random) : undefined
    if (peer !== undefined) dial(mesh, peer, false)
    const pause = Math.min(SEEK_SELDOM_MS, SEEK_EVERY_MS * 2 ** mesh.seek.inVain)
    mesh.seek = { inVain: mesh.seek.inVain + 1, at: now + pause * (0.5 + random()) }
  }
  if (mesh.shuffleAt <= now) {
    shuffle(mesh)
    mesh.shuffleAt = now + SHUFFLE_EVERY_MS * (0.5 + random())
  }
  if (mesh.rotateAt <= now) rotate(mesh)
}

/**
 * Links with members whom the room object named, in as many networks: a crowd of devices behind a few addresses is named no
 * more often than one member of another network.
 */
function seekTrust(mesh: Draft): void {
  if (trustedLinks(mesh).length >= TRUSTED_LINKS) return
  const bucketOf = (peer: DeviceId) => mesh.introduced.get(peer)?.bucket
  const dialled = [...mesh.pending.now].filter(([peer, { by }]) => by === 'us' && mesh.introduced.has(peer))
  const taken = [...trustedLinks(mesh), ...dialled.map(([peer]) => peer)]
  if (taken.length >= TRUSTED_LINKS) return
  const buckets = new Set(taken.map(bucketOf))
  const candidates = ready(mesh).filter((peer) => mesh.introduced.has(peer))
  for (let missing = TRUSTED_LINKS - taken.length; missing > 0; missing--) {
    // A room that sits behind one address has but one bucket.
    const others = candidates.filter((peer) => !buckets.has(bucketOf(peer)))
    const peer = pick(others.length > 0 ? others : candidates, mesh.random)
    if (peer === undefined) return
    candidates.splice(candidates.indexOf(peer), 1)
    buckets.add(bucketOf(peer))
    dial(mesh, peer, true)
  }
}

/** Another link now and then keeps the graph random, and finds the other half of a room that was torn. */
function rotate(mesh: Draft): void {
  const isTroubled = mesh.now < mesh.troubledUntil
  const every = isTroubled ? ROTATE_TROUBLED_MS : ROTATE_EVERY_MS
  mesh.rotateAt = mesh.now + every * (0.5 + mesh.random())
  const peer = pick(ready(mesh), mesh.random)
  if (peer !== undefined && freePlaces(mesh) <= 0) dial(mesh, peer, true)
  if (isTroubled) mesh.askedAt = Math.min(mesh.askedAt, mesh.now - INTRODUCE_ALONE_EVERY_MS)
}

function askForMore(mesh: Draft): void {
  const isLonely = mesh.links.size + dialsOf(mesh) < ENOUGH_LINKS
  const isTroubled = mesh.now < mesh.troubledUntil
  const wantsTrust = mesh.isCrowded && trustedLinks(mesh).length < TRUSTED_LINKS
  if (!isLonely && !wantsTrust && !(isTroubled && mesh.isCrowded)) return
  const isPressing = (isLonely && mesh.passive.size + mesh.links.size > 0) || (isTroubled && wantsTrust)
  const interval = isPressing ? INTRODUCE_EVERY_MS : INTRODUCE_ALONE_EVERY_MS
  if (mesh.now - mesh.askedAt < interval) return
  mesh.askedAt = mesh.now
  mesh.effects.push({ t: 'introduce' })
}
