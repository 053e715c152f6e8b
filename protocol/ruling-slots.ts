import { MAX_BARS, MAX_DELETIONS, MAX_RULINGS, MAX_STAFF } from './limits'
import { type HeldRuling, type Ruling, rulerOf } from './ruling'

type Ordered = { id: HeldRuling['id']; ruling: Ruling }

/**
 * How rulings are kept: of one `kind` the newest `most`, and of those with one `key` the newest alone. What is kept depends on
 * nothing but which rulings were given: a newer one with the same key, or `most` newer ones with others, are among them for good.
 */
export interface Slot {
  readonly kind: string
  readonly key: string
  readonly most: number
}

/** Where a ruling belongs. What broadcasters decide about somebody takes no place of moderators', nor the other way round. */
export function slotOf({ id, ruling }: Ordered): Slot {
  const rank = rankOf(ruling)
  switch (ruling.act) {
    case 'linked-only':
    case 'slow':
      return { kind: ruling.act, key: id, most: MAX_RULINGS }
    case 'clear':
      return { kind: 'clear', key: '', most: 1 }
    case 'delete':
      return { kind: `delete ${rank}`, key: ruling.message, most: MAX_DELETIONS }
    case 'timeout':
    case 'ban':
    case 'unban':
      return { kind: `bar ${rank}`, key: ruling.account, most: MAX_BARS }
    case 'staff':
      return { kind: 'staff', key: rulerOf(ruling)?.account ?? '', most: MAX_STAFF }
  }
}

/** What its author's grant said; a grant that cannot be read says as little as any. */
export const rankOf = (ruling: Ruling) => rulerOf(ruling)?.role ?? 'moderator'

/** Of two in one slot, which counts: the newer; of those that clear a room, the one that clears more. */
export function isNewer(one: Ordered, other: Ordered): boolean {
  const [a, b] = [stampOf(one.ruling), stampOf(other.ruling)]
  return a === b ? one.id > other.id : a > b
}

const stampOf = (ruling: Ruling): number => (ruling.act === 'clear' ? ruling.before : ruling.ms)
