import { DurableObject } from 'cloudflare:workers'
import type { AccountExport, DeviceView } from '../../protocol/api'
import type { AccountId, DeviceId } from '../../protocol/device'
import type { Env } from '../env'
import { keysOf } from '../keys'
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
import { AccountEnd } from './account-end'
import { exportOf } from './account-export'
import { AccountName } from './account-name'
import { AccountOperator } from './account-operator'
import type { AccountParts } from './account-parts'
import { AccountPicture } from './account-picture'
import { AccountRooms } from './account-rooms'
import { AccountRow } from './account-row'
import { AccountTwitch } from './account-twitch'
import { armAlarm, earliest } from './alarm'
import { DeviceList } from './device-list'
import { DevicePace } from './device-pace'
import { NameClaims } from './name-claims'
import { PictureRows } from './picture-rows'
import { SpentIds } from './spent-ids'

/**
 * One account: its devices, its name, the proof ids that it has seen, and how often devices asked. Exists once somebody signed in;
 * asked about an id that nobody has, it answers and stores nothing.
 */
export class Account extends DurableObject<Env> implements AccountPort {
  readonly #row: AccountRow
  readonly #devices: DeviceList
  readonly #spent: SpentIds
  readonly #pace: DevicePace
  readonly #claims: NameClaims
  readonly #name: AccountName
  readonly #pictures: PictureRows
  readonly #picture: AccountPicture
  readonly #twitch: AccountTwitch
  readonly #rooms: AccountRooms
  readonly #end: AccountEnd
  readonly #operator: AccountOperator
  /** What is exported, and erased in this order when the account ends. */
  readonly #parts: AccountParts = {
    picture: {
      export: () => this.#picture.export(this.#owner()),
      erase: () => this.#picture.erase(this.#owner()),
    },
    twitch: { export: async () => this.#twitch.export(), erase: () => this.#twitch.erase() },
    name: { export: async () => this.#claims.export(), erase: () => this.#name.release(this.#owner()) },
  }

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    const { storage } = ctx
    this.#row = new AccountRow(storage.sql)
    this.#devices = new DeviceList(storage.sql)
    this.#spent = new SpentIds(storage.sql)
    this.#pace = new DevicePace(storage.sql)
    this.#claims = new NameClaims(storage, this.#row)
    this.#name = new AccountName(this.#claims, this.#row, env.NAMES, () => this.#arm())
    this.#pictures = new PictureRows(storage, this.#row)
    this.#picture = new AccountPicture(this.#pictures, env.PICTURES, () => this.#arm())
    this.#twitch = new AccountTwitch({ storage, row: this.#row, env, arm: () => this.#arm() })
    this.#rooms = new AccountRooms({ storage, rooms: env.ROOMS, keys: () => keysOf(env.SIGNING_KEYS) })
    this.#end = new AccountEnd({
      storage,
      row: this.#row,
      rooms: this.#rooms,
      parts: this.#parts,
      disown: (mailbox, account) => env.MAILBOXES.getByName(mailbox).disown(account),
    })
    this.#operator = new AccountOperator({
      row: this.#row,
      devices: this.#devices,
      claims: this.#claims,
      name: this.#name,
      pictures: this.#pictures,
      twitch: this.#twitch,
      end: this.#end,
    })
  }

  async standing(): Promise<AccountStanding> {
    return this.#end.standing
  }

  async register({ account, mailbox, ...added }: Parameters<AccountPort['register']>[0]): Promise<Member> {
    if (this.#end.standing !== 'live') throw new Error('no such account')
    for (const part of [this.#row, this.#devices, this.#spent, this.#claims]) part.create()
    this.#row.add(account, Date.now())
    if (mailbox !== undefined) this.#end.reachedFrom(mailbox)
    const surplus = this.#devices.add(added, Date.now())
    await this.#revoke(account, surplus)
    return this.#member(added.device, added.seal)
  }

  async admit({ device, jti, until, paced }: Proof): Promise<Admission> {
    const seal = this.#account() === undefined ? undefined : this.#devices.sealOf(device)
    if (seal === undefined) return { outcome: 'device-refused' }
    if (this.#end.standing === 'suspended') return { outcome: 'suspended' }
    const now = Date.now()
    if (this.#spent.count() >= MAX_SPENT_IDS) {
      this.#spent.prune(now)
      if (this.#spent.count() >= MAX_SPENT_IDS) return { outcome: 'rate-limited', retryAfter: 60 }
    }
    if (!this.#spent.spend(jti, until)) return { outcome: 'replayed' }
    const retryAfter = paced === undefined ? 0 : this.#pace.take(paced, device, now)
    if (retryAfter > 0) return { outcome: 'rate-limited', retryAfter }
    this.#devices.seen(device, now)
    return { outcome: 'admitted', member: await this.#member(device, seal) }
  }

  async devices(current: DeviceId): Promise<DeviceView[]> {
    return this.#account() === undefined ? [] : this.#devices.views(current)
  }

  async endDevice(device: DeviceId): Promise<boolean> {
    const account = this.#account()
    if (account === undefined || !this.#devices.end(device)) return false
    await this.#revoke(account, [device])
    return true
  }

  async rename(displayName: string): Promise<Renaming> {
    const account = this.#account()
    if (account === undefined) throw new Error('no such account')
    const renaming = await this.#name.rename(displayName, account)
    await this.#arm()
    return renaming
  }

  async setPicture(hash: string, bytes: Uint8Array<ArrayBuffer>): Promise<PictureChange> {
    const account = this.#account()
    if (account === undefined) throw new Error('no such account')
    return this.#picture.set(hash, bytes, account)
  }

  async removePicture(): Promise<boolean> {
    const account = this.#account()
    return account === undefined ? false : this.#picture.remove(account)
  }

  async beginTwitch(begin: Parameters<AccountPort['beginTwitch']>[0]) {
    return this.#twitch.begin(begin)
  }

  async askTwitch(attempt: string) {
    return this.#twitch.ask(attempt)
  }

  async takeTwitchAttempt(attempt: string) {
    return this.#twitch.take(attempt)
  }

  async answerTwitch(attempt: string, answer: TwitchAnswer) {
    return this.#twitch.answer(attempt, answer)
  }

  async redeemTwitch(redemption: Parameters<AccountPort['redeemTwitch']>[0]) {
    return this.#twitch.redeem(redemption)
  }

  async showTwitch(shown: boolean) {
    return this.#twitch.show(shown)
  }

  async unlinkTwitch() {
    return this.#twitch.unlink()
  }

  async roleIn(login: string) {
    return this.#twitch.roleIn(login)
  }

  async holdsTwitch(pseudonym: string) {
    return this.#twitch.holds(pseudonym)
  }

  async holdOf(fold: string): Promise<NameHold> {
    return this.#account() === undefined ? 'none' : this.#claims.holdOf(fold)
  }

  async visit({ device, room }: Visit): Promise<Visiting> {
    const isOurs = this.#account() !== undefined && this.#devices.sealOf(device) !== undefined
    if (!isOurs) return { outcome: 'device-refused' }
    if (this.#end.standing === 'suspended') return { outcome: 'suspended' }
    const retryAfter = this.#rooms.visit(device, room, Date.now())
    await this.#arm()
    return retryAfter > 0 ? { outcome: 'rate-limited', retryAfter } : { outcome: 'noted' }
  }

  async export(asker: DeviceId): Promise<AccountExport> {
    const sources = {
      row: this.#row,
      claims: this.#claims,
      devices: this.#devices,
      rooms: this.#rooms,
      end: this.#end,
      parts: this.#parts,
    }
    return exportOf(this.#owner(), asker, sources, Date.now())
  }

  async end(): Promise<void> {
    const account = this.#account()
    if (account === undefined) return
    this.#end.begin(account, Date.now())
    await this.#follow(account)
  }

  async overview(): Promise<AccountOverview | null> {
    return this.#operator.overview()
  }

  async setSuspended(suspended: boolean): Promise<boolean> {
    const account = this.#account()
    if (account === undefined) return false
    this.#operator.setSuspended(account, suspended)
    await this.#follow(account)
    return true
  }

  async revokePassports(): Promise<void> {
    const account = this.#account()
    if (account === undefined) return
    this.ctx.storage.transactionSync(() => this.#end.revokeAll(account, Date.now()))
    await this.#follow(account)
  }

  async loseName(folds: readonly string[]): Promise<string | null> {
    const account = this.#account()
    const name = account === undefined ? null : await this.#operator.loseName(account, folds)
    if (name !== null) await this.revokePassports()
    return name
  }

  override async alarm(): Promise<void> {
    const owner = this.#row.account()
    if (owner === undefined) return
    await this.#follow(owner)
    const account = this.#account()
    if (account === undefined) return
    this.#rooms.prune(Date.now())
    this.#spent.prune(Date.now())
    await this.#picture.settle(account)
    await this.#name.settle(account)
    await this.#twitch.settle()
    await this.#arm()
  }

  /** The account, unless it has ended. */
  #account(): AccountId | undefined {
    const { standing } = this.#end
    return standing === 'ending' || standing === 'ended' ? undefined : this.#row.account()
  }

  #owner(): AccountId {
    const account = this.#row.account()
    if (account === undefined) throw new Error('no such account')
    return account
  }

  /** The passports of devices that have just been taken out count no more. */
  async #revoke(account: AccountId, devices: readonly DeviceId[]): Promise<void> {
    const ver = this.#row.version()
    for (const device of devices) this.#rooms.revoke(account, { device, ver }, Date.now())
    if (devices.length === 0) return
    // Whoever signs in with the same key again is let in again.
    this.#row.raiseVersion()
    await this.#follow(account)
  }

  /** Tells rooms what they are to hear, and goes on with an end that was begun. */
  async #follow(account: AccountId): Promise<void> {
    await this.#arm()
    await this.#rooms.tell(Date.now())
    await this.#end.settle(account, Date.now())
    await this.#arm()
  }

  async #member(device: DeviceId, seal: string): Promise<Member> {
    const account = this.#row.account()
    if (account === undefined) throw new Error('no such account')
    const displayName = await this.#name.ensure(account)
    const twitch = this.#twitch.view(Date.now())
    await this.#arm()
    const avatar = this.#pictures.current()
    const ver = this.#row.version()
    return { account, device, seal, displayName, ver, twitch, ...(avatar !== undefined && { avatar }) }
  }

  #arm(): Promise<void> {
    const ending = earliest(this.#rooms.due(), this.#end.due())
    const isGone = this.#end.standing === 'ended' || this.#row.account() === undefined
    const parts = isGone ? [] : [this.#spent, this.#claims, this.#pictures, this.#twitch]
    return armAlarm(this.ctx.storage, earliest(ending, ...parts.map((part) => part.due())))
  }
}
