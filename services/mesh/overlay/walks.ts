import type { DeviceId } from '../../../protocol/device'
import { amend, type Draft, pick, sample, send } from './draft'
import type { OverlayFrame } from './events'
import {
  HEARD_GRACE_MS,
  LINGER_MS,
  MAX_SHUFFLES,
  MAX_WALKS,
  SHUFFLE_ACTIVE,
  SHUFFLE_PASSIVE,
  SHUFFLE_STEPS,
  WALK_REMEMBERED_AT,
  WALK_STEPS,
} from './parameters'
import { learnRoute, routeTo } from './routes'
import { dial, freePlaces, isTaken, leave, mayBeHere, remember } from './views'

type Of<T extends OverlayFrame['t']> = Extract<OverlayFrame, { t: T }>

/** Looks for somebody with a place free, at the end of a random walk from here. */
export function seek(mesh: Draft): void {
  const peer = pick([...mesh.links.now.keys()], mesh.random)
  if (peer !== undefined) send(mesh, peer, { t: 'walk', origin: mesh.me, ttl: WALK_STEPS })
}

/** HyParView's FORWARDJOIN: who has a place free takes it, others pass it on. */
export function walk(mesh: Draft, from: DeviceId, { origin, ttl }: Of<'walk'>): void {
  const link = mesh.links.get(from)
  if (!mesh.isCrowded || !link || link.walks >= MAX_WALKS || origin === mesh.me) return
  if (!mayBeHere(mesh, origin)) return
  amend(mesh, from, { walks: link.walks + 1 })
  if (origin !== from) learnRoute(mesh, origin, from)
  if (freePlaces(mesh) > 0 && !isTaken(mesh, origin) && !mesh.leaving.has(origin))
    return dial(mesh, origin, false)
  if (ttl === WALK_REMEMBERED_AT && !mesh.links.has(origin) && !mesh.passive.has(origin))
    remember(mesh, origin, { failures: 0, retryAt: mesh.now + HEARD_GRACE_MS })
  const next = pick(
    [...mesh.links.now.keys()].filter((peer) => peer !== from && peer !== origin),
    mesh.random,
  )
  if (ttl > 1 && next !== undefined)
    send(mesh, next, { t: 'walk', origin, ttl: Math.min(ttl, WALK_STEPS) - 1 })
}

/** HyParView's SHUFFLE, so that what members know of each other mixes. */
export function shuffle(mesh: Draft): void {
  const peer = pick([...mesh.links.now.keys()], mesh.random)
  if (peer === undefined) return
  const peers = acquaintances(mesh, peer)
  mesh.shuffled = peers
  send(mesh, peer, { t: 'shuffle', origin: mesh.me, ttl: SHUFFLE_STEPS, peers })
}

function acquaintances(mesh: Draft, except: DeviceId): DeviceId[] {
  const linked = [...mesh.links.now.keys()].filter((peer) => peer !== except)
  const others = [...mesh.passive.now.keys()].filter((peer) => peer !== except)
  return [...sample(linked, SHUFFLE_ACTIVE, mesh.random), ...sample(others, SHUFFLE_PASSIVE, mesh.random)]
}

export function shuffleCame(mesh: Draft, from: DeviceId, { origin, ttl, peers }: Of<'shuffle'>): void {
  const link = mesh.links.get(from)
  if (!mesh.isCrowded || !link || link.shuffles >= MAX_SHUFFLES || origin === mesh.me) return
  amend(mesh, from, { shuffles: link.shuffles + 1 })
  if (origin !== from) learnRoute(mesh, origin, from)
  const next = pick(
    [...mesh.links.now.keys()].filter((peer) => peer !== from && peer !== origin),
    mesh.random,
  )
  if (ttl > 1 && next !== undefined)
    return send(mesh, next, { t: 'shuffle', origin, ttl: Math.min(ttl, SHUFFLE_STEPS) - 1, peers })
  const answer = sample([...mesh.passive.now.keys()], SHUFFLE_ACTIVE + SHUFFLE_PASSIVE, mesh.random)
  send(mesh, from, { t: 'shuffled', to: origin, ttl: SHUFFLE_STEPS, peers: answer })
  integrate(mesh, from, [origin, ...peers], answer)
}

export function shuffledCame(mesh: Draft, from: DeviceId, frame: Of<'shuffled'>): void {
  const link = mesh.links.get(from)
  if (!link || link.shuffles >= MAX_SHUFFLES) return
  amend(mesh, from, { shuffles: link.shuffles + 1 })
  if (frame.to === mesh.me) {
    // What nobody asked for is not looked at.
    if (mesh.shuffled.length === 0) return
    integrate(mesh, from, frame.peers, mesh.shuffled)
    mesh.shuffled = []
    return
  }
  const via = routeTo(mesh, frame.to)
  if (frame.ttl > 1 && via !== undefined && via !== from) send(mesh, via, { ...frame, ttl: frame.ttl - 1 })
}

/** Whoever is unknown is remembered, in the place of those who were told of in turn. */
function integrate(mesh: Draft, from: DeviceId, peers: readonly DeviceId[], sent: readonly DeviceId[]): void {
  for (const peer of peers) {
    if (isTaken(mesh, peer) || mesh.passive.has(peer) || mesh.leaving.has(peer)) continue
    if (!mayBeHere(mesh, peer)) continue
    if (peer !== from) learnRoute(mesh, peer, from)
    remember(mesh, peer, { failures: 0, retryAt: mesh.now }, sent)
  }
}

/** The peer ended the link in peace. Who took our place there may have one for us. */
export function byeCame(mesh: Draft, from: DeviceId, { instead }: Of<'bye'>): void {
  if (!mesh.links.has(from)) return
  leave(mesh, from, 2 * LINGER_MS)
  mesh.seek = { inVain: 0, at: mesh.now }
  if (instead === undefined || instead === from || isTaken(mesh, instead) || !mesh.isCrowded) return
  if (!mayBeHere(mesh, instead)) return
  learnRoute(mesh, instead, from)
  dial(mesh, instead, false)
}
