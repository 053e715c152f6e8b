import { DurableObject } from 'cloudflare:workers'
import { type AccountId, accountIdSchema } from '../../protocol/device'
import type { Env } from '../env'
import { TWITCH_HOLD_MS } from '../limits'
import type { TwitchClaim, TwitchRegistryPort } from '../twitch/ports'
import { armAlarm } from './alarm'

interface OwnerRow {
  [column: string]: SqlStorageValue
  account: string
  turn: number
  /** Given up: nobody else's before then (ms). `null`: held, or the registry has not heard. */
  until: number | null
}

/**
 * One Twitch account, of which only the HMAC of its id is known: it names this object. Says whose it is, so that one
 * Twitch account vouches for one account of ours: also for as long as passports say so that were given out before it
 * was let go. The account's own storage decides; this is where others look, and where they find out that it has decided
 * otherwise.
 */
export class TwitchRegistry extends DurableObject<Env> implements TwitchRegistryPort {
  async claim(pseudonym: string, owner: AccountId): Promise<TwitchClaim> {
    const row = this.#owner()
      .exec<OwnerRow>(
        `INSERT INTO owner VALUES (1, ?, 1, NULL) ON CONFLICT DO UPDATE
          SET turn = turn + (account = excluded.account), until = iif(account = excluded.account, NULL, until)
          RETURNING account, turn, until`,
        owner,
      )
      .one()
    const holder = accountIdSchema.parse(row.account)
    if (holder === owner) return { outcome: 'yours' }
    const hold = row.until === null ? await this.#holdBy(holder, pseudonym) : 'none'
    if (hold === 'held' || hold === 'pending') return { outcome: 'taken' }
    if (hold === 'given-up') await this.#hold(holder, row.turn)
    // `turn`: if the holder claimed again while we asked, the answer was about an earlier claim. `until`: if it let go
    // meanwhile, it says "none" of what it just held.
    const taken = this.#owner().exec(
      `INSERT INTO owner VALUES (1, ?, 1, NULL) ON CONFLICT DO UPDATE
        SET account = excluded.account, turn = turn + 1, until = NULL
        WHERE account = ? AND turn = ? AND (until IS NULL OR until <= ?) RETURNING account`,
      owner,
      holder,
      row.turn,
      Date.now(),
    )
    if (taken.toArray().length === 1) return { outcome: 'yours' }
    const { until } = this.#owner().exec<OwnerRow>('SELECT * FROM owner').one()
    return until === null ? { outcome: 'taken' } : { outcome: 'on-hold', until }
  }

  async release(owner: AccountId): Promise<void> {
    if (this.#exists()) await this.#hold(owner)
  }

  /** Whose it was is forgotten as soon as it does not matter any more. */
  override async alarm(): Promise<void> {
    if (!this.#exists()) return
    const [row] = this.#owner().exec<OwnerRow>('SELECT * FROM owner')
    const until = row?.until ?? undefined
    if (until === undefined) return
    if (until <= Date.now()) await this.ctx.storage.deleteAll()
    else await armAlarm(this.ctx.storage, until)
  }

  #holdBy(holder: AccountId, pseudonym: string) {
    const asked = this.env.ACCOUNTS.getByName(holder).holdsTwitch(pseudonym)
    return asked.catch(() => 'pending' as const)
  }

  /** Begins the hold for `owner`, unless it has begun or is about an earlier `turn`. */
  async #hold(owner: AccountId, turn?: number): Promise<void> {
    const until = Date.now() + TWITCH_HOLD_MS
    this.#owner().exec(
      'UPDATE owner SET until = ? WHERE account = ? AND until IS NULL AND turn = ifnull(?, turn)',
      until,
      owner,
      turn ?? null,
    )
    await armAlarm(this.ctx.storage, until)
  }

  #exists(): boolean {
    const { sql } = this.ctx.storage
    return sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'owner'").toArray().length > 0
  }

  /** The table, made when it is needed: an object that nobody owns stores nothing. */
  #owner(): SqlStorage {
    const { sql } = this.ctx.storage
    sql.exec(
      'CREATE TABLE IF NOT EXISTS owner (row INTEGER PRIMARY KEY CHECK (row = 1), account TEXT NOT NULL, turn INTEGER NOT NULL, until INTEGER)',
    )
    // Made before there were holds.
    const [known] = sql.exec("SELECT 1 FROM pragma_table_info('owner') WHERE name = 'until'")
    if (known === undefined) sql.exec('ALTER TABLE owner ADD COLUMN until INTEGER')
    return sql
  }
}
