import { MAX_RULINGS } from './limits'
import type { MessageId, SignedBytes } from './message'
import type { Ruling } from './ruling'

/** A checked ruling. `id`: the SHA-256 of its bytes, as of a message. */
export interface HeldRuling {
  readonly id: MessageId
  readonly ruling: Ruling
  readonly signed: SignedBytes
}

/**
 * What was decided for a room: of each act the newest `MAX_RULINGS`, by when they were made and, of one millisecond, by id.
 * Whoever was given the same rulings holds the same ones, in whatever order they came.
 */
export class RulingHistory {
  #held: readonly HeldRuling[] = []

  /** Newest first. */
  get all(): readonly HeldRuling[] {
    return this.#held
  }

  /** Whether a ruling would be held that is not yet. */
  isNews(one: Pick<HeldRuling, 'id' | 'ruling'>): boolean {
    const rivals = this.#held.filter(({ ruling }) => ruling.act === one.ruling.act)
    return (
      !rivals.some(({ id }) => id === one.id) &&
      rivals.filter((other) => isNewer(other, one)).length < MAX_RULINGS
    )
  }

  /** Returns whether it was news. */
  add(one: HeldRuling): boolean {
    if (!this.isNews(one)) return false
    const sorted = [...this.#held, one].sort((a, b) => (isNewer(a, b) ? -1 : 1))
    const ofAct = sorted.filter(({ ruling }) => ruling.act === one.ruling.act)
    const forgotten = new Set(ofAct.slice(MAX_RULINGS))
    this.#held = sorted.filter((held) => !forgotten.has(held))
    return true
  }

  /** Forgets what should never have been held. Returns whether there was any of it. */
  remove(isGone: (held: HeldRuling) => boolean): boolean {
    const before = this.#held.length
    this.#held = this.#held.filter((held) => !isGone(held))
    return this.#held.length < before
  }

  /** Whether only linked accounts take part now, as far as it was decided; also what was stamped a little ahead counts. */
  get isLinkedOnly(): boolean {
    return this.isLinkedOnlyAt(Number.POSITIVE_INFINITY)
  }

  /** Whether it was so at `ms`. Of a time before all that is remembered nobody can tell: then everybody took part. */
  isLinkedOnlyAt(ms: number): boolean {
    return (
      this.#held.find(({ ruling }) => ruling.act === 'linked-only' && ruling.ms <= ms)?.ruling.on ?? false
    )
  }
}

type Ordered = { id: MessageId; ruling: Pick<Ruling, 'ms'> }

const isNewer = (one: Ordered, other: Ordered): boolean =>
  one.ruling.ms === other.ruling.ms ? one.id > other.id : one.ruling.ms > other.ruling.ms
