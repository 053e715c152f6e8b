import type { RoomDelta, RoomSnapshot, RoomView } from '../protocol/host-port'

/** Deltas kept while a snapshot is on its way. More than these, and the snapshot is asked for again. */
const MAX_EARLY_DELTAS = 200

interface Sinks {
  replace(view: RoomView): void
  apply(delta: RoomDelta): void
  /** Asks for a snapshot. */
  ask(): void
}

/**
 * Keeps a projection true to its source: applies deltas in order and without gaps, asks for a snapshot where one
 * is missing, and holds back what arrives meanwhile, because a snapshot may be older than a delta that overtook it.
 */
export function createDeltaSequence(sinks: Sinks) {
  /** Number of the newest delta applied; `null` while only a snapshot helps. */
  let applied: number | null = null
  let early: RoomDelta[] = []

  function delta(next: RoomDelta): void {
    if (applied === null) return hold(next)
    if (next.seq <= applied) return
    if (next.seq === applied + 1) {
      applied = next.seq
      return sinks.apply(next)
    }
    renew()
    hold(next)
  }

  function hold(next: RoomDelta): void {
    if (early.length >= MAX_EARLY_DELTAS) renew()
    early.push(next)
  }

  function snapshot(next: RoomSnapshot): void {
    const held = early
    applied = next.seq
    early = []
    sinks.replace(next.view)
    for (const one of held) delta(one)
  }

  /** Forgets where it was; the source sends a snapshot of its own accord. */
  function restart(): void {
    applied = null
    early = []
  }

  /** Like `restart`, for a source that must be asked. */
  function renew(): void {
    restart()
    sinks.ask()
  }

  return { delta, snapshot, restart, renew }
}
