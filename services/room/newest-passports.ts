import type { AccountId } from '../../protocol/device'
import { PASSPORT_LIFETIME_MS } from '../../protocol/limits'
import type { Passport } from '../../protocol/passport'

/** Accounts that are remembered; of more, the one that was heard of longest ago is forgotten. */
const MAX_ACCOUNTS = 2_000

/**
 * What each account is called and looks like: by the highest version among its passports that were seen in a room, also
 * when the device that showed it has left. An older one is no news, whichever device shows it and however late.
 */
export class NewestPassports {
  readonly #newest = new Map<AccountId, { passport: Passport; at: number }>()

  /** Takes notice of a checked passport at `now` (ms). */
  note(passport: Passport, now: number): void {
    const known = this.of(passport.sub)
    this.#newest.delete(passport.sub)
    this.#newest.set(passport.sub, { passport: newerOf(known, passport), at: now })
    const [oldest] = this.#newest.size > MAX_ACCOUNTS ? this.#newest.keys() : []
    if (oldest !== undefined) this.#newest.delete(oldest)
  }

  of(account: AccountId): Passport | undefined {
    return this.#newest.get(account)?.passport
  }

  /** Forgets those that were not heard of for as long as an older passport may have gone on. */
  expire(now: number): void {
    for (const [account, { at }] of this.#newest) {
      if (now - at < PASSPORT_LIFETIME_MS) return
      this.#newest.delete(account)
    }
  }
}

/** The passport that counts of two of one account: `next`, unless it is of an earlier version. */
export const newerOf = (known: Passport | undefined, next: Passport): Passport =>
  known && known.sub === next.sub && known.ver > next.ver ? known : next
