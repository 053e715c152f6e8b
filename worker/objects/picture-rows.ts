import { DAY_MS, PICTURE_LEASE_MS } from '../limits'
import type { AccountRow } from './account-row'
import { earliest } from './alarm'

/**
 * - `pending`: about to be put into the bucket, or put there and not committed;
 * - `current`: what passports name;
 * - `stale`: replaced or removed, but still in the bucket.
 */
type PictureState = 'pending' | 'current' | 'stale'

/** What an account knows about its pictures in the bucket, written so that a kill at any step leaves the next step to do. */
export class PictureRows {
  readonly #storage: DurableObjectStorage
  readonly #sql: SqlStorage
  readonly #row: AccountRow

  constructor(storage: DurableObjectStorage, row: AccountRow) {
    this.#storage = storage
    this.#sql = storage.sql
    this.#row = row
  }

  current(): string | undefined {
    if (!this.#exists()) return undefined
    const [row] = this.#sql.exec<{ hash: string }>("SELECT hash FROM pictures WHERE state = 'current'")
    return row?.hash
  }

  begin(hash: string, now: number): void {
    this.#note(hash, 'pending', now)
  }

  /** The commit: from now on `hash` is the picture, or there is none. What was before is to be removed. */
  become(hash: string | undefined, now: number): void {
    this.#storage.transactionSync(() => {
      this.#sql.exec("UPDATE pictures SET state = 'stale', since = ? WHERE state = 'current'", now)
      if (hash !== undefined) this.#note(hash, 'current', now)
      this.#row.raiseVersion()
    })
  }

  /** What may be removed from the bucket: a pending one only once no upload can still be on its way. */
  removable(now: number): string[] {
    if (!this.#exists()) return []
    const rows = this.#sql.exec<{ hash: string }>(
      "SELECT hash FROM pictures WHERE state = 'stale' OR (state = 'pending' AND since <= ?)",
      now - PICTURE_LEASE_MS,
    )
    return rows.toArray().map(({ hash }) => hash)
  }

  /** Whether something that a kill interrupted may still arrive in the bucket. */
  isUploading(now: number): boolean {
    if (!this.#exists()) return false
    const since = now - PICTURE_LEASE_MS
    return (
      this.#sql.exec("SELECT 1 FROM pictures WHERE state = 'pending' AND since > ?", since).toArray().length >
      0
    )
  }

  /** They are out of the bucket. */
  forget(hashes: readonly string[]): void {
    for (const hash of hashes)
      this.#sql.exec("DELETE FROM pictures WHERE hash = ? AND state != 'current'", hash)
  }

  /** They could not be removed: to be tried again in a while. */
  postpone(hashes: readonly string[], now: number): void {
    for (const hash of hashes) this.#sql.exec('UPDATE pictures SET since = ? WHERE hash = ?', now, hash)
  }

  /** When the uploads of the last 24 hours began, the oldest first. */
  uploads(now: number): number[] {
    this.#create()
    this.#sql.exec('DELETE FROM picture_uploads WHERE at <= ?', now - DAY_MS)
    const rows = this.#sql.exec<{ at: number }>('SELECT at FROM picture_uploads ORDER BY at')
    return rows.toArray().map(({ at }) => at)
  }

  countUpload(now: number): void {
    this.#sql.exec('INSERT INTO picture_uploads VALUES (?)', now)
  }

  erase(): void {
    if (this.#exists()) this.#sql.exec('DELETE FROM pictures; DELETE FROM picture_uploads')
  }

  /** When something is left to remove (ms). */
  due(): number | undefined {
    if (!this.#exists()) return undefined
    const { since } = this.#sql
      .exec<{ since: number | null }>("SELECT min(since) AS since FROM pictures WHERE state != 'current'")
      .one()
    return earliest(since === null ? null : since + PICTURE_LEASE_MS)
  }

  #note(hash: string, state: PictureState, now: number): void {
    this.#create()
    this.#sql.exec(
      `INSERT INTO pictures VALUES (?, ?, ?)
        ON CONFLICT (hash) DO UPDATE SET state = excluded.state, since = excluded.since`,
      hash,
      state,
      now,
    )
  }

  /** Here and not with the account, so that accounts from before have them, too. */
  #create(): void {
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS pictures (
        hash TEXT PRIMARY KEY, state TEXT NOT NULL, since INTEGER NOT NULL
      ) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS picture_uploads (at INTEGER NOT NULL);
    `)
  }

  #exists(): boolean {
    return this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'pictures'").toArray().length > 0
  }
}
