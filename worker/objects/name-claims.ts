import { DAY_MS, MAX_RENAMES_PER_DAY, NAME_LEASE_MS } from '../limits'
import type { NameHold } from '../ports'
import type { AccountRow } from './account-row'
import { earliest } from './alarm'
import { LostNames } from './lost-names'

/**
 * - `pending`: about to be reserved at its shard, or reserved there under a lease;
 * - `held`: a key of this account's name; `told` once the shard has confirmed it;
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

/**
 * What an account knows about its name, written so that a kill at any step leaves the next step to do. One row for
 * each key of the name (`nameFolds`): mostly one.
 */
export class NameClaims {
  readonly #storage: DurableObjectStorage
  readonly #sql: SqlStorage
  readonly #row: AccountRow
  /** Names that this account cannot have. */
  readonly lost: LostNames

  constructor(storage: DurableObjectStorage, row: AccountRow) {
    this.#storage = storage
    this.#sql = storage.sql
    this.#row = row
    this.lost = new LostNames(storage.sql)
  }

  create(): void {
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS claims (
        fold TEXT PRIMARY KEY, name TEXT NOT NULL, state TEXT NOT NULL, told INTEGER NOT NULL DEFAULT 0, since INTEGER NOT NULL
      );
      CREATE TABLE IF NOT EXISTS renames (at INTEGER NOT NULL);
    `)
  }

  /** All of them, for the account's owner. */
  export(): { name: string; key: string; state: ClaimState; since: string }[] {
    return this.#sql
      .exec<Claim>('SELECT * FROM claims ORDER BY since')
      .toArray()
      .map(({ name, fold, state, since }) => ({
        name,
        key: fold,
        state,
        since: new Date(since).toISOString(),
      }))
  }

  /** The account's name, if it has one. */
  name(): string | undefined {
    return this.of('held')[0]?.name
  }

  of(state: ClaimState): Claim[] {
    return this.#sql.exec<Claim>('SELECT * FROM claims WHERE state = ? ORDER BY fold', state).toArray()
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

  /** Forgets what was begun. */
  abandon(): void {
    this.#sql.exec("DELETE FROM claims WHERE state = 'pending'")
  }

  /**
   * What is pending becomes the name, as `name`; held keys that are not among `folds` are to be retired. `chosen`: by
   * the viewer, who may do that only so often.
   */
  commit(name: string, folds: readonly string[], now: number, chosen: boolean): void {
    this.#storage.transactionSync(() => {
      for (const { fold } of this.of('held')) if (!folds.includes(fold)) this.#retire(fold, now)
      this.#sql.exec("UPDATE claims SET state = 'held', told = 0, since = ? WHERE state = 'pending'", now)
      this.#sql.exec("UPDATE claims SET name = ? WHERE state = 'held'", name)
      if (chosen) this.#countRename(now)
      this.#row.raiseVersion()
    })
  }

  /** Gives the name up, and leaves the account without one. */
  surrender(now: number): void {
    this.#storage.transactionSync(() => {
      for (const { fold } of this.of('held')) this.#retire(fold, now)
      this.#row.raiseVersion()
    })
  }

  /** The same by the operator's will, for good. `revoke` takes back what says this name, in the same transaction. */
  lose(folds: readonly string[], now: number, revoke: () => void): void {
    this.#storage.transactionSync(() => {
      this.lost.add(folds, now)
      if (!folds.some((fold) => this.holdOf(fold) === 'held')) return
      for (const { fold } of this.of('held')) this.#retire(fold, now)
      revoke()
    })
  }

  told(fold: string): void {
    this.#sql.exec('UPDATE claims SET told = 1 WHERE fold = ?', fold)
  }

  forget(fold: string): void {
    this.#sql.exec("DELETE FROM claims WHERE fold = ? AND state = 'retiring'", fold)
  }

  /** Puts off what could not be settled at `now`, so that the alarm does not ring without end. */
  postpone(now: number): void {
    this.#sql.exec("UPDATE claims SET since = ? WHERE state != 'held' OR told = 0", now)
  }

  /** Seconds until the name may be changed again; 0 if it may be now. */
  renameWait(now: number): number {
    const recent = this.#sql
      .exec<{ at: number }>('SELECT at FROM renames WHERE at > ? ORDER BY at DESC', now - DAY_MS)
      .toArray()
    const freeing = recent[MAX_RENAMES_PER_DAY - 1]
    return freeing === undefined ? 0 : Math.ceil((freeing.at + DAY_MS - now) / 1000)
  }

  /** When something is left over to settle (ms). */
  due(): number | undefined {
    const { since } = this.#sql
      .exec<{ since: number | null }>(
        "SELECT min(since) AS since FROM claims WHERE state != 'held' OR told = 0",
      )
      .one()
    return earliest(since === null ? null : since + NAME_LEASE_MS, this.lost.due())
  }

  #retire(fold: string, now: number): void {
    this.#sql.exec("UPDATE claims SET state = 'retiring', since = ? WHERE fold = ?", now, fold)
  }

  #countRename(now: number): void {
    this.#sql.exec('DELETE FROM renames WHERE at <= ?', now - DAY_MS)
    this.#sql.exec('INSERT INTO renames VALUES (?)', now)
  }
}
