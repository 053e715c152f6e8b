import { DurableObject } from 'cloudflare:workers'
import type { AccountId, DeviceId } from '../../protocol/device'
import type { Env } from '../env'
import { MAX_SPENT_IDS } from '../limits'
import type { AccountPort, Admission, Member, NameHold, Proof, Renaming } from '../ports'
import { AccountName } from './account-name'
import { AccountRow } from './account-row'
import { armAlarm, earliest } from './alarm'
import { DeviceList } from './device-list'
import { DevicePace } from './device-pace'
import { NameClaims } from './name-claims'
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

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    const { storage } = ctx
    this.#row = new AccountRow(storage.sql)
    this.#devices = new DeviceList(storage.sql)
    this.#spent = new SpentIds(storage.sql)
    this.#pace = new DevicePace(storage.sql)
    this.#claims = new NameClaims(storage, this.#row)
    this.#name = new AccountName(this.#claims, env.NAMES, () => this.#arm())
  }

  async register({
    account,
    device,
    seal,
  }: {
    account: AccountId
    device: DeviceId
    seal: string
  }): Promise<Member> {
    for (const part of [this.#row, this.#devices, this.#spent, this.#claims]) part.create()
    this.#row.add(account, Date.now())
    this.#devices.add(device, seal, Date.now())
    return this.#member(device, seal)
  }

  async admit({ device, jti, until, paced }: Proof): Promise<Admission> {
    const seal = this.#row.account() === undefined ? undefined : this.#devices.sealOf(device)
    if (seal === undefined) return { outcome: 'device-refused' }
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

  async endDevice(device: DeviceId): Promise<void> {
    if (this.#row.account() !== undefined) this.#devices.end(device)
  }

  async rename(displayName: string): Promise<Renaming> {
    const account = this.#row.account()
    if (account === undefined) throw new Error('no such account')
    const renaming = await this.#name.rename(displayName, account)
    await this.#arm()
    return renaming
  }

  async holdOf(fold: string): Promise<NameHold> {
    return this.#row.account() === undefined ? 'none' : this.#claims.holdOf(fold)
  }

  override async alarm(): Promise<void> {
    const account = this.#row.account()
    if (account === undefined) return
    this.#spent.prune(Date.now())
    await this.#name.settle(account)
    await this.#arm()
  }

  async #member(device: DeviceId, seal: string): Promise<Member> {
    const account = this.#row.account()
    if (account === undefined) throw new Error('no such account')
    const displayName = this.#claims.held()?.name ?? (await this.#name.ensure(account))
    await this.#arm()
    return { account, device, seal, displayName, ver: this.#row.version() }
  }

  #arm(): Promise<void> {
    return armAlarm(this.ctx.storage, earliest(this.#spent.due(), this.#claims.due()))
  }
}
