import type { AccountId, DeviceId } from '../../protocol/device'
import type { Env } from '../env'
import { keysOf } from '../keys'
import { ENDING_RETRY_MS } from '../limits'
import type { Member } from '../ports'
import { AccountEnd } from './account-end'
import { AccountName } from './account-name'
import { AccountOperator } from './account-operator'
import type { AccountParts } from './account-parts'
import { AccountPicture } from './account-picture'
import { AccountRooms } from './account-rooms'
import { AccountRow } from './account-row'
import { AccountTwitch } from './account-twitch'
import { armAlarm, earliest, failures } from './alarm'
import { DeviceList } from './device-list'
import { DevicePace } from './device-pace'
import { NameClaims } from './name-claims'
import { PictureRows } from './picture-rows'
import { SpentIds } from './spent-ids'

/**
 * What an account is made of, and what its parts have to do with each other: who revokes tells rooms, who leaves something
 * to do sets the alarm. `Account` is the door to it.
 */
export class AccountCore {
  readonly #storage: DurableObjectStorage
  readonly row: AccountRow
  readonly devices: DeviceList
  readonly spent: SpentIds
  readonly pace: DevicePace
  readonly claims: NameClaims
  readonly name: AccountName
  readonly #pictures: PictureRows
  readonly picture: AccountPicture
  readonly twitch: AccountTwitch
  readonly rooms: AccountRooms
  readonly end: AccountEnd
  readonly operator: AccountOperator
  /** What is exported, and erased in this order when the account ends. */
  readonly parts: AccountParts = {
    picture: {
      export: () => this.picture.export(this.#owner()),
      erase: () => this.picture.erase(this.#owner()),
    },
    twitch: { export: async () => this.twitch.export(), erase: () => this.twitch.erase() },
    name: {
      export: async () => [...this.claims.export(), ...this.claims.lost.export()],
      erase: () => this.name.release(this.#owner()),
    },
  }

  constructor(storage: DurableObjectStorage, env: Env) {
    this.#storage = storage
    this.row = new AccountRow(storage.sql)
    this.devices = new DeviceList(storage.sql)
    this.spent = new SpentIds(storage.sql)
    this.pace = new DevicePace(storage.sql)
    this.claims = new NameClaims(storage, this.row)
    this.name = new AccountName(this.claims, this.row, env.NAMES, () => this.arm())
    this.#pictures = new PictureRows(storage, this.row)
    this.picture = new AccountPicture(this.#pictures, env.PICTURES, () => this.arm())
    this.twitch = new AccountTwitch({
      storage,
      row: this.row,
      env,
      arm: () => this.arm(),
      revoke: (now) => this.revokeAll(now),
    })
    this.rooms = new AccountRooms({ storage, rooms: env.ROOMS, keys: () => keysOf(env.SIGNING_KEYS) })
    this.end = new AccountEnd({
      storage,
      row: this.row,
      rooms: this.rooms,
      parts: this.parts,
      disown: (mailbox, account) => env.MAILBOXES.getByName(mailbox).disown(account),
    })
    this.operator = new AccountOperator({
      row: this.row,
      devices: this.devices,
      claims: this.claims,
      name: this.name,
      pictures: this.#pictures,
      twitch: this.twitch,
      end: this.end,
    })
  }

  /** Does what is due, and sets the alarm for what follows. One part's failure stops no other. */
  async settle(): Promise<void> {
    const owner = this.row.account()
    if (owner === undefined) return
    const live = (work: (account: AccountId) => unknown) => async () => {
      const account = this.account()
      if (account !== undefined) await work(account)
    }
    const failed = await failures([
      () => this.follow(owner),
      live(() => this.rooms.prune(Date.now())),
      live(() => this.spent.prune(Date.now())),
      live((account) => this.picture.settle(account)),
      live((account) => this.name.settle(account)),
      live(() => this.twitch.settle()),
      // What has just come up.
      () => this.rooms.tell(Date.now()),
    ])
    if (failed === 0) await this.arm()
    else await this.#storage.setAlarm(Date.now() + ENDING_RETRY_MS)
  }

  /** The account, unless it has ended. */
  account(): AccountId | undefined {
    const { standing } = this.end
    return standing === 'ending' || standing === 'ended' ? undefined : this.row.account()
  }

  #owner(): AccountId {
    const account = this.row.account()
    if (account === undefined) throw new Error('no such account')
    return account
  }

  /** All passports until now count no more. Whoever has ended has none, and tells nobody. */
  revokeAll(now: number): void {
    const account = this.account()
    if (account !== undefined) this.end.revokeAll(account, now)
  }

  /** The passports of devices that have just been taken out count no more. */
  async revoke(account: AccountId, devices: readonly DeviceId[]): Promise<void> {
    const ver = this.row.version()
    for (const device of devices) this.rooms.revoke(account, { device, ver }, Date.now())
    if (devices.length === 0) return
    // Whoever signs in with the same key again is let in again.
    this.row.raiseVersion()
    await this.follow(account)
  }

  /** Tells rooms what they are to hear, and goes on with an end that was begun. */
  async follow(account: AccountId): Promise<void> {
    await this.arm()
    await this.rooms.tell(Date.now())
    await this.end.settle(account, Date.now())
    await this.arm()
  }

  async member(device: DeviceId, seal: string): Promise<Member> {
    const account = this.row.account()
    if (account === undefined) throw new Error('no such account')
    const displayName = await this.name.ensure(account)
    const twitch = this.twitch.view(Date.now())
    await this.arm()
    const avatar = this.#pictures.current()
    const ver = this.row.version()
    return { account, device, seal, displayName, ver, twitch, ...(avatar !== undefined && { avatar }) }
  }

  arm(): Promise<void> {
    const ending = earliest(this.rooms.due(), this.end.due())
    const isGone = this.end.standing === 'ended' || this.row.account() === undefined
    const parts = isGone ? [] : [this.spent, this.claims, this.#pictures, this.twitch]
    return armAlarm(this.#storage, earliest(ending, ...parts.map((part) => part.due())))
  }
}
