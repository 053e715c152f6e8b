import type { DeviceId } from '../../../protocol/device'
import type { Draft } from './draft'
import { SILENT_WINDOWS, TELLING_MESSAGES, TOLD_SHARE, WINDOW_MS } from './parameters'
import { banish } from './views'

/**
 * At the end of a window, judges what each link brought. Over each, every message is either pushed or announced by both
 * ends, so a peer of which next to nothing was heard takes and does not give (GossipSub v1.1, P3).
 */
export function judge(mesh: Draft): void {
  if (mesh.windowEndsAt > mesh.now) return
  const isTelling = mesh.heard >= TELLING_MESSAGES
  const silent: DeviceId[] = []
  for (const [peer, link] of mesh.links.now) {
    const wasThere = mesh.now - link.since >= WINDOW_MS
    const isSilent = isTelling && wasThere && link.told < TOLD_SHARE * mesh.heard
    const windows = isSilent ? link.silent + 1 : isTelling && wasThere ? 0 : link.silent
    if (windows >= SILENT_WINDOWS) silent.push(peer)
    // Half of what was told is remembered, so that a link is not without merit as each window begins.
    const fresh = {
      told: 0,
      firsts: Math.floor((link.firsts + link.told) / 2),
      broken: Math.max(0, link.broken - 1),
    }
    const budgets = { walks: 0, shuffles: 0, signals: 0, grafted: 0, announced: 0 }
    mesh.links.set(peer, { ...link, ...fresh, ...budgets, silent: windows })
  }
  for (const peer of silent) banish(mesh, peer, 'silent')
  mesh.heard = 0
  mesh.windowEndsAt = mesh.now + WINDOW_MS
}
