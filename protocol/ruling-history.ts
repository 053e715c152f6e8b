import type { MessageId } from './message-id'
import { Moderation } from './moderation'
import type { HeldRuling } from './ruling'
import { isNewer, slotOf } from './ruling-slots'

/**
 * What was decided for a room, as far as it is remembered: see `slotOf`. Whoever was given the same rulings holds the same
 * ones, in whatever order they came.
 */
export class RulingHistory {
  #held: readonly HeldRuling[] = []
  readonly #ids = new Set<MessageId>()
  #moderation: Moderation | undefined

  /** Newest first. */
  get all(): readonly HeldRuling[] {
    return this.#held
  }

  has(id: MessageId): boolean {
    return this.#ids.has(id)
  }

  /** Whether a ruling would be held that is not yet. */
  isNews(one: Pick<HeldRuling, 'id' | 'ruling'>): boolean {
    if (this.#ids.has(one.id)) return false
    const { kind, key, most } = slotOf(one)
    let newer = 0
    for (const other of this.#held) {
      const slot = slotOf(other)
      if (slot.kind !== kind || !isNewer(other, one)) continue
      if (slot.key === key) return false
      newer++
    }
    return newer < most
  }

  /** Returns whether it was news. */
  add(one: HeldRuling): boolean {
    if (!this.isNews(one)) return false
    const { kind, key, most } = slotOf(one)
    const ofKind = this.#held.filter((held) => slotOf(held).kind === kind && slotOf(held).key !== key)
    const kept = [one, ...ofKind].sort((a, b) => (isNewer(a, b) ? -1 : 1)).slice(0, most)
    const others = this.#held.filter((held) => slotOf(held).kind !== kind)
    this.#hold([...others, ...kept].sort((a, b) => compareAge(a, b)))
    return true
  }

  /** Forgets what should never have been held. Returns whether there was any of it. */
  remove(isGone: (held: HeldRuling) => boolean): boolean {
    const before = this.#held.length
    this.#hold(this.#held.filter((held) => !isGone(held)))
    return this.#held.length < before
  }

  /** What follows from it for who may speak, and what counts. */
  get moderation(): Moderation {
    this.#moderation ??= new Moderation(this.#held)
    return this.#moderation
  }

  /** Whether only linked accounts take part now, as far as it was decided; also what was stamped a little ahead counts. */
  get isLinkedOnly(): boolean {
    return this.isLinkedOnlyAt(Number.POSITIVE_INFINITY)
  }

  /** Whether it was so at `ms`. Of a time before all that is remembered nobody can tell: then everybody took part. */
  isLinkedOnlyAt(ms: number): boolean {
    for (const { ruling } of this.#held) if (ruling.act === 'linked-only' && ruling.ms <= ms) return ruling.on
    return false
  }

  /** How many seconds an account had to wait between two messages at `ms`; 0 where that was not so. */
  slowAt(ms: number): number {
    for (const { ruling } of this.#held) if (ruling.act === 'slow' && ruling.ms <= ms) return ruling.seconds
    return 0
  }

  #hold(held: readonly HeldRuling[]): void {
    this.#held = held
    this.#ids.clear()
    for (const { id } of held) this.#ids.add(id)
    this.#moderation = undefined
  }
}

/** The newest first. */
const compareAge = (a: HeldRuling, b: HeldRuling): number =>
  b.ruling.ms - a.ruling.ms || (a.id > b.id ? -1 : a.id < b.id ? 1 : 0)
