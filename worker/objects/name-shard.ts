import { DurableObject } from 'cloudflare:workers'
import { type AccountId, accountIdSchema } from '../../protocol/device'
import type { Env } from '../env'
import { NAME_HOLD_MS, NAME_LEASE_MS } from '../limits'
import type { NameShardPort } from '../ports'
import { armAlarm } from './alarm'

/**
 * One of 256 shards of the name registry: for each folded name, whose it is. `until` is null for a confirmed
 * name; otherwise (leased, or given up) the owner's account is asked then whether it still wants it.
 */
export class NameShard extends DurableObject<Env> implements NameShardPort {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    ctx.storage.sql.exec(
      'CREATE TABLE IF NOT EXISTS names (fold TEXT PRIMARY KEY, owner TEXT NOT NULL, until INTEGER)',
    )
  }

  /** Whether `owner` may have the name: nobody else has it, holds a lease on it, or gave it up lately. */
  async reserve(fold: string, owner: AccountId): Promise<boolean> {
    const { sql } = this.ctx.storage
    const until = Date.now() + NAME_LEASE_MS
    const won = sql.exec(
      'INSERT INTO names VALUES (?, ?, ?) ON CONFLICT DO NOTHING RETURNING fold',
      fold,
      owner,
      until,
    )
    if (won.toArray().length === 0) {
      const renewed = sql.exec(
        'UPDATE names SET until = max(until, ?) WHERE fold = ? AND owner = ? RETURNING fold',
        until,
        fold,
        owner,
      )
      if (renewed.toArray().length === 0) return false
    }
    await this.#arm()
    return true
  }

  /** The account has committed the name. `false` if it is somebody else's, which a lease rules out. */
  async confirm(fold: string, owner: AccountId): Promise<boolean> {
    const kept = this.ctx.storage.sql.exec(
      `INSERT INTO names VALUES (?, ?, NULL)
        ON CONFLICT (fold) DO UPDATE SET until = NULL WHERE owner = excluded.owner RETURNING fold`,
      fold,
      owner,
    )
    return kept.toArray().length === 1
  }

  /** The account has given the name up; it stays its owner's for 30 days. */
  async retire(fold: string, owner: AccountId): Promise<void> {
    const until = Date.now() + NAME_HOLD_MS
    this.ctx.storage.sql.exec('UPDATE names SET until = ? WHERE fold = ? AND owner = ?', until, fold, owner)
    await this.#arm()
  }

  override async alarm(): Promise<void> {
    const { sql } = this.ctx.storage
    const due = sql.exec('SELECT fold, owner, until FROM names WHERE until <= ?', Date.now()).toArray()
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
      .exec<{ until: number | null }>('SELECT min(until) AS until FROM names')
      .one()
    await armAlarm(this.ctx.storage, until ?? undefined)
  }
}
