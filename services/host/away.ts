import type { RoomId } from '../../protocol/room-id'
import type { Clock } from '../clock'

/** Whoever has had no tab of a room in sight for this long is away from it. */
export const AWAY_AFTER_MS = 10 * 60_000

interface Wiring {
  clock: Clock
  onChange(room: RoomId, away: boolean): void
}

/** Tells when the viewer is away from a room, and at once when they are back. */
export class AwayWatch {
  readonly #wiring: Wiring
  readonly #away = new Set<RoomId>()
  /** Rooms in which the viewer said that they are away. */
  readonly #declared = new Set<RoomId>()
  /** Rooms out of sight, and how to call off that this counts as being away. */
  readonly #hidden = new Map<RoomId, () => void>()

  constructor(wiring: Wiring) {
    this.#wiring = wiring
  }

  isAway(room: RoomId): boolean {
    return this.#away.has(room) || this.#declared.has(room)
  }

  /** Whether any tab of the room is in sight just now. A room is taken for seen until it is told otherwise. */
  see(room: RoomId, visible: boolean): void {
    if (visible) {
      const wasAway = this.isAway(room)
      this.#seen(room)
      if (wasAway && !this.isAway(room)) this.#wiring.onChange(room, false)
    } else if (!this.#hidden.has(room)) {
      this.#hidden.set(
        room,
        this.#wiring.clock.after(AWAY_AFTER_MS, () => {
          const wasAway = this.isAway(room)
          this.#away.add(room)
          if (!wasAway) this.#wiring.onChange(room, true)
        }),
      )
    }
  }

  /** The viewer says that they are away, or back; it holds until they say otherwise or leave the room. */
  declare(room: RoomId, away: boolean): void {
    const wasAway = this.isAway(room)
    if (away) this.#declared.add(room)
    else this.#declared.delete(room)
    if (this.isAway(room) !== wasAway) this.#wiring.onChange(room, away)
  }

  /** The room was left. */
  forget(room: RoomId): void {
    this.#declared.delete(room)
    this.#seen(room)
  }

  #seen(room: RoomId): void {
    this.#hidden.get(room)?.()
    this.#hidden.delete(room)
    this.#away.delete(room)
  }
}
