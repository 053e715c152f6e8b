import { DurableObject } from 'cloudflare:workers'
import { type AccountId, accountIdSchema, type DeviceId } from '../../protocol/device'
import { CODE_DIGITS, CODE_LIFETIME_MS } from '../../protocol/limits'
import { isKeyedHash, keyedHash } from '../auth/keyed-hash'
import type { Env } from '../env'
import { MAX_LIVE_CODES_PER_NETWORK } from '../limits'
import type { CodeAsker, CodeGuess, CodeIssue, MailboxPort, Redemption } from '../ports'
import { randomBelow, randomId } from '../random'
import { armAlarm, earliest } from './alarm'
import { CodeLedger } from './code-ledger'
import { type Asker, MailBudget } from './mail-budget'
import { ReturningBrowsers } from './returning-browsers'

/**
 * One e-mail address, of which only the HMAC is known: it names this object. Holds the codes under way and,
 * once somebody signed in, whose account it is and which browsers have been there.
 */
export class Mailbox extends DurableObject<Env> implements MailboxPort {
  readonly #ledger: CodeLedger
  readonly #budget: MailBudget
  readonly #returning: ReturningBrowsers

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#ledger = new CodeLedger(ctx.storage.sql)
    this.#budget = new MailBudget(ctx.storage.sql)
    this.#returning = new ReturningBrowsers(ctx.storage.sql)
  }

  async issueCode({ device, network, sender, returning }: CodeAsker): Promise<CodeIssue> {
    const isReturning = returning !== undefined && this.#returning.has(returning)
    const asker: Asker = { network: isReturning ? returning : network, isReturning }
    const early = this.#refusal(device, asker, Date.now())
    if (early) return early
    // Somebody who floods from our asker's network must not keep them out, so who has been here before is let by.
    const wait = isReturning ? 0 : await this.env.NETWORKS.getByName(sender).takeMail()
    if (wait > 0) return { outcome: 'network-exhausted', retryAfter: wait }
    const id = randomId(16)
    const code = randomBelow(10 ** CODE_DIGITS)
      .toString()
      .padStart(CODE_DIGITS, '0')
    const hash = await keyedHash(this.env.PEPPER, 'code', id, device, code)
    // From here to the insert nothing awaits, so no other request comes between the counts and the code.
    const now = Date.now()
    const late = this.#refusal(device, asker, now)
    if (late) {
      if (!isReturning) await this.#giveBack(sender)
      return late
    }
    const expiresAt = now + CODE_LIFETIME_MS
    this.#ledger.create()
    this.#budget.create()
    this.#ledger.add({ id, device, network: asker.network, hash, expiresAt }, now)
    this.#budget.count(id, asker, now)
    await this.#arm()
    return { outcome: 'issued', id, code, expiresAt }
  }

  async withdrawCode(id: string, sender: string): Promise<void> {
    if (!this.#ledger.exists()) return
    this.#ledger.withdraw(id)
    const asker = this.#budget.giveBack(id)
    if (asker && !asker.isReturning) await this.#giveBack(sender)
  }

  async redeemCode({ device, code, returning }: CodeGuess): Promise<Redemption> {
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
    if (!match) return { outcome: 'refused' }
    if (this.#ledger.consume(match.id, device)) {
      const account = this.#account()
      this.#ledger.remember(match, device, account)
      if (returning !== undefined) this.#returning.add(returning, now)
      return { outcome: 'redeemed', account, again: false }
    }
    const account = this.#ledger.answerOf(match.id)
    return account === undefined ? { outcome: 'refused' } : { outcome: 'redeemed', account, again: true }
  }

  async forgetDevice(device: DeviceId): Promise<void> {
    if (this.#ledger.exists()) this.#ledger.forgetAnswers(device)
  }

  async disown(account: AccountId): Promise<void> {
    if (!this.#isOwned() || this.#account() !== account) return
    this.ctx.storage.sql.exec('DROP TABLE owner')
    this.#returning.forget()
    if (this.#ledger.exists()) this.#ledger.forgetAnswers()
    // Nobody has it, and nothing is under way: not even that somebody had is kept.
    if (this.#due() === undefined) await this.ctx.storage.deleteAll()
  }

  async accountAfter(ended: AccountId): Promise<AccountId> {
    if (this.#account() === ended) this.ctx.storage.sql.exec('DROP TABLE owner')
    const account = this.#account()
    if (this.#ledger.exists()) this.#ledger.replaceAnswers(ended, account)
    return account
  }

  override async alarm(): Promise<void> {
    const now = Date.now()
    if (this.#ledger.exists()) {
      this.#ledger.prune(now)
      this.#budget.prune(now)
    }
    // Nobody signed in, nothing is under way: not even that somebody asked is kept.
    if (this.#due() === undefined && !this.#isOwned()) await this.ctx.storage.deleteAll()
    else await this.#arm()
  }

  /** Why `asker` gets no code now, if so. Looks only: an address that nobody asked a code for stores nothing. */
  #refusal(device: DeviceId, asker: Asker, now: number): CodeIssue | undefined {
    if (!this.#ledger.exists()) return undefined
    const exhausted = this.#ledger.exhaustedUntil(device, now)
    if (exhausted !== undefined)
      return { outcome: 'attempts-exhausted', retryAfter: secondsUntil(exhausted, now) }
    const full =
      this.#ledger.liveUntil(asker.network, now, MAX_LIVE_CODES_PER_NETWORK) ??
      this.#budget.fullUntil(asker, now)
    return full === undefined
      ? undefined
      : { outcome: 'requests-exhausted', retryAfter: secondsUntil(full, now) }
  }

  /** The share of a network in a mail that was not sent. If it cannot be reached, time brings the share back. */
  async #giveBack(sender: string): Promise<void> {
    await this.env.NETWORKS.getByName(sender)
      .giveMailBack()
      .catch(() => {})
  }

  #due(): number | undefined {
    return this.#ledger.exists() ? earliest(this.#ledger.due(), this.#budget.due()) : undefined
  }

  #arm(): Promise<void> {
    return armAlarm(this.ctx.storage, this.#due())
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
