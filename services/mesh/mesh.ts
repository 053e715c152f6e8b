import type { DeviceId } from '../../protocol/device'
import type { Random } from '../clock'
import { judge } from './overlay/conduct'
import { type Draft, draftOf, finished } from './overlay/draft'
import type { MeshEffect, MeshEvent, OverlayFrame } from './overlay/events'
import { neighbour } from './overlay/neighbours'
import { plan } from './overlay/plan'
import { sendSignal, signalCame } from './overlay/routes'
import type { BroadcastId, MeshState } from './overlay/state'
import { announced, grafted, pruned, publish, received, tendTree } from './overlay/tree'
import { shrink, weighRoom } from './overlay/views'
import { byeCame, shuffleCame, shuffledCame, walk } from './overlay/walks'
import { mend } from './overlay/ways'

export type { MeshEffect, MeshEvent, OverlayFrame } from './overlay/events'
export { hasRoute } from './overlay/routes'
export { type BroadcastId, emptyMesh, type MeshState } from './overlay/state'

export interface MeshStep {
  readonly state: MeshState
  readonly effects: readonly MeshEffect[]
}

const NOTHING: ReadonlySet<BroadcastId> = new Set()

/**
 * One step of the overlay: who is dialled, accepted and dropped, and which way broadcasts and signals go. Pure: time (ms)
 * and chance come in, effects go out, so that a simulator runs the code that ships. A full mesh in small rooms; in larger
 * ones HyParView's views with Plumtree's tree on top, and GossipSub v1.1's defences.
 */
export function stepMesh(state: MeshState, event: MeshEvent, now: number, random: Random): MeshStep {
  const mesh = draftOf(state, now, random)
  switch (event.t) {
    case 'publish':
      publish(mesh, event)
      break
    case 'received':
      received(mesh, event)
      break
    case 'signal':
      sendSignal(mesh, event.to, event.data, event.everywhere)
      break
    case 'frame':
      frameCame(mesh, event.from, event.frame, event.unknown ?? NOTHING)
      break
    case 'tick':
      passTime(mesh)
      break
    default:
      neighbour(mesh, event)
      lookAround(mesh)
  }
  if (mesh.isCrowded) mend(mesh)
  return { state: finished(mesh), effects: mesh.effects }
}

/** When the next `tick` is due (ms). */
export function wakeAt(state: MeshState): number {
  let at = Math.min(state.announceAt, state.windowEndsAt, state.beatAt)
  if (state.isCrowded) at = Math.min(at, state.shuffleAt, state.rotateAt)
  for (const { dueAt } of state.awaited.values()) at = Math.min(at, dueAt)
  return at
}

function frameCame(
  mesh: Draft,
  from: DeviceId,
  frame: OverlayFrame,
  unknown: ReadonlySet<BroadcastId>,
): void {
  switch (frame.t) {
    case 'ihave':
      return announced(mesh, from, frame, unknown)
    case 'graft':
      return grafted(mesh, from, frame)
    case 'prune':
      return pruned(mesh, from)
    case 'signal':
      return signalCame(mesh, from, frame)
    case 'walk':
      walk(mesh, from, frame)
      break
    case 'shuffle':
      shuffleCame(mesh, from, frame)
      break
    case 'shuffled':
      shuffledCame(mesh, from, frame)
      break
    case 'bye':
      byeCame(mesh, from, frame)
      break
  }
  lookAround(mesh)
}

function passTime(mesh: Draft): void {
  tendTree(mesh)
  judge(mesh)
  for (const [peer, until] of mesh.shunned.now) if (until <= mesh.now) mesh.shunned.delete(peer)
  for (const [peer, until] of mesh.leaving.now) {
    if (until > mesh.now) continue
    mesh.leaving.delete(peer)
    mesh.effects.push({ t: 'drop', peer, why: 'left' })
  }
  shrink(mesh)
  lookAround(mesh)
}

function lookAround(mesh: Draft): void {
  weighRoom(mesh)
  plan(mesh)
}
