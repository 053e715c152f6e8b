import type { TwitchLink } from '../../protocol/api'
import { NAME_LEASE_MS } from '../limits'
import type { TwitchHold } from '../twitch/ports'
import type { AccountRow } from './account-row'
import { earliest } from './alarm'

/** The link as it is kept. `tokens` are sealed; a link that is gone has none. */
export interface LinkRow {
  [column: string]: SqlStorageValue
  user_id: string
  pseudonym: string
  login: string
  shown: number
  broadcaster: number
  tokens: string | null
  linked_at: number
  /** When Twitch is to be asked whether it still vouches (ms). */
  check_at: number
  /** When the account was last about (ms, coarse). */
  seen_at: number
}

/** A token that is to be taken back at Twitch, sealed. */
interface Leftover {
  [column: string]: SqlStorageValue
  id: number
  tokens: string
  tries: number
}

/**
 * What an account knows about its Twitch account. `twitch_claims` follows the registry, like a name's claims:
 * `pending` (about to be claimed), `held` (this account's), `retiring` (given up, but the registry does not know yet).
 */
export class TwitchRows {
  readonly #storage: DurableObjectStorage
  readonly #sql: SqlStorage
  readonly #account: AccountRow
  readonly #revoke: (now: number) => void

  /** `revoke` ends all passports until now; in the transaction of what it follows from. */
  constructor(storage: DurableObjectStorage, account: AccountRow, revoke: (now: number) => void) {
    this.#storage = storage
    this.#sql = storage.sql
    this.#account = account
    this.#revoke = revoke
  }

  /** Whether anything about Twitch was ever kept here. Objects that are only asked store nothing. */
  exists(): boolean {
    return this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'twitch_link'").toArray().length > 0
  }

