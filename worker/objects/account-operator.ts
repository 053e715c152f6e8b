import type { AccountId } from '../../protocol/device'
import type { AccountOverview } from '../ports'
import type { AccountEnd } from './account-end'
import type { AccountName } from './account-name'
import type { AccountRow } from './account-row'
import type { AccountTwitch } from './account-twitch'
import type { DeviceList } from './device-list'
import type { NameClaims } from './name-claims'
import type { PictureRows } from './picture-rows'

interface Wiring {
  row: AccountRow
  devices: DeviceList
  claims: NameClaims
  name: AccountName
  pictures: PictureRows
  twitch: AccountTwitch
  end: AccountEnd
}

/** What the operator may see and do of an account. Whatever follows from it (rooms to be told) is the caller's to do. */
export class AccountOperator {
  readonly #wiring: Wiring

  constructor(wiring: Wiring) {
    this.#wiring = wiring
  }

  /** `null` where nobody has this account. */
  overview(): AccountOverview | null {
    const { row, end, devices, claims, pictures, twitch } = this.#wiring
    const account = row.account()
    if (account === undefined) return null
    const { standing } = end
    const isGone = standing === 'ended'
    const known = isGone ? [] : devices.views()
    return {
      accountId: account,
      standing,
      createdAt: row.createdAt(),
      displayName: isGone ? null : (claims.name() ?? null),
      ver: row.version(),
      devices: known.length,
      seenAt: known[0]?.seenAt ?? null,
      avatar: pictures.current() ?? null,
      twitch: twitch.export()?.link?.login ?? null,
    }
  }

  setSuspended(account: AccountId, suspended: boolean): void {
    const { end } = this.#wiring
    if (suspended) end.suspend(account, Date.now())
    else end.unsuspend()
  }

  /** Takes the name away, if any of `folds` is a key of it, and draws another, which it returns. */
  loseName(account: AccountId, folds: readonly string[]): Promise<string | null> {
    const { name, end } = this.#wiring
    return name.lose(account, folds, () => end.revokeAll(account, Date.now()))
  }
}
