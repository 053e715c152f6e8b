import type { DeviceId } from '../../protocol/device'
import { DEVICE_PACES } from '../limits'
import type { Paced } from '../ports'
import { takeOne } from './gcra'

/**
 * How often each device asked for something, as one number per pair: when all it took would be paid back. On disk,
 * because an object sleeps after seconds and would forget. A row that is paid back is dropped, so there are as many as
 * devices asked lately.
 */
export class DevicePace {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  /** Takes one at `now` (ms). 0 if it was granted, else after how many seconds the next is. */
  take(paced: Paced, device: DeviceId, now: number): number {
    // Here and not with the account, so that accounts from before have it, too.
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS pace (
        what TEXT NOT NULL, device TEXT NOT NULL, paid_at INTEGER NOT NULL, PRIMARY KEY (what, device)
      ) WITHOUT ROWID
    `)
    this.#sql.exec('DELETE FROM pace WHERE paid_at <= ?', now)
    const [row] = this.#sql.exec<{ paid_at: number }>(
      'SELECT paid_at FROM pace WHERE what = ? AND device = ?',
      paced,
      device,
    )
    const grant = takeOne(row?.paid_at, now, DEVICE_PACES[paced])
    if ('retryAfter' in grant) return grant.retryAfter
    this.#sql.exec(
      'INSERT INTO pace VALUES (?, ?, ?) ON CONFLICT (what, device) DO UPDATE SET paid_at = excluded.paid_at',
      paced,
      device,
      grant.paidAt,
    )
    return 0
  }
}
