import type { DeviceId } from '../../protocol/device'
import { CODE_ATTEMPTS } from '../../protocol/limits'
import { earliest } from './alarm'

interface LiveCode {
  id: string
  device: DeviceId
  /** Of the asker. A returning browser counts as a network of its own. */
  network: string
  hash: string
  expiresAt: number
}

/**
 * The codes of one address: the live ones, and the tries of each device.
 * A device's tries are counted until its last code has expired, so that asking again resets nothing.
 * Every method is synchronous: nothing comes between a count and what follows from it.
 */
export class CodeLedger {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  /** Whether a code was ever asked for here. Guesses at an unknown address must not create anything. */
  exists(): boolean {
    return this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'codes'").toArray().length > 0
  }

  create(): void {
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS codes (
        id TEXT PRIMARY KEY, device TEXT NOT NULL, network TEXT NOT NULL, hash TEXT NOT NULL, expires_at INTEGER NOT NULL
      );
      CREATE TABLE IF NOT EXISTS tries (device TEXT PRIMARY KEY, count INTEGER NOT NULL, until INTEGER NOT NULL);
    `)
  }

  add({ id, device, network, hash, expiresAt }: LiveCode, now: number): void {
    this.#sql.exec('INSERT INTO codes VALUES (?, ?, ?, ?, ?)', id, device, network, hash, expiresAt)
    this.#sql.exec('DELETE FROM tries WHERE device = ? AND until <= ?', device, now)
    this.#sql.exec(
      'INSERT INTO tries VALUES (?, 0, ?) ON CONFLICT (device) DO UPDATE SET until = excluded.until',
      device,
      expiresAt,
    )
  }

  withdraw(id: string): void {
    this.#sql.exec('DELETE FROM codes WHERE id = ?', id)
  }

  liveOf(device: DeviceId, now: number): { id: string; hash: string }[] {
    return this.#sql
      .exec<{ id: string; hash: string }>(
        'SELECT id, hash FROM codes WHERE device = ? AND expires_at > ?',
        device,
        now,
      )
      .toArray()
  }

  /** Until when (ms) a device that used up its tries has to wait; `undefined` if it has tries left. */
  exhaustedUntil(device: DeviceId, now: number): number | undefined {
    const [tries] = this.#sql.exec<{ until: number }>(
      'SELECT until FROM tries WHERE device = ? AND until > ? AND count >= ?',
      device,
      now,
      CODE_ATTEMPTS,
    )
    return tries?.until
  }

  countTry(device: DeviceId): void {
    this.#sql.exec('UPDATE tries SET count = count + 1 WHERE device = ?', device)
  }

  /** Until when (ms) a network must wait that has `most` codes open; `undefined` if it may ask for one more. */
  liveUntil(network: string, now: number, most: number): number | undefined {
    const { count, until } = this.#sql
      .exec<{ count: number; until: number | null }>(
        'SELECT count(*) AS count, min(expires_at) AS until FROM codes WHERE network = ? AND expires_at > ?',
        network,
        now,
      )
      .one()
    return count >= most && until !== null ? until : undefined
  }

  /** Uses a code up, and with it everything its device has open. `false` if another request was first. */
  consume(id: string, device: DeviceId): boolean {
    const [used] = this.#sql.exec('DELETE FROM codes WHERE id = ? RETURNING id', id)
    if (!used) return false
    this.#sql.exec('DELETE FROM codes WHERE device = ?', device)
    this.#sql.exec('DELETE FROM tries WHERE device = ?', device)
    return true
  }

  prune(now: number): void {
    this.#sql.exec('DELETE FROM codes WHERE expires_at <= ?', now)
    this.#sql.exec('DELETE FROM tries WHERE until <= ?', now)
  }

  /** When there is something to prune (ms). */
  due(): number | undefined {
    const { code, tries } = this.#sql
      .exec<{ code: number | null; tries: number | null }>(
        'SELECT (SELECT min(expires_at) FROM codes) AS code, (SELECT min(until) FROM tries) AS tries',
      )
      .one()
    return earliest(code, tries)
  }
}
