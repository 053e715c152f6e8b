import { type AccountId, accountIdSchema, type DeviceId } from '../../protocol/device'
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

/** A code that its device may still show, for the first time or again. */
interface OpenCode {
  id: string
  hash: string
  expiresAt: number
}

/**
 * The codes of one address: the live ones, what those that were traded in were answered, and the tries of each device.
 * A device's tries are counted until its last code has expired, so that asking again resets nothing.
 * Every method is synchronous: nothing comes between a count and what follows from it.
 */
export class CodeLedger {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
    // Addresses from before have no answers.
    if (this.exists()) this.create()
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
      CREATE TABLE IF NOT EXISTS answers (
        id TEXT PRIMARY KEY, device TEXT NOT NULL, hash TEXT NOT NULL, account TEXT NOT NULL, expires_at INTEGER NOT NULL
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

  /** Those that were traded in are among them. */
  liveOf(device: DeviceId, now: number): OpenCode[] {
    return this.#sql
      .exec<{ id: string; hash: string; expires_at: number }>(
        `SELECT id, hash, expires_at FROM codes WHERE device = ?1 AND expires_at > ?2
          UNION ALL SELECT id, hash, expires_at FROM answers WHERE device = ?1 AND expires_at > ?2`,
        device,
        now,
      )
      .toArray()
      .map(({ id, hash, expires_at }) => ({ id, hash, expiresAt: expires_at }))
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

  /**
   * Uses a code up, and with it everything its device has open; its tries begin anew. `false` if another request was
   * first.
   */
  consume(id: string, device: DeviceId): boolean {
    const [used] = this.#sql.exec('DELETE FROM codes WHERE id = ? RETURNING id', id)
    if (!used) return false
    this.#sql.exec('DELETE FROM codes WHERE device = ?', device)
    this.#sql.exec('UPDATE tries SET count = 0 WHERE device = ?', device)
    return true
  }

  /** Notes what a code was answered, for as long as it would have lived. */
  remember({ id, hash, expiresAt }: OpenCode, device: DeviceId, account: AccountId): void {
    this.#sql.exec('INSERT INTO answers VALUES (?, ?, ?, ?, ?)', id, device, hash, account, expiresAt)
  }

  /** What a code was answered before, if it was. */
  answerOf(id: string): AccountId | undefined {
    const [answer] = this.#sql.exec('SELECT account FROM answers WHERE id = ?', id)
    return answer && accountIdSchema.parse(answer.account)
  }

  replaceAnswers(before: AccountId, after: AccountId): void {
    this.#sql.exec('UPDATE answers SET account = ? WHERE account = ?', after, before)
  }

  /** Nothing is answered again: to `device`, or to all of them. */
  forgetAnswers(device?: DeviceId): void {
    if (device === undefined) this.#sql.exec('DELETE FROM answers')
    else this.#sql.exec('DELETE FROM answers WHERE device = ?', device)
  }

  prune(now: number): void {
    this.#sql.exec('DELETE FROM codes WHERE expires_at <= ?', now)
    this.#sql.exec('DELETE FROM answers WHERE expires_at <= ?', now)
    this.#sql.exec('DELETE FROM tries WHERE until <= ?', now)
  }

  /** When there is something to prune (ms). */
  due(): number | undefined {
    const { code, answer, tries } = this.#sql
      .exec<{ code: number | null; answer: number | null; tries: number | null }>(
        `SELECT (SELECT min(expires_at) FROM codes) AS code, (SELECT min(expires_at) FROM answers) AS answer,
          (SELECT min(until) FROM tries) AS tries`,
      )
      .one()
    return earliest(code, answer, tries)
  }
}
