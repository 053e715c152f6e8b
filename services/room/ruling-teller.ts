import type { MessageId, SignedBytes } from '../../protocol/message'
import type { HeldRuling } from '../../protocol/ruling'
import type { Clock, Random } from '../clock'
import { type ShortId, shortIdOf } from '../log/short-id'

/** Everybody knows the same: whoever is first tells the room object, and the others hear that from it (ms). */
const PATIENCE_MS = 5_000
/** Between two that the room object is told: it takes no more (ms). */
const GAP_MS = 1_200

interface Wiring {
  clock: Clock
  random: Random
  /** What is known here, newest first. */
  all(): readonly HeldRuling[]
  /** Hands a ruling to the room object; `false` when it cannot be reached. */
  tell(signed: SignedBytes): boolean
}

/** Sees to it that the room object knows what was decided: it introduces accordingly, also when nobody is left. */
export class RulingTeller {
  readonly #wiring: Wiring
  /** What the room object knows, as far as this connection has shown. */
  readonly #known = new Set<ShortId>()
  #cancel: (() => void) | undefined
  #toldAt = Number.NEGATIVE_INFINITY

  constructor(wiring: Wiring) {
    this.#wiring = wiring
  }

  /** The room object showed that it knows this one. */
  heard(id: MessageId): void {
    this.#known.add(shortIdOf(id))
  }

  /** The same of many. */
  listed(ids: readonly ShortId[]): void {
    for (const id of ids) this.#known.add(id)
  }

  /** Another socket: whatever the room object knew, it tells. */
  connected(): void {
    this.#known.clear()
    this.soon()
  }

  /** Something was decided, by others. */
  soon(): void {
    const { random } = this.#wiring
    this.#after(PATIENCE_MS * random())
  }

  /** Tells it, unless that is known; what else it does not know follows. */
  now(): void {
    const { clock, all, tell } = this.#wiring
    this.close()
    const wait = this.#toldAt + GAP_MS - clock.now()
    if (wait > 0 && wait <= GAP_MS) return this.#after(wait)
    const one = all().find(({ id }) => !this.#known.has(shortIdOf(id)))
    if (!one || !tell(one.signed)) return
    this.#known.add(shortIdOf(one.id))
    this.#toldAt = clock.now()
    this.#after(GAP_MS)
  }

  close(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #after(ms: number): void {
    this.#cancel ??= this.#wiring.clock.after(ms, () => this.now())
  }
}