  create(): void {
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS twitch_link (
        row INTEGER PRIMARY KEY CHECK (row = 1), user_id TEXT NOT NULL, pseudonym TEXT NOT NULL, login TEXT NOT NULL,
        shown INTEGER NOT NULL, broadcaster INTEGER NOT NULL, tokens TEXT, linked_at INTEGER NOT NULL,
        check_at INTEGER NOT NULL, seen_at INTEGER NOT NULL
      );
      CREATE TABLE IF NOT EXISTS twitch_claims (pseudonym TEXT PRIMARY KEY, state TEXT NOT NULL, since INTEGER NOT NULL);
      CREATE TABLE IF NOT EXISTS twitch_leftovers (
        id INTEGER PRIMARY KEY, tokens TEXT NOT NULL, tries INTEGER NOT NULL, at INTEGER NOT NULL
      );
    `)
  }

  link(): LinkRow | undefined {
    return this.exists() ? this.#sql.exec<LinkRow>('SELECT * FROM twitch_link').toArray()[0] : undefined
  }

  begin(pseudonym: string, now: number): void {
    this.#sql.exec(
      "INSERT INTO twitch_claims VALUES (?, 'pending', ?) ON CONFLICT DO UPDATE SET state = 'pending', since = excluded.since WHERE state = 'retiring'",
      pseudonym,
      now,
    )
  }

  /** Claims that nobody saw through: the registry may count them. */
  giveBackPending(now: number): void {
    this.#sql.exec("UPDATE twitch_claims SET state = 'retiring', since = ? WHERE state = 'pending'", now)
  }

  /** The registry is away: tried again in a while. */
  postponeRelease(now: number): void {
    this.#sql.exec("UPDATE twitch_claims SET since = ? WHERE state = 'retiring'", now)
  }

  abandon(pseudonym: string): void {
    this.#sql.exec("DELETE FROM twitch_claims WHERE pseudonym = ? AND state = 'pending'", pseudonym)
  }

  /** The claimed Twitch account becomes the linked one; another one is given up, and its tokens taken back. */
  commit(link: Omit<LinkRow, 'seen_at'>, now: number): void {
    this.#storage.transactionSync(() => {
      const before = this.link()
      const isSwap = before !== undefined && before.user_id !== link.user_id
      if (isSwap) this.#giveUp(before, now)
      this.#sql.exec(
        "INSERT INTO twitch_claims VALUES (?, 'held', ?) ON CONFLICT DO UPDATE SET state = 'held', since = excluded.since",
        link.pseudonym,
        now,
      )
      this.#sql.exec(
        'INSERT OR REPLACE INTO twitch_link VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
        link.user_id,
        link.pseudonym,
        link.login,
        link.shown,
        link.broadcaster,
        link.tokens,
        link.linked_at,
        link.check_at,
        now,
      )
      if (isSwap) this.#revoke(now)
      else this.#account.raiseVersion()
    })
  }

  /** Twitch vouches no more: its words and claims go, what the viewer is told stays. */
  markGone(now: number): void {
    this.#storage.transactionSync(() => {
      const link = this.link()
      if (!link || link.tokens === null) return
      this.#retire(link.pseudonym, now)
      this.#sql.exec('UPDATE twitch_link SET tokens = NULL, shown = 0')
      this.#revoke(now)
    })
  }

  /** The viewer's wish. */
  remove(now: number): void {
    this.#storage.transactionSync(() => {
      const link = this.link()
      if (!link) return
      this.#giveUp(link, now)
      this.#sql.exec('DELETE FROM twitch_link')
      this.#revoke(now)
    })
  }

  /** Changes what passports say, and so their version. */
  change(part: Partial<Pick<LinkRow, 'login' | 'shown'>>): void {
    this.#storage.transactionSync(() => {
      const link = this.link()
      if (!link) return
      const { login, shown } = { ...link, ...part }
      this.#sql.exec('UPDATE twitch_link SET login = ?, shown = ?', login, shown)
      if (shown !== link.shown || (shown === 1 && login !== link.login)) this.#account.raiseVersion()
    })
  }

  keepTokens(tokens: string): void {
    this.#sql.exec('UPDATE twitch_link SET tokens = ?', tokens)
  }

  checkAt(at: number): void {
    this.#sql.exec('UPDATE twitch_link SET check_at = ?', at)
  }

  seenAt(at: number): void {
    this.#sql.exec('UPDATE twitch_link SET seen_at = ?', at)
  }

  markBroadcaster(): void {
    this.#sql.exec('UPDATE twitch_link SET broadcaster = 1')
  }

  holds(pseudonym: string, now: number): TwitchHold {
    if (!this.exists()) return 'none'
    const [claim] = this.#sql.exec('SELECT state, since FROM twitch_claims WHERE pseudonym = ?', pseudonym)
    if (claim === undefined) return 'none'
    if (claim.state === 'held') return 'held'
    // One that lapsed may have been held before.
    return claim.state === 'pending' && Number(claim.since) + NAME_LEASE_MS > now ? 'pending' : 'given-up'
  }

  retiring(): string[] {
    const claims = this.#sql.exec("SELECT pseudonym FROM twitch_claims WHERE state = 'retiring'")
    return claims.toArray().map((claim) => String(claim.pseudonym))
  }

  released(pseudonym: string): void {
    this.#sql.exec("DELETE FROM twitch_claims WHERE pseudonym = ? AND state = 'retiring'", pseudonym)
  }

  /** Of all ids, for the account's owner. */
  claims(): { pseudonym: string; state: string; since: number }[] {
    return this.#sql
      .exec<{ pseudonym: string; state: string; since: number }>(
        'SELECT pseudonym, state, since FROM twitch_claims ORDER BY since',
      )
      .toArray()
  }

  addLeftover(tokens: string, now: number): void {
    this.#sql.exec('INSERT INTO twitch_leftovers (tokens, tries, at) VALUES (?, 0, ?)', tokens, now)
  }

  leftovers(now: number): Leftover[] {
    return this.#sql
      .exec<Leftover>('SELECT id, tokens, tries FROM twitch_leftovers WHERE at <= ?', now)
      .toArray()
  }

  forget({ id }: Leftover): void {
    this.#sql.exec('DELETE FROM twitch_leftovers WHERE id = ?', id)
  }

  postpone({ id }: Leftover, at: number): void {
    this.#sql.exec('UPDATE twitch_leftovers SET tries = tries + 1, at = ? WHERE id = ?', at, id)
  }

  /** When something is left over to settle (ms). */
  due(): number | undefined {
    const { since, at } = this.#sql
      .exec<{ since: number | null; at: number | null }>(
        `SELECT (SELECT min(since) FROM twitch_claims WHERE state != 'held') AS since,
          (SELECT min(at) FROM twitch_leftovers) AS at`,
      )
      .one()
    return earliest(since === null ? null : since + NAME_LEASE_MS, at)
  }

  erase(): void {
    this.#sql.exec('DELETE FROM twitch_link; DELETE FROM twitch_claims; DELETE FROM twitch_leftovers')
  }

  #giveUp({ pseudonym, tokens }: LinkRow, now: number): void {
    this.#retire(pseudonym, now)
    if (tokens !== null) this.addLeftover(tokens, now)
  }

  #retire(pseudonym: string, now: number): void {
    this.#sql.exec(
      "UPDATE twitch_claims SET state = 'retiring', since = ? WHERE pseudonym = ?",
      now,
      pseudonym,
    )
  }
}

/** The rest of what its owner may know of the link (ms). */
export const linkTimes = ({ linked_at, check_at, seen_at }: LinkRow) => ({
  linkedAt: linked_at,
  checkAt: check_at,
  seenAt: seen_at,
})

/** The link in the words that its owner is told. */
export const linkView = ({ login, shown, broadcaster, tokens }: LinkRow): TwitchLink => ({
  login,
  shown: shown === 1,
  state: tokens === null ? 'gone' : 'linked',
  broadcaster: broadcaster === 1,
})
