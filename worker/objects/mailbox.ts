import { DurableObject } from 'cloudflare:workers'
import { type AccountId, accountIdSchema, type DeviceId } from '../../protocol/device'
import { CODE_DIGITS, CODE_LIFETIME_MS } from '../../protocol/limits'
import { isKeyedHash, keyedHash } from '../auth/keyed-hash'
import type { Env } from '../env'
import { MAX_CODES_PER_DAY, MAX_LIVE_CODES_PER_NETWORK } from '../limits'
import type { CodeIssue, MailboxPort, Redemption } from '../ports'
import { randomBelow, randomId } from '../random'
import { armAlarm } from './alarm'
import { CodeLedger } from './code-ledger'

/**
 * One e-mail address, of which only the HMAC is known: it names this object. Holds the codes under way and,
 * once somebody signed in, whose account it is.
 */
export class Mailbox extends DurableObject<Env> implements MailboxPort {
  readonly #ledger: CodeLedger

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#ledger = new CodeLedger(ctx.storage.sql)
  }

  async issueCode({ device, network }: { device: DeviceId; network: string }): Promise<CodeIssue> {
    const id = randomId(16)
    const code = randomBelow(10 ** CODE_DIGITS)
      .toString()
      .padStart(CODE_DIGITS, '0')
    const hash = await keyedHash(this.env.PEPPER, 'code', id, device, code)
    // From here to the insert nothing awaits, so no other request comes between the counts and the code.
    const now = Date.now()
    this.#ledger.create()
    const exhausted = this.#ledger.exhaustedUntil(device, now)
    if (exhausted !== undefined)
      return { outcome: 'attempts-exhausted', retryAfter: secondsUntil(exhausted, now) }
    const full =
      this.#ledger.liveUntil(network, now, MAX_LIVE_CODES_PER_NETWORK) ??
      this.#ledger.dayFullUntil(now, MAX_CODES_PER_DAY)
    if (full !== undefined) return { outcome: 'requests-exhausted', retryAfter: secondsUntil(full, now) }
    const expiresAt = now + CODE_LIFETIME_MS
    this.#ledger.add({ id, device, network, hash, expiresAt }, now)
    await armAlarm(this.ctx.storage, this.#ledger.due())
    return { outcome: 'issued', id, code, expiresAt }
  }

  async withdrawCode(id: string): Promise<void> {
    if (this.#ledger.exists()) this.#ledger.withdraw(id)
  }

  async redeemCode({ device, code }: { device: DeviceId; code: string }): Promise<Redemption> {
    const now = Date.now()
    const live = this.#ledger.exists() ? this.#ledger.liveOf(device, now) : []
    const exhausted = live.length === 0 ? undefined : this.#ledger.exhaustedUntil(device, now)
    if (exhausted !== undefined)
      return { outcome: 'attempts-exhausted', retryAfter: secondsUntil(exhausted, now) }
    if (live.length === 0) return { outcome: 'refused' }
    // The try is counted before the code is looked at: of however many guesses at once, five are.
    this.#ledger.countTry(device)
    const matches = await Promise.all(
      live.map(({ id, hash }) => isKeyedHash(this.env.PEPPER, hash, 'code', id, device, code)),
    )
    const match = live.find((_, index) => matches[index])
    if (!match || !this.#ledger.consume(match.id, device)) return { outcome: 'refused' }
    return { outcome: 'redeemed', account: this.#account() }
  }

  override async alarm(): Promise<void> {
    this.#ledger.prune(Date.now())
    const due = this.#ledger.due()
    // Nobody signed in, nothing is under way: not even that somebody asked is kept.
    if (due === undefined && !this.#isOwned()) await this.ctx.storage.deleteAll()
    else await armAlarm(this.ctx.storage, due)
  }

  #isOwned(): boolean {
    return this.ctx.storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'owner'").toArray().length > 0
  }

  /** Created on first use; storage is synchronous, so that two sign-ins at once find one account. */
  #account(): AccountId {
    const { sql } = this.ctx.storage
    sql.exec(
      'CREATE TABLE IF NOT EXISTS owner (id INTEGER PRIMARY KEY CHECK (id = 1), account TEXT NOT NULL)',
    )
    sql.exec('INSERT INTO owner (id, account) VALUES (1, ?) ON CONFLICT DO NOTHING', randomId(16))
    return accountIdSchema.parse(sql.exec('SELECT account FROM owner').one().account)
  }
}

const secondsUntil = (time: number, now: number) => Math.max(1, Math.ceil((time - now) / 1000))
