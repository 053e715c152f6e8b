import { MAX_RETURNING } from '../limits'

/**
 * Browsers that have signed in to one address before, each known by a keyed hash of what it shows when it asks for a
 * code. Says nothing about whether one is signed in: that is the account's to know.
 */
export class ReturningBrowsers {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  has(hash: string): boolean {
    return (
      this.#exists() && this.#sql.exec('SELECT 1 FROM returners WHERE hash = ?', hash).toArray().length > 0
    )
  }

  /** Remembers a browser that has just signed in; of many the newest. */
  add(hash: string, now: number): void {
    this.#sql.exec('CREATE TABLE IF NOT EXISTS returners (hash TEXT PRIMARY KEY, at INTEGER NOT NULL)')
    this.#sql.exec(
      'INSERT INTO returners VALUES (?, ?) ON CONFLICT (hash) DO UPDATE SET at = excluded.at',
      hash,
      now,
    )
    this.#sql.exec(
      'DELETE FROM returners WHERE hash NOT IN (SELECT hash FROM returners ORDER BY at DESC LIMIT ?)',
      MAX_RETURNING,
    )
  }

  forget(): void {
    this.#sql.exec('DROP TABLE IF EXISTS returners')
  }

  #exists(): boolean {
    return this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'returners'").toArray().length > 0
  }
}
