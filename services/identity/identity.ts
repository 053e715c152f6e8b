import type { DevicePlatform, TwitchLink } from '../../protocol/api'
import {
  ControlError,
  type Credentials,
  ICE_RENEW_MS,
  type IcePass,
  type IdentityView,
} from '../../protocol/control'
import type { AccountId } from '../../protocol/device'
import { CODE_LIFETIME_MS } from '../../protocol/limits'
import type { Clock, Random } from '../clock'
import type { Access } from './access'
import type { DeviceKeys } from './device-keys'
import { type IdentityRecord, type IdentityStore, KeptIdentity } from './kept-identity'
import { renewalOf } from './kept-passport'
import { OwnPassport } from './own-passport'
import { avatarIn } from './passport-claims'
import { newBrowserSecret, returningTo } from './returning'
import type { WorkerApi } from './worker-api'

interface Wiring {
  clock: Clock
  random: Random
  access: Access
  store: IdentityStore
  worker: WorkerApi
  onChange(): void
  /** What this browser is called in the list of its owner's devices. */
  platform?(): Promise<DevicePlatform | undefined>
}

/** Who this browser is: signing in by mailed code, the passport, signing out. */
export class Identity {
  readonly #wiring: Wiring
  readonly #kept: KeptIdentity
  readonly #passport: OwnPassport

  constructor(wiring: Wiring) {
    this.#wiring = wiring
    this.#kept = new KeptIdentity(wiring.store, ({ clockOffset }) => {
      if (clockOffset !== undefined) wiring.access.assume(clockOffset)
    })
    this.#passport = new OwnPassport({
      ...wiring,
      kept: this.#kept,
      asMember: (ask) => this.asMember(ask),
      onChange: () => wiring.onChange(),
    })
  }

  async view(): Promise<IdentityView> {
    const { account, pending, suspended, passport } = await this.#kept.record
    if (account)
      return { state: 'signed-in', ...account, ...avatarIn(passport?.jwt), ...(suspended && { suspended }) }
    if (pending && pending.expiresAt > this.#wiring.clock.now()) return { state: 'code-sent', ...pending }
    return { state: 'signed-out' }
  }

  /** The keys and account of this device. Throws `signed_out`. */
  async bearer(): Promise<{ keys: DeviceKeys; accountId: AccountId }> {
    const { account } = await this.#kept.record
    if (!account) throw new ControlError('signed_out')
    return { keys: await this.#wiring.store.keys(), accountId: account.accountId }
  }

  async requestCode(email: string): Promise<IdentityView> {
    const { device } = await this.#wiring.store.keys()
    const { browser = newBrowserSecret() } = await this.#kept.record
    await this.#wiring.worker.requestCode(email, device, await returningTo(email, browser))
    // By our own clock, which may be wrong, and from now on: the code was made before this answer.
    const expiresAt = this.#wiring.clock.now() + CODE_LIFETIME_MS
    return this.#become({ pending: { email, expiresAt }, browser })
  }

  async submitCode(code: string): Promise<IdentityView> {
    const { worker, store, access } = this.#wiring
    const { pending, browser } = await this.#kept.record
    if (!pending) throw new ControlError('code_refused')
    const { email } = pending
    const keys = await store.keys()
    const returning = browser === undefined ? undefined : await returningTo(email, browser)
    const platform = await this.#wiring.platform?.()
    const about = { ...(returning !== undefined && { returning }), ...(platform && { platform }) }
    const account = await access.withAssertion(keys, keys.device, (assertion) =>
      worker.verify({ email, code, device: keys.device, seal: keys.seal, assertion, ...about }),
    )
    return this.#become({ account })
  }

  async cancelSignIn(): Promise<IdentityView> {
    const { pending: _, ...rest } = await this.#kept.record
    return this.#become(rest)
  }

  async signOut(): Promise<IdentityView> {
    // Best effort: without the Worker the key is still destroyed here, and with it the session.
    await this.#wiring.worker.endDevice().catch(() => {})
    await this.#forget()
    return this.view()
  }

  /** What the room host speaks with; `null` while signed out. Asks the Worker only for what is missing or old. */
  async credentials(renewKeys: boolean): Promise<Credentials | null> {
    if (!(await this.#kept.record).account) return null
    const { device } = await this.#wiring.store.keys()
    const passport = await this.#passport.current()
    const jwks = await this.#passport.keySet(renewKeys)
    // Now, because a fresh passport may have brought another name.
    const { account } = await this.#kept.record
    if (!account) return null
    return {
      device,
      ...account,
      ...avatarIn(passport.jwt),
      ...shownTwitch(passport.twitch),
      passport: passport.jwt,
      renewAt: renewalOf(passport),
      jwks,
      serverTime: this.#wiring.access.now(),
    }
  }

  /**
   * What this account's passports say has changed at the Worker, or may have: running rooms get a new one at once, or, when
   * the Worker cannot be asked, as soon as it can. Never rejects for that; does nothing while signed out.
   */
  renewPassport(): Promise<void> {
    return this.#passport.renew()
  }

  /** The linked Twitch account, as it was when the passport was issued. */
  async twitch(): Promise<TwitchLink | null> {
    return (await this.#kept.record).passport?.twitch ?? null
  }

  /** The viewer is in the room of their own channel, whatever the Worker knows of it yet. */
  noteBroadcaster(): Promise<void> {
    return this.#passport.noteBroadcaster()
  }

  /** The account is no more: forgets it here, too. */
  async ended(): Promise<IdentityView> {
    await this.#forget()
    return this.view()
  }

  /** Credentials for relays: the latest as long as they hold for a while, or while no others are to be had. */
  async icePass(): Promise<IcePass> {
    const { ice } = await this.#kept.record
    const now = this.#wiring.access.now()
    if (ice && ice.expiresAt - now > ICE_RENEW_MS) return ice
    const { generation } = this.#kept
    try {
      const fresh = await this.asMember(() => this.#wiring.worker.icePass())
      await this.#kept.keep({ ice: fresh }, generation)
      return fresh
    } catch (error) {
      if (error instanceof ControlError && error.code === 'signed_out') throw error
      const { ice: latest } = await this.#kept.record
      if (latest && latest.expiresAt > now) return latest
      throw error
    }
  }

  /** Does what only a member may; when the Worker says that the account has ended this device, so does this. */
  async asMember<T>(ask: () => Promise<T>): Promise<T> {
    const { generation } = this.#kept
    try {
      return await ask()
    } catch (error) {
      if (error instanceof ControlError && error.code === 'account_suspended')
        await this.#passport.suspend(generation)
      if (!(error instanceof ControlError) || error.code !== 'device_refused') throw error
      // A late refusal of somebody who has signed out since is nobody's affair.
      if (generation === this.#kept.generation) await this.#forget()
      throw new ControlError('signed_out')
    }
  }

  async #forget(): Promise<void> {
    this.#wiring.access.forget()
    await this.#wiring.store.forgetKeys()
    await this.#become({})
  }

  async #become(next: IdentityRecord): Promise<IdentityView> {
    const becoming = this.#kept.become(next)
    this.#passport.forget()
    await becoming
    this.#wiring.onChange()
    return this.view()
  }
}

const shownTwitch = (twitch: TwitchLink | undefined): { twitch?: string } =>
  twitch?.state === 'linked' && twitch.shown ? { twitch: twitch.login } : {}
