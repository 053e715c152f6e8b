import type { AccountId } from '../../protocol/device'
import { keyedHash } from '../auth/keyed-hash'
import { TWITCH_CHECK_MS } from '../limits'
import type { ObjectNamespace } from '../ports'
import type { Linking, TwitchAnswer, TwitchRegistryPort } from '../twitch/ports'
import type { TwitchConsent } from './twitch-consent'
import type { TwitchRoles } from './twitch-roles'
import { linkView, type TwitchRows } from './twitch-rows'

export interface LinkingEnv {
  PEPPER: string
  TWITCH_IDS: ObjectNamespace<TwitchRegistryPort>
}

interface Wiring {
  env: LinkingEnv
  rows: TwitchRows
  consent: TwitchConsent
  roles: TwitchRoles
  owner(): AccountId
  arm(): Promise<void>
}

/**
 * Links and lets go: note the claim → claim at the registry → commit here. The commit in the account's own storage
 * decides; whatever a kill leaves over is done again by the alarm. The caller lets one change follow the other.
 */
export class TwitchLinking {
  readonly #wiring: Wiring

  constructor(wiring: Wiring) {
    this.#wiring = wiring
  }

  /** Links to whom Twitch named, unless another account of ours is or was until lately. */
  async link({
    userId,
    login,
    streams,
    tokens,
  }: Extract<TwitchAnswer, { outcome: 'identified' }>): Promise<Linking> {
    const account = this.#wiring.owner()
    const pseudonym = await keyedHash(this.#wiring.env.PEPPER, 'twitch', userId)
    const sealed = await this.#wiring.consent.sealed(tokens)
    this.#wiring.rows.begin(pseudonym, Date.now())
    await this.#wiring.arm()
    const asked = this.#registry(pseudonym).claim(pseudonym, account)
    const claim = await asked.catch(() => undefined)
    if (claim?.outcome !== 'yours') {
      // Where we heard nothing we may have it: the claim is given back like one.
      if (claim) this.#wiring.rows.abandon(pseudonym)
      this.#wiring.rows.addLeftover(sealed, Date.now())
      await this.settle()
      if (claim?.outcome === 'on-hold') return claim
      return { outcome: claim ? 'taken' : 'unavailable' }
    }
    const now = Date.now()
    const before = this.#wiring.rows.link()
    const isSame = before?.user_id === userId
    if (!isSame) this.#wiring.roles.forget()
    this.#wiring.rows.commit(
      {
        user_id: userId,
        pseudonym,
        login,
        // Whoever links has not said yet that others may know.
        shown: isSame ? before.shown : 0,
        broadcaster: Number(streams || (isSame && before.broadcaster === 1)),
        tokens: sealed,
        linked_at: now,
        check_at: now + TWITCH_CHECK_MS,
      },
      now,
    )
    await this.#wiring.arm()
    await this.settle()
    const link = this.#wiring.rows.link()
    return link ? { outcome: 'linked', link: linkView(link) } : { outcome: 'refused' }
  }

  /** Tells Twitch and the registry what they have missed, as far as they can be reached. */
  async settle(): Promise<void> {
    await this.#wiring.consent.revokeLeftovers(Date.now())
    await this.release().catch(() => this.#wiring.rows.postponeRelease(Date.now()))
  }

  async release(): Promise<void> {
    for (const pseudonym of this.#wiring.rows.retiring()) {
      await this.#registry(pseudonym).release(this.#wiring.owner())
      this.#wiring.rows.released(pseudonym)
    }
  }

  #registry(pseudonym: string): TwitchRegistryPort {
    return this.#wiring.env.TWITCH_IDS.getByName(pseudonym)
  }
}
