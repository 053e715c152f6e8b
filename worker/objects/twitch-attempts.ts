import type { DeviceId } from '../../protocol/device'
import { MAX_TWITCH_ATTEMPTS } from '../limits'

export interface AttemptRow {
  id: string
  device: DeviceId
  redirect: string
  nonce: string
  verifier: string
  expiresAt: number
}

/**
 * Tries to link a Twitch account: each goes to Twitch, comes back once, and is redeemed once by the device that began.
 * Every method is synchronous: nothing comes between a look and what follows from it.
 */
export class TwitchAttempts {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  create(): void {
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS twitch_attempts (
        id TEXT PRIMARY KEY, device TEXT NOT NULL, redirect TEXT NOT NULL, nonce TEXT NOT NULL, verifier TEXT NOT NULL,
        expires_at INTEGER NOT NULL, came_back INTEGER NOT NULL DEFAULT 0, result TEXT UNIQUE, answer TEXT
      )
    `)
  }

  /** Beyond `MAX_TWITCH_ATTEMPTS` the oldest that is still under way is given up. */
  add({ id, device, redirect, nonce, verifier, expiresAt }: AttemptRow): void {
    this.#sql.exec(
      'INSERT INTO twitch_attempts (id, device, redirect, nonce, verifier, expires_at) VALUES (?, ?, ?, ?, ?, ?)',
      id,
      device,
      redirect,
      nonce,
      verifier,
      expiresAt,
    )
    this.#sql.exec(
      `DELETE FROM twitch_attempts WHERE came_back = 0 AND id NOT IN
        (SELECT id FROM twitch_attempts WHERE came_back = 0 ORDER BY expires_at DESC, rowid DESC LIMIT ?)`,
      MAX_TWITCH_ATTEMPTS,
    )
  }

  /** An attempt that Twitch has yet to answer. */
  open(id: string, now: number): { nonce: string; verifier: string } | undefined {
    const [row] = this.#sql.exec<{ nonce: string; verifier: string }>(
      'SELECT nonce, verifier FROM twitch_attempts WHERE id = ? AND came_back = 0 AND expires_at > ?',
      id,
      now,
    )
    return row
  }

  /** The same, for its answer: at the second time there is none. */
  take(id: string, now: number): { nonce: string; verifier: string; redirect: string } | undefined {
    const [row] = this.#sql.exec<{ nonce: string; verifier: string; redirect: string }>(
      `UPDATE twitch_attempts SET came_back = 1 WHERE id = ? AND came_back = 0 AND expires_at > ?
        RETURNING nonce, verifier, redirect`,
      id,
      now,
    )
    return row
  }

  /** Keeps a sealed answer under `result` until `expiresAt` (ms). `false` if the attempt was given up meanwhile. */
  answer(id: string, result: string, answer: string, expiresAt: number): boolean {
    const kept = this.#sql.exec(
      'UPDATE twitch_attempts SET result = ?, answer = ?, expires_at = ? WHERE id = ? AND came_back = 1 RETURNING id',
      result,
      answer,
      expiresAt,
      id,
    )
    return kept.toArray().length === 1
  }

  /** The answer for `result`, once and for the device that began. */
  redeem(device: DeviceId, result: string, now: number): string | undefined {
    const [row] = this.#sql.exec<{ answer: string }>(
      'DELETE FROM twitch_attempts WHERE result = ? AND device = ? AND expires_at > ? RETURNING answer',
      result,
      device,
      now,
    )
    return row?.answer
  }

  /** Forgets what is over. Returns the answers that nobody came for. */
  prune(now: number): string[] {
    const over = this.#sql.exec<{ answer: string | null }>(
      'DELETE FROM twitch_attempts WHERE expires_at <= ? RETURNING answer',
      now,
    )
    return over.toArray().flatMap(({ answer }) => answer ?? [])
  }

  /** Those under way, for the account's owner; what binds them to Twitch is secret. */
  export(): { device: string; redirect: string; expiresAt: number }[] {
    return this.#sql
      .exec<{ device: string; redirect: string; expiresAt: number }>(
        'SELECT device, redirect, expires_at AS expiresAt FROM twitch_attempts ORDER BY expires_at',
      )
      .toArray()
  }

  /** When there is something to prune (ms). */
  due(): number | undefined {
    const { at } = this.#sql
      .exec<{ at: number | null }>('SELECT min(expires_at) AS at FROM twitch_attempts')
      .one()
    return at ?? undefined
  }
}
