import { DurableObject } from 'cloudflare:workers'
import { type AccountId, accountIdSchema } from '../../protocol/device'
import type { Env } from '../env'
import type { TwitchRegistryPort } from '../twitch/ports'

/**
 * One Twitch account, of which only the HMAC of its id is known: it names this object. Says whose it is, so that one
 * Twitch account vouches for one account of ours. The account's own storage decides; this is where others look, and
 * where they find out that it has decided otherwise.
 */
export class TwitchRegistry extends DurableObject<Env> implements TwitchRegistryPort {
  async claim(pseudonym: string, owner: AccountId): Promise<boolean> {
    const [row] = this.#owner().exec(
      `INSERT INTO owner VALUES (1, ?, 1)
        ON CONFLICT DO UPDATE SET turn = turn + (account = excluded.account) RETURNING account, turn`,
      owner,
    )
    const holder = accountIdSchema.parse(row?.account)
    if (holder === owner) return true
    const hold = await this.env.ACCOUNTS.getByName(holder)
      .holdsTwitch(pseudonym)
      .catch(() => 'pending' as const)
    if (hold !== 'none') return false
    // `turn`: if the holder claimed again while we asked, the answer was about an earlier claim.
    const taken = this.#owner().exec(
      `INSERT INTO owner VALUES (1, ?, 1) ON CONFLICT DO UPDATE SET account = excluded.account, turn = turn + 1
        WHERE account = ? AND turn = ? RETURNING account`,
      owner,
      holder,
      Number(row?.turn),
    )
    return taken.toArray().length === 1
  }

  async release(owner: AccountId): Promise<void> {
    const { sql } = this.ctx.storage
    if (sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'owner'").toArray().length === 0) return
    const [left] = sql.exec('SELECT 1 FROM owner WHERE account != ?', owner)
    if (!left) await this.ctx.storage.deleteAll()
  }

  /** The table, made when it is needed: an object that nobody owns stores nothing. */
  #owner(): SqlStorage {
    const { sql } = this.ctx.storage
    sql.exec(
      'CREATE TABLE IF NOT EXISTS owner (row INTEGER PRIMARY KEY CHECK (row = 1), account TEXT NOT NULL, turn INTEGER NOT NULL)',
    )
    return sql
  }
}
