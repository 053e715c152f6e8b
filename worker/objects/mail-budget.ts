import { DAILY_MAILS, DAY_MS } from '../limits'

/** Who asks for a mail, as far as it is counted. */
export interface Asker {
  /** Pseudonym of the asker's network, or of the browser if it is a returning one: that counts as a network of its own. */
  readonly network: string
  readonly isReturning: boolean
}

const PACED_STEP_MS = DAY_MS / DAILY_MAILS.paced

/**
 * How many codes were mailed to one address in the last 24 hours, and for whom. The address's owner must neither drown
 * in mail (100 a day) nor be kept from signing in by others who use those up. So the day is shared out:
 *
 * - The first `free` mails go to whoever asks, at most `perNetwork` to each network. Nobody honest gets further.
 * - The next `paced` ones are for a day under attack: one per network and day, and so far apart that they last until the
 *   first are a day old. There is always a next one within half an hour; to get ahead of its owner at each, every day,
 *   takes a fresh network for each.
 * - The last ones are for browsers that have signed in to this address before: each counts as a network of its own, so
 *   that nobody can use up its share.
 *
 * What is left to attackers: an owner in a browser that never signed in, and in the very network of an attacker, or
 * against dozens of fresh networks a day. No share depends on whether the address has an account, only on what a
 * returning browser knows, so that no refusal tells anything.
 */
export class MailBudget {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  create(): void {
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS sent (
        code TEXT PRIMARY KEY, at INTEGER NOT NULL, network TEXT NOT NULL, is_returning INTEGER NOT NULL
      )
    `)
  }

  /** Until when (ms) the asker has to wait; `undefined` if a mail may go out. */
  fullUntil({ network, isReturning }: Asker, now: number): number | undefined {
    const since = now - DAY_MS
    const mine = this.#tally('network = ? AND at > ?', network, since)
    const all = this.#tally('at > ?', since)
    const others = this.#tally('is_returning = 0 AND at > ?', since)
    const { mails, free, paced, perNetwork } = DAILY_MAILS
    const waits: number[] = []
    if (all.count >= mails) waits.push(all.oldest + DAY_MS)
    if (mine.count >= perNetwork) waits.push(mine.oldest + DAY_MS)
    if (!isReturning && others.count >= free) {
      if (others.count >= free + paced) waits.push(others.oldest + DAY_MS)
      if (mine.count > 0) waits.push(mine.newest + DAY_MS)
      if (others.newest + PACED_STEP_MS > now) waits.push(others.newest + PACED_STEP_MS)
    }
    return waits.length === 0 ? undefined : Math.max(...waits)
  }

  count(code: string, { network, isReturning }: Asker, now: number): void {
    this.#sql.exec('INSERT INTO sent VALUES (?, ?, ?, ?)', code, now, network, isReturning ? 1 : 0)
  }

  /** The mail was not sent after all. Whose it was to be; `undefined` if it was given back before. */
  giveBack(code: string): Asker | undefined {
    const [sent] = this.#sql.exec<{ network: string; is_returning: number }>(
      'DELETE FROM sent WHERE code = ? RETURNING network, is_returning',
      code,
    )
    return sent && { network: sent.network, isReturning: sent.is_returning === 1 }
  }

  prune(now: number): void {
    this.#sql.exec('DELETE FROM sent WHERE at <= ?', now - DAY_MS)
  }

  /** When there is something to prune (ms). */
  due(): number | undefined {
    const { at } = this.#sql.exec<{ at: number | null }>('SELECT min(at) AS at FROM sent').one()
    return at === null ? undefined : at + DAY_MS
  }

  #tally(where: string, ...values: (string | number)[]) {
    const { count, oldest, newest } = this.#sql
      .exec<{ count: number; oldest: number | null; newest: number | null }>(
        `SELECT count(*) AS count, min(at) AS oldest, max(at) AS newest FROM sent WHERE ${where}`,
        ...values,
      )
      .one()
    return { count, oldest: oldest ?? 0, newest: newest ?? 0 }
  }
}
