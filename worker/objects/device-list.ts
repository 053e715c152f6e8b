import { type DeviceView, devicePlatformSchema } from '../../protocol/api'
import { type DeviceId, deviceIdSchema } from '../../protocol/device'
import { LAST_SEEN_STEP_MS, MAX_DEVICES } from '../limits'
import type { NewDevice } from '../ports'

/** The devices of one account: each a browser profile that may get tokens, passports and tickets. */
export class DeviceList {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  /** Also before anything reads platforms, so that accounts from before have the table. */
  create(): void {
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS devices (
        device TEXT PRIMARY KEY, seal TEXT NOT NULL, added_at INTEGER NOT NULL, seen_at INTEGER NOT NULL
      );
      CREATE TABLE IF NOT EXISTS platforms (device TEXT PRIMARY KEY, browser TEXT NOT NULL, system TEXT NOT NULL);
    `)
  }

  /**
   * Adds a device, or renews what is known of it. Beyond `MAX_DEVICES` those silent longest are ended; returns them.
   */
  add({ device, seal, platform }: NewDevice, now: number): DeviceId[] {
    this.#sql.exec(
      `INSERT INTO devices VALUES (?, ?, ?, ?)
        ON CONFLICT (device) DO UPDATE SET seal = excluded.seal, seen_at = excluded.seen_at`,
      device,
      seal,
      now,
      now,
    )
    this.#sql.exec('DELETE FROM platforms WHERE device = ?', device)
    if (platform)
      this.#sql.exec('INSERT INTO platforms VALUES (?, ?, ?)', device, platform.browser, platform.system)
    const surplus = this.#sql
      .exec('SELECT device FROM devices ORDER BY seen_at DESC, added_at DESC LIMIT -1 OFFSET ?', MAX_DEVICES)
      .toArray()
      .map((row) => deviceIdSchema.parse(row.device))
    for (const silent of surplus) this.end(silent)
    return surplus
  }

  /** The device's seal key, if it is one of ours. */
  sealOf(device: DeviceId): string | undefined {
    const [row] = this.#sql.exec<{ seal: string }>('SELECT seal FROM devices WHERE device = ?', device)
    return row?.seal
  }

  /** All of them as `current` sees them: itself first, then those seen last. */
  views(current?: DeviceId): DeviceView[] {
    this.create()
    return this.#sql
      .exec<{
        device: string
        added_at: number
        seen_at: number
        browser: string | null
        system: string | null
      }>(
        `SELECT * FROM devices LEFT JOIN platforms USING (device)
          ORDER BY device = ? DESC, seen_at DESC, added_at DESC`,
        current ?? null,
      )
      .toArray()
      .map(({ device, added_at, seen_at, browser, system }) => {
        const { data: platform } = devicePlatformSchema.safeParse({ browser, system })
        return {
          device: deviceIdSchema.parse(device),
          createdAt: added_at,
          seenAt: seen_at,
          current: device === current,
          ...(platform && { platform }),
        }
      })
  }

  seen(device: DeviceId, now: number): void {
    this.#sql.exec(
      'UPDATE devices SET seen_at = ? WHERE device = ? AND seen_at < ?',
      now,
      device,
      now - LAST_SEEN_STEP_MS,
    )
  }

  /** Whether it was one of ours until now. */
  end(device: DeviceId): boolean {
    this.create()
    this.#sql.exec('DELETE FROM platforms WHERE device = ?', device)
    return (
      this.#sql.exec('DELETE FROM devices WHERE device = ? RETURNING device', device).toArray().length > 0
    )
  }
}
