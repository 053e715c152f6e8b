import type { DeviceId } from '../../protocol/device'
import { LAST_SEEN_STEP_MS, MAX_DEVICES } from '../limits'

/** The devices of one account: each a browser profile that may get tokens, passports and tickets. */
export class DeviceList {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  create(): void {
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS devices (
        device TEXT PRIMARY KEY, seal TEXT NOT NULL, added_at INTEGER NOT NULL, seen_at INTEGER NOT NULL
      )
    `)
  }

  /** Adds a device, or renews its seal key; beyond `MAX_DEVICES` the one silent longest is ended. */
  add(device: DeviceId, seal: string, now: number): void {
    this.#sql.exec(
      `INSERT INTO devices VALUES (?, ?, ?, ?)
        ON CONFLICT (device) DO UPDATE SET seal = excluded.seal, seen_at = excluded.seen_at`,
      device,
      seal,
      now,
      now,
    )
    this.#sql.exec(
      'DELETE FROM devices WHERE device NOT IN (SELECT device FROM devices ORDER BY seen_at DESC, added_at DESC LIMIT ?)',
      MAX_DEVICES,
    )
  }

  /** The device's seal key, if it is one of ours. */
  sealOf(device: DeviceId): string | undefined {
    const [row] = this.#sql.exec<{ seal: string }>('SELECT seal FROM devices WHERE device = ?', device)
    return row?.seal
  }

  seen(device: DeviceId, now: number): void {
    this.#sql.exec(
      'UPDATE devices SET seen_at = ? WHERE device = ? AND seen_at < ?',
      now,
      device,
      now - LAST_SEEN_STEP_MS,
    )
  }

  end(device: DeviceId): void {
    this.#sql.exec('DELETE FROM devices WHERE device = ?', device)
  }
}
