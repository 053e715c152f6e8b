import type { Have, Past } from '../../protocol/reconciliation'
import { type ShortId, unpackIds } from './short-id'
import { Vouchers } from './vouchers'

/** Answers to digests that a slow peer may owe us at a time. */
const MAX_OWED = 2

/**
 * What we asked one peer and may therefore hear from it. Also an answer that comes too late was asked for, so what was
 * asked in the exchange before still counts. Everything here is bounded by what we asked ourselves.
 */
export class Expectations {
  /** Ids that one answer may name: no log of a correct peer holds more. */
  readonly #maxIds: number
  #owed = 0
  #named = 0
  #wanted = new Set<ShortId>()
  #wantedBefore = new Set<ShortId>()
  #vouchers = new Vouchers()

  constructor(maxIds: number) {
    this.#maxIds = maxIds
  }

  /** We sent a digest. */
  asked(): void {
    this.#owed = Math.min(this.#owed + 1, MAX_OWED)
    this.#named = 0
    this.#wantedBefore = this.#wanted
    this.#wanted = new Set()
    this.#vouchers = new Vouchers()
  }

  /** We sent a `want`. */
  want(ids: readonly ShortId[]): void {
    for (const id of ids) this.#wanted.add(id)
  }

  /** The ids in a `have`; `undefined` if nobody asked for it, or it goes on without end. */
  have({ ids, more }: Have): ShortId[] | undefined {
    const named = unpackIds(ids)
    this.#named += named.length
    const isEndless = this.#named > this.#maxIds || (more && named.length === 0)
    if (this.#owed === 0 || isEndless) return undefined
    if (!more) {
      this.#owed--
      this.#named = 0
    }
    return named
  }

  /**
   * The passports of this answer, if a `past` whose messages have these `ids` was asked for: each of them wanted and not
   * brought before, and no more passports than messages that could need them.
   */
  past({ passports }: Past, ids: readonly ShortId[]): Vouchers | undefined {
    const isWanted = ids.every((id) => this.#wanted.has(id) || this.#wantedBefore.has(id))
    if (!isWanted || new Set(ids).size < ids.length || passports.length > ids.length) return undefined
    for (const id of ids) if (!this.#wanted.delete(id)) this.#wantedBefore.delete(id)
    for (const jwt of passports) this.#vouchers.add(jwt)
    return this.#vouchers
  }
}
