import type { MessageId, SignedBytes } from '../../protocol/message'
import type { HeldRuling } from '../../protocol/ruling-history'
import type { Clock, Random } from '../clock'

/** Everybody knows the same: whoever is first tells the room object, and the others hear that from it (ms). */
const PATIENCE_MS = 5_000

interface Wiring {
  clock: Clock
  random: Random
  /** The newest ruling that is known here. */
  newest(): HeldRuling | undefined
  /** Hands a ruling to the room object; `false` when it cannot be reached. */
  tell(signed: SignedBytes): boolean
}

/** Sees to it that the room object knows what was decided last: it introduces accordingly, also when nobody is left. */
export class RulingTeller {
  readonly #wiring: Wiring
  /** What the room object knows, as far as this connection has shown. */
  readonly #known = new Set<MessageId>()
  #cancel: (() => void) | undefined

  constructor(wiring: Wiring) {
    this.#wiring = wiring
  }

  /** The room object showed that it knows this one. */
  heard(id: MessageId): void {
    this.#known.add(id)
  }

  /** Another socket: whatever the room object knew, it tells. */
  connected(): void {
    this.#known.clear()
    this.soon()
  }

  /** Something was decided, by others. */
  soon(): void {
    const { clock, random } = this.#wiring
    this.#cancel ??= clock.after(PATIENCE_MS * random(), () => this.now())
  }

  /** Tells it, unless that is known. */
  now(): void {
    this.close()
    const { newest, tell } = this.#wiring
    const one = newest()
    if (one && !this.#known.has(one.id) && tell(one.signed)) this.#known.add(one.id)
  }

  close(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }
}
