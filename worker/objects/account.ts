import { DurableObject } from 'cloudflare:workers'
import type { AccountExport, DeviceView } from '../../protocol/api'
import type { DeviceId } from '../../protocol/device'
import type { Env } from '../env'
import { MAX_SPENT_IDS } from '../limits'
import type {
  AccountOverview,
  AccountPort,
  AccountStanding,
  Admission,
  Member,
  NameHold,
  PictureChange,
  Proof,
  Renaming,
  Visit,
  Visiting,
} from '../ports'
import type { TwitchAnswer } from '../twitch/ports'
import { AccountCore } from './account-core'
import { exportOf } from './account-export'

/**
 * One account: its devices, its name, the proof ids that it has seen, and how often devices asked. Exists once somebody signed in;
 * asked about an id that nobody has, it answers and stores nothing.
 */
export class Account extends DurableObject<Env> implements AccountPort {
  readonly #core: AccountCore

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#core = new AccountCore(ctx.storage, env)
  }

  async standing(): Promise<AccountStanding> {
    return this.#core.end.standing
  }

  async register({ account, mailbox, ...added }: Parameters<AccountPort['register']>[0]): Promise<Member> {
    if (this.#core.end.standing !== 'live') throw new Error('no such account')
    for (const part of [this.#core.row, this.#core.devices, this.#core.spent, this.#core.claims])
      part.create()
    this.#core.row.add(account, Date.now())
    if (mailbox !== undefined) this.#core.end.reachedFrom(mailbox)
    const surplus = this.#core.devices.add(added, Date.now())
    await this.#core.revoke(account, surplus)
    return this.#core.member(added.device, added.seal)
  }

  async admit({ device, jti, until, paced }: Proof): Promise<Admission> {
    const seal = this.#core.account() === undefined ? undefined : this.#core.devices.sealOf(device)
    if (seal === undefined) return { outcome: 'device-refused' }
    if (this.#core.end.standing === 'suspended') return { outcome: 'suspended' }
    const now = Date.now()
    if (this.#core.spent.count() >= MAX_SPENT_IDS) {
      this.#core.spent.prune(now)
      if (this.#core.spent.count() >= MAX_SPENT_IDS) return { outcome: 'rate-limited', retryAfter: 60 }
    }
    if (!this.#core.spent.spend(jti, until)) return { outcome: 'replayed' }
    const retryAfter = paced === undefined ? 0 : this.#core.pace.take(paced, device, now)
    if (retryAfter > 0) return { outcome: 'rate-limited', retryAfter }
    this.#core.devices.seen(device, now)
    return { outcome: 'admitted', member: await this.#core.member(device, seal) }
  }

  async devices(current: DeviceId): Promise<DeviceView[]> {
    return this.#core.account() === undefined ? [] : this.#core.devices.views(current)
  }

  async endDevice(device: DeviceId): Promise<boolean> {
    if (this.#core.account() === undefined || this.#core.devices.sealOf(device) === undefined) return false
    // First, so that the code by which it came lets it in no more.
    for (const mailbox of this.#core.end.mailboxes())
      await this.env.MAILBOXES.getByName(mailbox).forgetDevice(device)
    const account = this.#core.account()
    if (account === undefined || !this.#core.devices.end(device)) return false
    await this.#core.revoke(account, [device])
    return true
  }

  async rename(displayName: string): Promise<Renaming> {
    const account = this.#core.account()
    if (account === undefined) throw new Error('no such account')
    const renaming = await this.#core.name.rename(displayName, account)
    await this.#core.arm()
    return renaming
  }

  async setPicture(hash: string, bytes: Uint8Array<ArrayBuffer>): Promise<PictureChange> {
    const account = this.#core.account()
    if (account === undefined) throw new Error('no such account')
    return this.#core.picture.set(hash, bytes, account)
  }

  async removePicture(): Promise<boolean> {
    const account = this.#core.account()
    return account === undefined ? false : this.#core.picture.remove(account)
  }

  async beginTwitch(begin: Parameters<AccountPort['beginTwitch']>[0]) {
    return this.#core.twitch.begin(begin)
  }

  async askTwitch(attempt: string) {
    return this.#core.twitch.ask(attempt)
  }

  async takeTwitchAttempt(attempt: string) {
    return this.#core.twitch.take(attempt)
  }

  async answerTwitch(attempt: string, answer: TwitchAnswer) {
    return this.#core.twitch.answer(attempt, answer)
  }

  async redeemTwitch(redemption: Parameters<AccountPort['redeemTwitch']>[0]) {
    const linking = await this.#core.twitch.redeem(redemption)
    await this.#core.rooms.tell(Date.now())
    return linking
  }

  async showTwitch(shown: boolean) {
    return this.#core.twitch.show(shown)
  }

  async unlinkTwitch() {
    await this.#core.twitch.unlink()
    await this.#core.rooms.tell(Date.now())
  }

  async roleIn(login: string) {
    return this.#core.twitch.roleIn(login)
  }

  async holdsTwitch(pseudonym: string) {
    return this.#core.twitch.holds(pseudonym)
  }

  async holdOf(fold: string): Promise<NameHold> {
    return this.#core.account() === undefined ? 'none' : this.#core.claims.holdOf(fold)
  }

  async visit({ device, room }: Visit): Promise<Visiting> {
    const isOurs = this.#core.account() !== undefined && this.#core.devices.sealOf(device) !== undefined
    if (!isOurs) return { outcome: 'device-refused' }
    if (this.#core.end.standing === 'suspended') return { outcome: 'suspended' }
    const retryAfter = this.#core.rooms.visit(device, room, Date.now())
    await this.#core.arm()
    return retryAfter > 0 ? { outcome: 'rate-limited', retryAfter } : { outcome: 'noted' }
  }

  async lostAny(folds: readonly string[]): Promise<boolean> {
    return this.#core.account() !== undefined && this.#core.claims.lost.includesAny(folds, Date.now())
  }

  async export(asker?: DeviceId): Promise<AccountExport | null> {
    const account = this.#core.account()
    if (account === undefined) return null
    const sources = {
      row: this.#core.row,
      claims: this.#core.claims,
      devices: this.#core.devices,
      rooms: this.#core.rooms,
      end: this.#core.end,
      parts: this.#core.parts,
    }
    return exportOf(account, asker, sources, Date.now())
  }

  async end(): Promise<void> {
    const account = this.#core.account()
    if (account === undefined) return
    this.#core.end.begin(account, Date.now())
    await this.#core.follow(account)
  }

  async overview(): Promise<AccountOverview | null> {
    return this.#core.operator.overview()
  }

  async setSuspended(suspended: boolean): Promise<boolean> {
    const account = this.#core.account()
    if (account === undefined) return false
    this.#core.operator.setSuspended(account, suspended)
    await this.#core.follow(account)
    return true
  }

  async revokePassports(): Promise<void> {
    const account = this.#core.account()
    if (account === undefined) return
    this.ctx.storage.transactionSync(() => this.#core.revokeAll(Date.now()))
    await this.#core.follow(account)
  }

  async loseName(folds: readonly string[]): Promise<string | null> {
    const account = this.#core.account()
    if (account === undefined) return null
    try {
      return await this.#core.operator.loseName(account, folds)
    } finally {
      // Also where the shards cannot be told: the passports count no more.
      await this.#core.follow(account)
    }
  }

  override async alarm(): Promise<void> {
    await this.#core.settle()
  }
}
