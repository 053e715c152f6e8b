import type { RoomId } from '../../protocol/room-id'
import type { Clock } from '../clock'

/** A room is left this long after nobody wants it, so that a reload keeps its links. */
export const LEAVE_GRACE_MS = 8_000

/** What is kept running for each wanted room. */
export interface Leavable {
  leave(): void
}

/**
 * Which rooms this browser is in: those that some tab wants. Several tabs of one channel share one session.
 * While nobody is signed in (`start` is null) wishes are only remembered.
 */
export class Rooms<Session extends Leavable> {
  readonly #clock: Clock
  readonly #wishes = new Map<number, RoomId>()
  readonly #sessions = new Map<RoomId, Session>()
  readonly #leaving = new Map<RoomId, () => void>()
  #start: ((room: RoomId) => Session) | null = null

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get(room: RoomId): Session | undefined {
    return this.#sessions.get(room)
  }

  get all(): Session[] {
    return [...this.#sessions.values()]
  }

  /** The room a tab is in now; `null` for none. */
  want(tab: number, room: RoomId | null): void {
    const before = this.#wishes.get(tab)
    if (room === null) this.#wishes.delete(tab)
    else this.#wishes.set(tab, room)
    if (before !== undefined && before !== room) this.#release(before)
    if (room !== null) this.#ensure(room)
  }

  /** Begins all wanted rooms anew under another identity, or leaves all of them (`null`). */
  restart(start: ((room: RoomId) => Session) | null): void {
    this.#start = start
    for (const room of [...this.#sessions.keys()]) this.#leave(room)
    for (const room of new Set(this.#wishes.values())) this.#ensure(room)
  }

  #ensure(room: RoomId): void {
    this.#leaving.get(room)?.()
    this.#leaving.delete(room)
    if (this.#start && !this.#sessions.has(room)) this.#sessions.set(room, this.#start(room))
  }

  #release(room: RoomId): void {
    if ([...this.#wishes.values()].includes(room) || !this.#sessions.has(room) || this.#leaving.has(room))
      return
    this.#leaving.set(
      room,
      this.#clock.after(LEAVE_GRACE_MS, () => this.#leave(room)),
    )
  }

  #leave(room: RoomId): void {
    this.#leaving.get(room)?.()
    this.#leaving.delete(room)
    this.#sessions.get(room)?.leave()
    this.#sessions.delete(room)
  }
}
