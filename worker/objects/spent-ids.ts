import { SPENT_ID_BATCH_MS } from '../limits'

/** Remembers ids that must not be used twice (`jti`), each until it would be refused for its age anyway. */
export class SpentIds {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  /** Creates the table; apart from the constructor, so that an object that is only asked stores nothing. */
  create(): void {
    this.#sql.exec(
      'CREATE TABLE IF NOT EXISTS spent (id TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID',
    )
  }

  /** Whether this is the first use of `id`. */
  spend(id: string, until: number): boolean {
    const spent = this.#sql.exec(
      'INSERT INTO spent (id, until) VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING id',
      id,
      until,
    )
    return spent.toArray().length === 1
  }

  count(): number {
    return this.#sql.exec<{ count: number }>('SELECT count(*) AS count FROM spent').one().count
  }

  prune(now: number): void {
    this.#sql.exec('DELETE FROM spent WHERE until <= ?', now)
  }

  /** When pruning is worth waking for (ms). */
  due(): number | undefined {
    const { until } = this.#sql.exec<{ until: number | null }>('SELECT min(until) AS until FROM spent').one()
    return until === null ? undefined : until + SPENT_ID_BATCH_MS
  }
}
