import { type AccountId, accountIdSchema } from '../../protocol/device'

/** The account itself: its id and the version of what its passports say (0 until it has a name). */
export class AccountRow {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  create(): void {
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS account (
        row INTEGER PRIMARY KEY CHECK (row = 1), id TEXT NOT NULL, ver INTEGER NOT NULL, created_at INTEGER NOT NULL
      )
    `)
  }

  add(account: AccountId, now: number): void {
    this.#sql.exec('INSERT INTO account VALUES (1, ?, 0, ?) ON CONFLICT DO NOTHING', account, now)
  }

  /** `undefined` as long as nobody has signed in to this account. */
  account(): AccountId | undefined {
    if (this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'account'").toArray().length === 0)
      return undefined
    const [row] = this.#sql.exec('SELECT id FROM account')
    return row === undefined ? undefined : accountIdSchema.parse(row.id)
  }

  version(): number {
    return this.#sql.exec<{ ver: number }>('SELECT ver FROM account').one().ver
  }

  /** When somebody first signed in (ms). */
  createdAt(): number {
    return this.#sql.exec<{ created_at: number }>('SELECT created_at FROM account').one().created_at
  }

  raiseVersion(): void {
    this.#sql.exec('UPDATE account SET ver = ver + 1')
  }
}
