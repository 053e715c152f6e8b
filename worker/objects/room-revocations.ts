import { decodeJwt } from 'jose'
import { MAX_REVOCATIONS, MAX_REVOCATIONS_PER_FRAME } from '../../protocol/limits'
import type { Passport } from '../../protocol/passport'
import { encodeToMember } from '../../protocol/room-socket'
import { MAX_REVOCATIONS_PER_ACCOUNT, SPENT_ID_BATCH_MS } from '../limits'
import type { SignedRevocation, SocketTicket } from '../ports'

/** What one room remembers of passports that count no more, for those who come: each until it expires. */
export class RoomRevocations {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  /** Remembers a revocation. Of too many those are forgotten that expire first, of one account before all. */
  add({ jwt, claims }: SignedRevocation, now: number): void {
    this.#create()
    this.prune(now)
    const { sub, device, ver, exp } = claims
    this.#sql.exec(
      'INSERT INTO revoked VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
      jwt,
      sub,
      device ?? null,
      ver,
      exp * 1000,
    )
    this.#sql.exec(
      `DELETE FROM revoked WHERE account = ? AND jwt NOT IN
        (SELECT jwt FROM revoked WHERE account = ? ORDER BY until DESC, jwt LIMIT ?)`,
      sub,
      sub,
      MAX_REVOCATIONS_PER_ACCOUNT,
    )
    this.#sql.exec(
      'DELETE FROM revoked WHERE jwt NOT IN (SELECT jwt FROM revoked ORDER BY until DESC, jwt LIMIT ?)',
      MAX_REVOCATIONS,
    )
  }

  /** Whether a ticket was given out before its bearer was revoked. */
  covers({ account, device, ver }: Pick<SocketTicket, 'account' | 'device' | 'ver'>, now: number): boolean {
    if (!this.#exists()) return false
    const covering = this.#sql.exec(
      'SELECT 1 FROM revoked WHERE account = ? AND (device IS NULL OR device = ?) AND ver >= ? AND until > ? LIMIT 1',
      account,
      device,
      ver,
      now,
    )
    return covering.toArray().length > 0
  }

  /** Whether a passport had been revoked by `ms`. */
  coversAt({ sub, device, ver }: Pick<Passport, 'sub' | 'device' | 'ver'>, ms: number): boolean {
    if (!this.#exists()) return false
    return this.#sql
      .exec<{ jwt: string }>(
        'SELECT jwt FROM revoked WHERE account = ? AND (device IS NULL OR device = ?) AND ver >= ?',
        sub,
        device,
        ver,
      )
      .toArray()
      .some(({ jwt }) => (decodeJwt(jwt).iat ?? 0) * 1000 <= ms)
  }

  /** Socket messages that say all of them. */
  messages(now: number): Uint8Array<ArrayBuffer>[] {
    if (!this.#exists()) return []
    const jwts = this.#sql
      .exec<{ jwt: string }>('SELECT jwt FROM revoked WHERE until > ? ORDER BY until DESC', now)
      .toArray()
      .map(({ jwt }) => jwt)
    const batches = Math.ceil(jwts.length / MAX_REVOCATIONS_PER_FRAME)
    return Array.from({ length: batches }, (_, index) =>
      encodeToMember({
        t: 'revoked',
        revocations: jwts.slice(index * MAX_REVOCATIONS_PER_FRAME, (index + 1) * MAX_REVOCATIONS_PER_FRAME),
      }),
    )
  }

  prune(now: number): void {
    if (this.#exists()) this.#sql.exec('DELETE FROM revoked WHERE until <= ?', now)
  }

  /** When pruning is worth waking for (ms). */
  due(): number | undefined {
    if (!this.#exists()) return undefined
    const { until } = this.#sql
      .exec<{ until: number | null }>('SELECT min(until) AS until FROM revoked')
      .one()
    return until === null ? undefined : until + SPENT_ID_BATCH_MS
  }

  #create(): void {
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS revoked (
        jwt TEXT PRIMARY KEY, account TEXT NOT NULL, device TEXT, ver INTEGER NOT NULL, until INTEGER NOT NULL
      ) WITHOUT ROWID
    `)
  }

  #exists(): boolean {
    return this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'revoked'").toArray().length > 0
  }
}
