import { MAX_KNOWN_CHANNELS, ROLE_CACHE_MS } from '../limits'
import { moderatedChannels, userIdOf } from '../twitch/helix'
import type { RoleFinding, TwitchExport } from '../twitch/ports'
import type { TwitchConsent } from './twitch-consent'
import type { LinkRow, TwitchRows } from './twitch-rows'

/**
 * What an account is in which channel's room, by numeric ids: logins are given to others after a while. Twitch is asked
 * about a channel, and which ones the account moderates, at most once in `ROLE_CACHE_MS`.
 */
export class TwitchRoles {
  readonly #sql: SqlStorage
  readonly #rows: TwitchRows
  readonly #consent: TwitchConsent

  constructor(sql: SqlStorage, rows: TwitchRows, consent: TwitchConsent) {
    this.#sql = sql
    this.#rows = rows
    this.#consent = consent
  }

  /** @throws TwitchUnavailable, ConsentGone */
  async find(link: LinkRow, login: string): Promise<RoleFinding> {
    this.#create()
    const now = Date.now()
    const { channel, until } = this.#known(login, now) ?? (await this.#ask(link, login, now))
    if (channel === null) return { outcome: 'none', until }
    if (channel === link.user_id) {
      this.#rows.markBroadcaster()
      return { outcome: 'found', role: 'broadcaster', channel, until }
    }
    const known = await this.#moderated(link, now)
    if (!this.#moderates(channel)) return { outcome: 'none', until: Math.min(until, known) }
    return { outcome: 'found', role: 'moderator', channel, until: Math.min(until, known) }
  }

  /** Another Twitch account, or none: what was known of the last one counts no more. */
  forget(): void {
    this.#create()
    this.#sql.exec(
      'DELETE FROM twitch_channels; DELETE FROM twitch_moderated; DELETE FROM twitch_moderated_until',
    )
  }

  /** What is known by now and when it counts no more, for the account's owner. */
  export(): Pick<TwitchExport, 'channels' | 'moderated'> {
    this.#create()
    return {
      channels: this.#sql
        .exec<TwitchExport['channels'][number]>(
          'SELECT login, channel, until FROM twitch_channels ORDER BY until DESC',
        )
        .toArray(),
      moderated: this.#sql
        .exec<{ channel: string }>('SELECT channel FROM twitch_moderated ORDER BY channel')
        .toArray()
        .map(({ channel }) => channel),
    }
  }

  /** Forgets what counts no more: which rooms somebody was in is nobody's business afterwards. */
  prune(now: number): void {
    this.#create()
    this.#sql.exec('DELETE FROM twitch_channels WHERE until <= ?', now)
    this.#sql.exec('DELETE FROM twitch_moderated_until WHERE until <= ?', now)
    this.#sql.exec('DELETE FROM twitch_moderated WHERE NOT EXISTS (SELECT 1 FROM twitch_moderated_until)')
  }

  /** When nothing counts any more (ms): one waking for all of it. */
  due(): number | undefined {
    this.#create()
    const { until } = this.#sql
      .exec<{ until: number | null }>(
        'SELECT max(until) AS until FROM (SELECT until FROM twitch_channels UNION ALL SELECT until FROM twitch_moderated_until)',
      )
      .one()
    return until ?? undefined
  }

  #create(): void {
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS twitch_channels (login TEXT PRIMARY KEY, channel TEXT, until INTEGER NOT NULL);
      CREATE TABLE IF NOT EXISTS twitch_moderated (channel TEXT PRIMARY KEY) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS twitch_moderated_until (row INTEGER PRIMARY KEY CHECK (row = 1), until INTEGER NOT NULL);
    `)
  }

  /** Whose channel a login is; `null`: nobody's. */
  #known(login: string, now: number): { channel: string | null; until: number } | undefined {
    const [row] = this.#sql.exec<{ channel: string | null; until: number }>(
      'SELECT channel, until FROM twitch_channels WHERE login = ? AND until > ?',
      login,
      now,
    )
    return row
  }

  async #ask(link: LinkRow, login: string, now: number) {
    const id = await this.#consent.use(link, (app, accessToken) => userIdOf(app, accessToken, login))
    const found = { channel: id ?? null, until: now + ROLE_CACHE_MS }
    this.#sql.exec(
      'INSERT OR REPLACE INTO twitch_channels VALUES (?, ?, ?)',
      login,
      found.channel,
      found.until,
    )
    this.#sql.exec(
      'DELETE FROM twitch_channels WHERE until <= ? OR login NOT IN (SELECT login FROM twitch_channels ORDER BY until DESC LIMIT ?)',
      now,
      MAX_KNOWN_CHANNELS,
    )
    return found
  }

  #moderates(channel: string): boolean {
    return this.#sql.exec('SELECT 1 FROM twitch_moderated WHERE channel = ?', channel).toArray().length > 0
  }

  /** Until when (ms) the list of moderated channels counts; fetched if it does not now. */
  async #moderated(link: LinkRow, now: number): Promise<number> {
    const [row] = this.#sql.exec<{ until: number }>(
      'SELECT until FROM twitch_moderated_until WHERE until > ?',
      now,
    )
    if (row) return row.until
    const channels = await this.#consent.use(link, (app, accessToken) =>
      moderatedChannels(app, accessToken, link.user_id),
    )
    const until = now + ROLE_CACHE_MS
    this.#sql.exec('DELETE FROM twitch_moderated')
    for (const channel of channels) this.#sql.exec('INSERT INTO twitch_moderated VALUES (?)', channel)
    this.#sql.exec('INSERT OR REPLACE INTO twitch_moderated_until VALUES (1, ?)', until)
    return until
  }
}
