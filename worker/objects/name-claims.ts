import { DAY_MS, NAME_LEASE_MS } from '../limits'
import type { NameHold } from '../ports'
import type { AccountRow } from './account-row'
import { earliest } from './alarm'

/**
 * - `pending`: about to be reserved at its shard, or reserved there under a lease;
 * - `held`: this account's name; `told` once the shard has confirmed it;
 * - `retiring`: given up, but the shard does not know yet.
 */
type ClaimState = 'pending' | 'held' | 'retiring'

interface Claim {
  [column: string]: SqlStorageValue
  fold: string
  name: string
  state: ClaimState
  told: number
  since: number
}

/** What an account knows about its names, written so that a kill at any step leaves the next step to do. */
export class NameClaims {
  readonly #storage: DurableObjectStorage
  readonly #sql: SqlStorage
  readonly #row: AccountRow

  constructor(storage: DurableObjectStorage, row: AccountRow) {
    this.#storage = storage
    this.#sql = storage.sql
    this.#row = row
  }

  create(): void {
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS claims (
        fold TEXT PRIMARY KEY, name TEXT NOT NULL, state TEXT NOT NULL, told INTEGER NOT NULL DEFAULT 0, since INTEGER NOT NULL
      );
      CREATE TABLE IF NOT EXISTS renames (at INTEGER NOT NULL);
    `)
  }

  held(): Claim | undefined {
    return this.of('held')[0]
  }

  of(state: ClaimState): Claim[] {
    return this.#sql.exec<Claim>('SELECT * FROM claims WHERE state = ?', state).toArray()
  }

  holdOf(fold: string): NameHold {
    const [claim] = this.#sql.exec<Claim>('SELECT * FROM claims WHERE fold = ?', fold)
    return claim === undefined || claim.state === 'retiring' ? 'none' : claim.state
  }

  begin(fold: string, name: string, now: number): void {
    this.#sql.exec(
      "INSERT INTO claims (fold, name, state, since) VALUES (?, ?, 'pending', ?)",
      fold,
      name,
      now,
    )
  }

  abandon(fold: string): void {
    this.#sql.exec("DELETE FROM claims WHERE fold = ? AND state = 'pending'", fold)
  }

  /** The pending name becomes the name, the old one is to be retired. `false` if the claim has lapsed meanwhile. */
  commit(fold: string, now: number): boolean {
    return this.#storage.transactionSync(() => {
      if (this.holdOf(fold) !== 'pending') return false
      this.#sql.exec("UPDATE claims SET state = 'retiring', since = ? WHERE state = 'held'", now)
      this.#sql.exec("UPDATE claims SET state = 'held', told = 0, since = ? WHERE fold = ?", now, fold)
      this.#row.raiseVersion()
      return true
    })
  }

  /** Another spelling of the same name; nothing to ask a shard for. */
  respell(fold: string, name: string): void {
    this.#storage.transactionSync(() => {
      this.#sql.exec("UPDATE claims SET name = ? WHERE fold = ? AND state = 'held'", name, fold)
      this.#row.raiseVersion()
    })
  }

  told(fold: string): void {
    this.#sql.exec('UPDATE claims SET told = 1 WHERE fold = ?', fold)
  }

  forget(fold: string): void {
    this.#sql.exec("DELETE FROM claims WHERE fold = ? AND state = 'retiring'", fold)
  }

  countRename(now: number): void {
    this.#sql.exec('DELETE FROM renames WHERE at <= ?', now - DAY_MS)
    this.#sql.exec('INSERT INTO renames VALUES (?)', now)
  }

  renamesSince(time: number): number {
    return this.#sql.exec<{ count: number }>('SELECT count(*) AS count FROM renames WHERE at > ?', time).one()
      .count
  }

  /** When something is left over to settle (ms). */
  due(): number | undefined {
    const { since } = this.#sql
      .exec<{ since: number | null }>(
        "SELECT min(since) AS since FROM claims WHERE state != 'held' OR told = 0",
      )
      .one()
    return earliest(since === null ? null : since + NAME_LEASE_MS)
  }
}
