import type { DeviceId } from '../../../protocol/device'
import { amend, type Draft, send } from './draft'
import type { SignalFrame } from './events'
import {
  FLOOD_COST,
  FLOOD_STEPS,
  MAX_FLOODS,
  MAX_ROUTES,
  MAX_SIGNALS,
  ROUTE_MS,
  SIGNAL_STEPS,
  WINDOW_MS,
} from './parameters'
import type { MeshState } from './state'

/** `peer` was heard of over the link to `via`: there is a way to it for a while. */
export function learnRoute(mesh: Draft, peer: DeviceId, via: DeviceId): void {
  if (peer === mesh.me) return
  mesh.routes.renew(peer, { via, at: mesh.now })
  mesh.routes.keepNewest(MAX_ROUTES)
}

/** The link over which something gets to `peer`, as far as is known. */
export function routeTo(mesh: Draft, peer: DeviceId): DeviceId | undefined {
  if (isOpen(mesh, peer)) return peer
  const route = mesh.routes.get(peer)
  return route && mesh.now - route.at < ROUTE_MS && isOpen(mesh, route.via) ? route.via : undefined
}

/** A link that was given up still carries signals. */
const isOpen = (mesh: Draft, peer: DeviceId) => mesh.links.has(peer) || mesh.leaving.has(peer)

/** Whether a signal for `peer` has a way over links at `now` (ms). */
export function hasRoute(state: MeshState, peer: DeviceId, now: number): boolean {
  const isOpenLink = (other: DeviceId) => state.links.has(other) || state.leaving.has(other)
  const route = state.routes.get(peer)
  return isOpenLink(peer) || (route !== undefined && now - route.at < ROUTE_MS && isOpenLink(route.via))
}

/** Sends a signal of ours off: the way that is known, or everywhere. */
export function sendSignal(
  mesh: Draft,
  to: DeviceId,
  data: Uint8Array<ArrayBuffer>,
  everywhere: boolean,
): void {
  const frame = { t: 'signal', from: mesh.me, to, data } as const
  if (everywhere) {
    const nonce = nonceOf(mesh)
    mesh.floods.set(nonce, mesh.now)
    return flood(mesh, { ...frame, ttl: FLOOD_STEPS, nonce })
  }
  const via = routeTo(mesh, to)
  if (via !== undefined) send(mesh, via, { ...frame, ttl: SIGNAL_STEPS })
}

/** A signal that is for us, or to be passed on. */
export function signalCame(mesh: Draft, from: DeviceId, frame: SignalFrame): void {
  const link = mesh.links.get(from)
  if (!link && !mesh.leaving.has(from)) return
  if (link && link.signals >= MAX_SIGNALS) return
  if (link) amend(mesh, from, { signals: link.signals + (frame.nonce === undefined ? 1 : FLOOD_COST) })
  if (frame.from === mesh.me) return
  if (frame.from !== from) learnRoute(mesh, frame.from, from)
  if (frame.nonce !== undefined && !isFirst(mesh, frame.nonce)) return
  if (frame.to === mesh.me) {
    mesh.effects.push({ t: 'deliver', from: frame.from, via: from, data: frame.data })
    return
  }
  if (frame.ttl <= 1) return
  const ttl = Math.min(frame.ttl, frame.nonce === undefined ? SIGNAL_STEPS : FLOOD_STEPS) - 1
  if (isOpen(mesh, frame.to)) return send(mesh, frame.to, { ...frame, ttl })
  // Ours are sent however many there are of others.
  if (frame.nonce !== undefined && mesh.floods.size > MAX_FLOODS) return
  if (frame.nonce !== undefined) return flood(mesh, { ...frame, ttl }, from)
  const via = routeTo(mesh, frame.to)
  if (via !== undefined && via !== from) send(mesh, via, { ...frame, ttl })
}

function flood(mesh: Draft, frame: SignalFrame, except?: DeviceId): void {
  for (const peer of mesh.links.now.keys()) if (peer !== except) send(mesh, peer, frame)
}

function isFirst(mesh: Draft, nonce: string): boolean {
  for (const [other, at] of mesh.floods.now) if (mesh.now - at > WINDOW_MS) mesh.floods.delete(other)
  if (mesh.floods.has(nonce)) return false
  mesh.floods.set(nonce, mesh.now)
  return true
}

/** 8 random bytes, as hex. */
const nonceOf = ({ random }: Draft): string =>
  Array.from({ length: 16 }, () => Math.floor(random() * 16).toString(16)).join('')
