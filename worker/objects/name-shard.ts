import { DurableObject } from 'cloudflare:workers'
import { type AccountId, accountIdSchema } from '../../protocol/device'
import type { Env } from '../env'
import { MAX_LAPSES_PER_ALARM, NAME_HOLD_MS, NAME_LEASE_MS } from '../limits'
import type { NameShardPort, NameStanding } from '../ports'
import { armAlarm } from './alarm'

/**
 * One of 256 shards of the name registry: for each folded name, whose it is. `until` is null for a confirmed
 * name; otherwise (leased, or given up) the owner's account is asked then whether it still wants it. `ver` is the
 * account's version that was last heard of: word from an older one came late, and is let pass.
 */
export class NameShard extends DurableObject<Env> implements NameShardPort {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    const { sql } = ctx.storage
    sql.exec('CREATE TABLE IF NOT EXISTS names (fold TEXT PRIMARY KEY, owner TEXT NOT NULL, until INTEGER)')
    // Most names are confirmed, and looked at by no alarm.
    sql.exec('CREATE INDEX IF NOT EXISTS names_until ON names (until) WHERE until IS NOT NULL')
    const [known] = sql.exec("SELECT 1 FROM pragma_table_info('names') WHERE name = 'ver'")
    if (known === undefined) sql.exec('ALTER TABLE names ADD COLUMN ver INTEGER NOT NULL DEFAULT 0')
  }

  /** Whose a name is, seen by `asker`. Changes nothing. */
  async standing(fold: string, asker: AccountId): Promise<NameStanding> {
    const [row] = this.ctx.storage.sql.exec<{ owner: string }>('SELECT owner FROM names WHERE fold = ?', fold)
    if (row === undefined) return 'free'
    return row.owner === asker ? 'yours' : 'taken'
  }

  /** Whether `owner` may have the name: nobody else has it, holds a lease on it, or gave it up lately. */
  async reserve(fold: string, owner: AccountId): Promise<boolean> {
    const until = Date.now() + NAME_LEASE_MS
    const won = this.ctx.storage.sql.exec(
      `INSERT INTO names (fold, owner, until) VALUES (?, ?, ?)
        ON CONFLICT (fold) DO UPDATE SET until = max(until, excluded.until) WHERE owner = excluded.owner
        RETURNING fold`,
      fold,
      owner,
      until,
    )
    if (won.toArray().length === 0) return false
    await this.#arm()
    return true
  }

  /** The account has committed the name. `false` if it is somebody else's, which a lease rules out. */
  async confirm(fold: string, owner: AccountId, ver: number): Promise<boolean> {
    const { sql } = this.ctx.storage
    sql.exec(
      `INSERT INTO names (fold, owner, until, ver) VALUES (?, ?, NULL, ?)
        ON CONFLICT (fold) DO UPDATE SET until = NULL, ver = excluded.ver
        WHERE owner = excluded.owner AND ver <= excluded.ver`,
      fold,
      owner,
      ver,
    )
    return (await this.standing(fold, owner)) === 'yours'
  }

  /** The account has given the name up; it stays its owner's for 30 days. */
  async retire(fold: string, owner: AccountId, ver: number): Promise<void> {
    const until = Date.now() + NAME_HOLD_MS
    this.ctx.storage.sql.exec(
      'UPDATE names SET until = ?, ver = ? WHERE fold = ? AND owner = ? AND ver <= ?',
      until,
      ver,
      fold,
      owner,
      ver,
    )
    await this.#arm()
  }

  async ownerOf(fold: string): Promise<AccountId | null> {
    const [row] = this.ctx.storage.sql.exec('SELECT owner FROM names WHERE fold = ?', fold)
    return row === undefined ? null : accountIdSchema.parse(row.owner)
  }

  async free(fold: string, owner: AccountId): Promise<void> {
    this.ctx.storage.sql.exec(
      'DELETE FROM names WHERE fold = ? AND owner = ? AND until IS NOT NULL',
      fold,
      owner,
    )
  }

  override async alarm(): Promise<void> {
    const { sql } = this.ctx.storage
    const due = sql
      .exec('SELECT fold, owner, until FROM names WHERE until <= ? LIMIT ?', Date.now(), MAX_LAPSES_PER_ALARM)
      .toArray()
    for (const { fold, owner, until } of due) {
      await this.#lapse(String(fold), accountIdSchema.parse(owner), Number(until))
    }
    await this.#arm()
  }

  /** Lets a name go, unless its owner committed it without our hearing of it, or is about to. */
  async #lapse(fold: string, owner: AccountId, until: number): Promise<void> {
    const { sql } = this.ctx.storage
    const hold = await this.env.ACCOUNTS.getByName(owner)
      .holdOf(fold)
      .catch(() => 'pending' as const)
    // `until` in each condition: if it moved while we asked, the answer is about another claim.
    if (hold === 'held') sql.exec('UPDATE names SET until = NULL WHERE fold = ? AND until = ?', fold, until)
    else if (hold === 'none') sql.exec('DELETE FROM names WHERE fold = ? AND until = ?', fold, until)
    else
      sql.exec(
        'UPDATE names SET until = ? WHERE fold = ? AND until = ?',
        Date.now() + NAME_LEASE_MS,
        fold,
        until,
      )
  }

  async #arm(): Promise<void> {
    const { until } = this.ctx.storage.sql
      .exec<{ until: number | null }>('SELECT min(until) AS until FROM names WHERE until IS NOT NULL')
      .one()
    await armAlarm(this.ctx.storage, until ?? undefined)
  }
}
