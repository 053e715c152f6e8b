import { CALLED_BY, CALLED_IN, DEFAULT_ATTENTION, type Attention as Wishes } from '../../protocol/attention'
import type { CallNote } from '../../protocol/control'
import { mentions, wordFinder } from '../../protocol/mention'
import type { RoomId } from '../../protocol/room-id'
import type { Clock } from '../clock'

/** What was said longer ago (ms) is told by the icon alone: it came with others that were missed. */
export const FRESH_MS = 60_000
/** Each room disturbs at most this often (ms), whoever calls there. */
export const DISTURB_EVERY_MS = 10_000
/** The icon shows no more. */
export const MAX_COUNTED = 99

/** A message, as far as it may call the viewer. */
export interface Heard {
  readonly room: RoomId
  readonly login: string
  /** A tab of the room. */
  readonly tab: number
  readonly name: string
  readonly text: string
  readonly ms: number
  /** What the viewer is called. */
  readonly me: string
  readonly answersMe: boolean
  /** The viewer can see the room just now. */
  readonly inView: boolean
}

interface Wiring {
  clock: Clock
  /** How many calls were not seen, and the one to be shown now, if any. */
  tell(count: number, note: CallNote | null): void
  chime(): void
}

/** Tells the viewer, as far as they want it, that somebody calls them in a room which they do not see. */
export class Attention {
  readonly #wiring: Wiring
  readonly #calls = new Map<RoomId, number>()
  readonly #disturbedAt = new Map<RoomId, number>()
  #wishes: Readonly<Wishes> = DEFAULT_ATTENTION
  #hasWord = wordFinder([])
  #title = CALLED_BY
  #told = 0

  constructor(wiring: Wiring) {
    this.#wiring = wiring
  }

  /** What the viewer wants, and what notifications are called: `title` holds `CALLED_BY` and `CALLED_IN`. */
  want(wishes: Readonly<Wishes>, title = CALLED_BY): void {
    this.#wishes = wishes
    this.#title = title
    this.#hasWord = wordFinder(wishes.words)
    this.#tellCount()
  }

  /** Somebody else said something while the viewer is in the room. */
  heard(message: Heard): void {
    const { room, text, me, answersMe, inView } = message
    if (inView || !(answersMe || mentions(text, me) || this.#hasWord(text))) return
    this.#calls.set(room, (this.#calls.get(room) ?? 0) + 1)
    if (this.#mayDisturb(message)) this.#disturb(message)
    else this.#tellCount()
  }

  /** The viewer sees the room. */
  seen(room: RoomId): void {
    if (this.#calls.delete(room)) this.#tellCount()
  }

  /** The room was left, or the viewer is somebody else now. */
  forget(room: RoomId): void {
    this.#disturbedAt.delete(room)
    this.seen(room)
  }

  #mayDisturb({ room, ms }: Heard): boolean {
    const now = this.#wiring.clock.now()
    const last = this.#disturbedAt.get(room) ?? Number.NEGATIVE_INFINITY
    // A clock that was set back must not silence a room.
    const isRested = Math.abs(now - last) >= DISTURB_EVERY_MS
    return now >= this.#wishes.quietUntil && now - ms < FRESH_MS && isRested
  }

  #disturb({ room, login, tab, name, text }: Heard): void {
    const { notify, preview, sound } = this.#wishes
    const { clock, chime } = this.#wiring
    this.#disturbedAt.set(room, clock.now())
    if (sound) chime()
    // Replaced by functions: in a mere text, some characters have a meaning.
    const title = this.#title.replace(CALLED_IN, () => login).replace(CALLED_BY, () => name)
    this.#tellCount(notify ? { tab, title, ...(preview && { text }) } : null)
  }

  #tellCount(note: CallNote | null = null): void {
    const all = [...this.#calls.values()].reduce((sum, count) => sum + count, 0)
    const count = this.#wishes.badge ? Math.min(all, MAX_COUNTED) : 0
    if (count === this.#told && !note) return
    this.#told = count
    this.#wiring.tell(count, note)
  }
}
