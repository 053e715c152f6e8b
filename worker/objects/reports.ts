import { DurableObject } from 'cloudflare:workers'
import type { AccountId } from '../../protocol/device'
import type { Env } from '../env'
import {
  ACCOUNT_REPORTS,
  MAX_REPORTS_KEPT,
  MAX_REPORTS_LISTED,
  MAX_REPORTS_OF_REPORTER,
  NETWORK_REPORTS,
  REPORT_LIFETIME_MS,
} from '../limits'
import type { KeptReport, ReportsPort } from '../ports'
import { armAlarm, earliest } from './alarm'
import { type Pace, takeOne } from './gcra'

/**
 * What members told the operator: `MAX_REPORTS_KEPT`, of one reporter the newest `MAX_REPORTS_OF_REPORTER`, each for
 * `REPORT_LIFETIME_MS`.
 */
export class Reports extends DurableObject<Env> implements ReportsPort {
  readonly #sql: SqlStorage

  constructor(state: DurableObjectState, env: Env) {
    super(state, env)
    this.#sql = state.storage.sql
    this.#sql.exec(
      `CREATE TABLE IF NOT EXISTS reports (
        id TEXT PRIMARY KEY, at INTEGER NOT NULL, reporter TEXT NOT NULL, report TEXT NOT NULL
      )`,
    )
    this.#sql.exec('CREATE INDEX IF NOT EXISTS reports_of ON reports (reporter, at)')
    this.#sql.exec('CREATE TABLE IF NOT EXISTS paces (who TEXT PRIMARY KEY, paid_at INTEGER NOT NULL)')
  }

  async admit(id: string, reporter: AccountId, network: string): Promise<'known' | number> {
    const now = Date.now()
    // From here to the last write nothing awaits: of however many at once, so many are granted.
    const known = this.#sql.exec('SELECT 1 FROM reports WHERE id = ?', id).toArray()
    if (known.length > 0) return 'known'
    const paces: [string, Pace][] = [
      [`account ${reporter}`, ACCOUNT_REPORTS],
      [`network ${network}`, NETWORK_REPORTS],
    ]
    const grants = paces.map(([who, pace]) => ({ who, ...this.#grant(who, pace, now) }))
    const waits = grants.flatMap((grant) => ('retryAfter' in grant ? grant.retryAfter : []))
    if (waits.length > 0) return Math.max(...waits)
    for (const grant of grants)
      if ('paidAt' in grant)
        this.#sql.exec('INSERT OR REPLACE INTO paces VALUES (?, ?)', grant.who, grant.paidAt)
    await armAlarm(this.ctx.storage, this.#due())
    return 0
  }

  async add(report: KeptReport): Promise<void> {
    const { id, at, reporter } = report
    this.#sql.exec(
      'INSERT OR IGNORE INTO reports VALUES (?, ?, ?, ?)',
      id,
      at,
      reporter.accountId,
      JSON.stringify(report),
    )
    this.#sql.exec(
      `DELETE FROM reports WHERE id IN
        (SELECT id FROM reports WHERE reporter = ? ORDER BY at DESC, id LIMIT -1 OFFSET ?)`,
      reporter.accountId,
      MAX_REPORTS_OF_REPORTER,
    )
    this.#prune(Date.now())
    await armAlarm(this.ctx.storage, this.#due())
  }

  async list(): Promise<KeptReport[]> {
    this.#prune(Date.now())
    return this.#sql
      .exec<{ report: string }>('SELECT report FROM reports ORDER BY at DESC, id LIMIT ?', MAX_REPORTS_LISTED)
      .toArray()
      .map(({ report }): KeptReport => JSON.parse(report))
  }

  override async alarm(): Promise<void> {
    this.#prune(Date.now())
    await armAlarm(this.ctx.storage, this.#due())
  }

  #grant(who: string, pace: Pace, now: number) {
    const [row] = this.#sql
      .exec<{ paid_at: number }>('SELECT paid_at FROM paces WHERE who = ?', who)
      .toArray()
    return takeOne(row?.paid_at, now, pace)
  }

  #prune(now: number): void {
    this.#sql.exec('DELETE FROM paces WHERE paid_at <= ?', now)
    this.#sql.exec('DELETE FROM reports WHERE at <= ?', now - REPORT_LIFETIME_MS)
    const { count } = this.#sql.exec<{ count: number }>('SELECT count(*) AS count FROM reports').one()
    for (let excess = count - MAX_REPORTS_KEPT; excess > 0; excess -= 1) this.#dropLeast()
  }

  /** Many reports of few do not push out those of others: the oldest goes of whoever has most. */
  #dropLeast(): void {
    this.#sql.exec(
      `DELETE FROM reports WHERE id =
        (SELECT id FROM reports WHERE reporter =
          (SELECT reporter FROM reports GROUP BY reporter ORDER BY count(*) DESC, min(at), reporter LIMIT 1)
        ORDER BY at, id LIMIT 1)`,
    )
  }

  #due(): number | undefined {
    const { at } = this.#sql.exec<{ at: number | null }>('SELECT min(at) AS at FROM reports').one()
    const { paid } = this.#sql.exec<{ paid: number | null }>('SELECT max(paid_at) AS paid FROM paces').one()
    return earliest(at === null ? undefined : at + REPORT_LIFETIME_MS, paid)
  }
}
