import { NAME_HOLD_MS } from '../limits'

/**
 * Names that the operator took from this account: it cannot have them again for as long as a name given up stays its
 * owner's. By key, as the shards know them.
 */
export class LostNames {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  add(folds: readonly string[], now: number): void {
    this.#sql.exec(
      'CREATE TABLE IF NOT EXISTS lost_names (fold TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID',
    )
    for (const fold of folds)
      this.#sql.exec('INSERT OR REPLACE INTO lost_names VALUES (?, ?)', fold, now + NAME_HOLD_MS)
  }

  includesAny(folds: readonly string[], now: number): boolean {
    return this.#rows().some(({ fold, until }) => until > now && folds.includes(fold))
  }

  /** All of them, for the account's owner. */
  export(): { key: string; state: 'lost'; until: string }[] {
    return this.#rows().map(({ fold, until }) => ({
      key: fold,
      state: 'lost',
      until: new Date(until).toISOString(),
    }))
  }

  prune(now: number): void {
    if (this.#exists()) this.#sql.exec('DELETE FROM lost_names WHERE until <= ?', now)
  }

  /** When there is something to prune (ms). */
  due(): number | undefined {
    return this.#rows()[0]?.until
  }

  #rows(): { fold: string; until: number }[] {
    if (!this.#exists()) return []
    return this.#sql
      .exec<{ fold: string; until: number }>('SELECT fold, until FROM lost_names ORDER BY until')
      .toArray()
  }

  /** Made when the first name is lost: hardly any account loses one. */
  #exists(): boolean {
    return this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'lost_names'").toArray().length > 0
  }
}
