import type { JSONWebKeySet } from 'jose'
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
import { FINAL_REFUSALS, freshPassport, type KeptPassport, renewalOf } from './kept-passport'
import { avatarIn, nameIn } from './passport-claims'
import { newBrowserSecret, returningTo } from './returning'
import { isVouchedBy } from './vouched'
import type { WorkerApi } from './worker-api'

/** What is kept between runs: no keys, they are elsewhere. */
export interface IdentityRecord {
  /** A mailed code that the viewer is fetching. */
  pending?: { email: string; expiresAt: number }
  account?: { accountId: AccountId; displayName: string }
  passport?: KeptPassport
  /** The Worker said that the account is suspended. It stays signed in: that may end. */
  suspended?: boolean
  jwks?: JSONWebKeySet
  /** The latest credentials for relays. The Worker gives each device few: a host that is born again needs no others. */
  ice?: IcePass
  /** What the Worker's clock is ahead of ours (ms), as last learnt. */
  clockOffset?: number
  /** Stays when this browser signs out: addresses that it signed in to know it by this; see `returning.ts`. */
  browser?: string
}

export interface IdentityStore {
  load(): Promise<IdentityRecord>
  save(record: IdentityRecord): Promise<void>
  /** This browser's keys; made when there are none. */
  keys(): Promise<DeviceKeys>
  forgetKeys(): Promise<void>
}

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
  #loaded: Promise<IdentityRecord> | undefined
  /** Rises whenever somebody else, or nobody, is signed in. */
  #generation = 0
  #renewing: Promise<KeptPassport> | undefined

  constructor(wiring: Wiring) {
    this.#wiring = wiring
  }

  async view(): Promise<IdentityView> {
    const { account, pending, suspended, passport } = await this.#record
    if (account)
      return { state: 'signed-in', ...account, ...avatarIn(passport?.jwt), ...(suspended && { suspended }) }
    if (pending && pending.expiresAt > this.#wiring.clock.now()) return { state: 'code-sent', ...pending }
    return { state: 'signed-out' }
  }

  /** The keys and account of this device. Throws `signed_out`. */
  async bearer(): Promise<{ keys: DeviceKeys; accountId: AccountId }> {
    const { account } = await this.#record
    if (!account) throw new ControlError('signed_out')
    return { keys: await this.#wiring.store.keys(), accountId: account.accountId }
  }

  async requestCode(email: string): Promise<IdentityView> {
    const { device } = await this.#wiring.store.keys()
    const { browser = newBrowserSecret() } = await this.#record
    await this.#wiring.worker.requestCode(email, device, await returningTo(email, browser))
    // By our own clock, which may be wrong, and from now on: the code was made before this answer.
    const expiresAt = this.#wiring.clock.now() + CODE_LIFETIME_MS
    return this.#become({ pending: { email, expiresAt }, browser })
  }

  async submitCode(code: string): Promise<IdentityView> {
    const { worker, store, access } = this.#wiring
    const { pending, browser } = await this.#record
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
    const { pending: _, ...rest } = await this.#record
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
    if (!(await this.#record).account) return null
    const { device } = await this.#wiring.store.keys()
    const passport = await this.#passport()
    const jwks = await this.#keySet(renewKeys)
    // Now, because a fresh passport may have brought another name.
    const { account } = await this.#record
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
  async renewPassport(): Promise<void> {
    // One that is on its way may be from before the change.
    await this.#renewing?.catch(() => {})
    const { account, passport } = await this.#record
    if (!account) return
    const generation = this.#generation
    if (passport) await this.#keep({ passport: { ...passport, renewAt: 0 } }, generation).catch(() => {})
    await this.#passport().catch(() => {})
    if (generation === this.#generation) this.#wiring.onChange()
  }

  /** The linked Twitch account, as it was when the passport was issued. */
  async twitch(): Promise<TwitchLink | null> {
    return (await this.#record).passport?.twitch ?? null
  }

  /** The viewer is in the room of their own channel, whatever the Worker knows of it yet. */
  async noteBroadcaster(): Promise<void> {
    const { passport } = await this.#record
    if (!passport?.twitch || passport.twitch.broadcaster) return
    const twitch = { ...passport.twitch, broadcaster: true }
    await this.#keep({ passport: { ...passport, twitch } }, this.#generation)
    this.#wiring.onChange()
  }

  /** The account is no more: forgets it here, too. */
  async ended(): Promise<IdentityView> {
    await this.#forget()
    return this.view()
  }

  /** Credentials for relays: the latest as long as they hold for a while, or while no others are to be had. */
  async icePass(): Promise<IcePass> {
    const { ice } = await this.#record
    const now = this.#wiring.access.now()
    if (ice && ice.expiresAt - now > ICE_RENEW_MS) return ice
    const generation = this.#generation
    try {
      const fresh = await this.asMember(() => this.#wiring.worker.icePass())
      await this.#keep({ ice: fresh }, generation)
      return fresh
    } catch (error) {
      if (error instanceof ControlError && error.code === 'signed_out') throw error
      const { ice: latest } = await this.#record
      if (latest && latest.expiresAt > now) return latest
      throw error
    }
  }

  /** Does what only a member may; when the Worker says that the account has ended this device, so does this. */
  async asMember<T>(ask: () => Promise<T>): Promise<T> {
    const generation = this.#generation
    try {
      return await ask()
    } catch (error) {
      if (error instanceof ControlError && error.code === 'account_suspended')
        await this.#suspended(generation)
      if (!(error instanceof ControlError) || error.code !== 'device_refused') throw error
      // A late refusal of somebody who has signed out since is nobody's affair.
      if (generation === this.#generation) await this.#forget()
      throw new ControlError('signed_out')
    }
  }

  /** What is kept, read once; storage that fails is asked again the next time. */
  get #record(): Promise<IdentityRecord> {
    this.#loaded ??= this.#load().catch((error: unknown) => {
      this.#loaded = undefined
      throw error
    })
    return this.#loaded
  }

  async #load(): Promise<IdentityRecord> {
    const record = await this.#wiring.store.load()
    if (record.clockOffset !== undefined) this.#wiring.access.assume(record.clockOffset)
    return record
  }

  async #passport(): Promise<KeptPassport> {
    const { passport } = await this.#record
    const now = this.#wiring.access.now()
    if (passport && renewalOf(passport) > now) return passport
    try {
      return await this.#renewed()
    } catch (error) {
      if (error instanceof ControlError && FINAL_REFUSALS.has(error.code)) throw error
      // An older one still serves while the Worker cannot be reached.
      if (passport && passport.expiresAt > now) return passport
      throw error
    }
  }

  #renewed(): Promise<KeptPassport> {
    if (this.#renewing) return this.#renewing
    const renewing = this.#freshPassport().finally(() => {
      if (this.#renewing === renewing) this.#renewing = undefined
    })
    this.#renewing = renewing
    return renewing
  }

  async #freshPassport(): Promise<KeptPassport> {
    const { worker, access, random, onChange } = this.#wiring
    const generation = this.#generation
    const { passport: jwt, expiresAt, twitch } = await this.asMember(() => worker.passport())
    // Keys that the Worker has withdrawn end here at the latest.
    const jwks = await worker.keys()
    const { account, suspended, passport: before } = await this.#record
    const passport = {
      ...freshPassport(jwt, expiresAt, random),
      ...(twitch && { twitch: stillBroadcasting(twitch, before?.twitch) }),
    }
    // Another device may have changed the name.
    const name = nameIn(jwt)
    const renamed = account && name !== undefined && name !== account.displayName
    await this.#keep(
      {
        passport,
        jwks,
        clockOffset: access.offset,
        ...(suspended && { suspended: false }),
        ...(renamed && { account: { ...account, displayName: name } }),
      },
      generation,
    )
    if (renamed || suspended) onChange()
    return passport
  }

  async #suspended(generation: number): Promise<void> {
    const { suspended, passport } = await this.#record
    if (suspended || generation !== this.#generation) return
    // The passport is revoked: when the suspension ends, there is a new one.
    const outdated = passport && { passport: { ...passport, renewAt: 0 } }
    await this.#keep({ suspended: true, ...outdated }, generation)
    this.#wiring.onChange()
  }

  async #keySet(renew: boolean): Promise<JSONWebKeySet> {
    const { jwks } = await this.#record
    if (jwks && !renew) return jwks
    const generation = this.#generation
    const fresh = await this.#wiring.worker.keys()
    const { passport } = await this.#record
    // A key that was withdrawn takes our passport with it.
    const isWithdrawn = passport !== undefined && renewalOf(passport) > 0 && !isVouchedBy(fresh, passport.jwt)
    const outdated = isWithdrawn ? { passport: { ...passport, renewAt: 0 } } : {}
    await this.#keep({ jwks: fresh, ...outdated }, generation)
    if (isWithdrawn) this.#wiring.onChange()
    return fresh
  }

  async #forget(): Promise<void> {
    this.#wiring.access.forget()
    await this.#wiring.store.forgetKeys()
    await this.#become({})
  }

  /** Keeps what was asked for under the identity of `generation`; another one's is of no use. */
  async #keep(part: IdentityRecord, generation: number): Promise<void> {
    if (generation !== this.#generation) throw new ControlError('signed_out')
    this.#loaded = this.#record.then((record) => ({ ...record, ...part }))
    await this.#wiring.store.save(await this.#record)
  }

  async #become(next: IdentityRecord): Promise<IdentityView> {
    this.#generation++
    this.#renewing = undefined
    const { browser } = await this.#record.catch((): IdentityRecord => ({}))
    const record = { ...(browser !== undefined && { browser }), ...next }
    this.#loaded = Promise.resolve(record)
    await this.#wiring.store.save(record)
    this.#wiring.onChange()
    return this.view()
  }
}

/** Once known to stream, always: also where this browser knew it before the Worker did. */
const stillBroadcasting = (twitch: TwitchLink, before: TwitchLink | undefined): TwitchLink =>
  twitch.login === before?.login && before.broadcaster ? { ...twitch, broadcaster: true } : twitch

const shownTwitch = (twitch: TwitchLink | undefined): { twitch?: string } =>
  twitch?.state === 'linked' && twitch.shown ? { twitch: twitch.login } : {}
