import type { JSONWebKeySet } from 'jose'
import {
  ControlError,
  type Credentials,
  ICE_RENEW_MS,
  type IcePass,
  type IdentityView,
} from '../../protocol/control'
import type { AccountId } from '../../protocol/device'
import { CODE_LIFETIME_MS, PASSPORT_LIFETIME_MS } from '../../protocol/limits'
import type { Clock } from '../clock'
import type { Access } from './access'
import type { DeviceKeys } from './device-keys'
import type { WorkerApi } from './worker-api'

/** A passport is renewed when half of its life is over. */
const PASSPORT_RENEW_MS = PASSPORT_LIFETIME_MS / 2

/** What is kept between runs: no keys, they are elsewhere. */
export interface IdentityRecord {
  /** A mailed code that the viewer is fetching. */
  pending?: { email: string; expiresAt: number }
  account?: { accountId: AccountId; displayName: string }
  passport?: { jwt: string; expiresAt: number }
  jwks?: JSONWebKeySet
  /** The latest credentials for relays. The Worker gives each device few: a host that is born again needs no others. */
  ice?: IcePass
  /** What the Worker's clock is ahead of ours (ms), as last learnt. */
  clockOffset?: number
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
  access: Access
  store: IdentityStore
  worker: WorkerApi
  onChange(): void
}

/** Who this browser is: signing in by mailed code, the passport, signing out. */
export class Identity {
  readonly #wiring: Wiring
  #loaded: Promise<IdentityRecord> | undefined
  /** Rises whenever somebody else, or nobody, is signed in. */
  #generation = 0

  constructor(wiring: Wiring) {
    this.#wiring = wiring
  }

  async view(): Promise<IdentityView> {
    const { account, pending } = await this.#record
    if (account) return { state: 'signed-in', ...account }
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
    await this.#wiring.worker.requestCode(email, device)
    // By our own clock, which may be wrong, and from now on: the code was made before this answer.
    const expiresAt = this.#wiring.clock.now() + CODE_LIFETIME_MS
    return this.#become({ pending: { email, expiresAt } })
  }

  async submitCode(code: string): Promise<IdentityView> {
    const { worker, store, access } = this.#wiring
    const { pending } = await this.#record
    if (!pending) throw new ControlError('code_refused')
    const keys = await store.keys()
    const account = await access.withAssertion(keys, keys.device, (assertion) =>
      worker.verify({ email: pending.email, code, device: keys.device, seal: keys.seal, assertion }),
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
    const { account } = await this.#record
    if (!account) return null
    const { device } = await this.#wiring.store.keys()
    const passport = await this.#passport()
    const jwks = await this.#keySet(renewKeys)
    return {
      device,
      ...account,
      passport: passport.jwt,
      jwks,
      serverTime: this.#wiring.access.now(),
    }
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

  async #passport(): Promise<{ jwt: string; expiresAt: number }> {
    const { passport } = await this.#record
    const now = this.#wiring.access.now()
    if (passport && passport.expiresAt - now > PASSPORT_RENEW_MS) return passport
    const generation = this.#generation
    try {
      const { passport: jwt, expiresAt } = await this.asMember(() => this.#wiring.worker.passport())
      // Keys that the Worker has withdrawn end here at the latest.
      const jwks = await this.#wiring.worker.keys()
      const clockOffset = this.#wiring.access.offset
      await this.#keep({ passport: { jwt, expiresAt }, jwks, clockOffset }, generation)
      return { jwt, expiresAt }
    } catch (error) {
      if (error instanceof ControlError && error.code === 'signed_out') throw error
      // An older one still serves while the Worker cannot be reached.
      if (passport && passport.expiresAt > now) return passport
      throw error
    }
  }

  async #keySet(renew: boolean): Promise<JSONWebKeySet> {
    const { jwks } = await this.#record
    if (jwks && !renew) return jwks
    const generation = this.#generation
    const fresh = await this.#wiring.worker.keys()
    await this.#keep({ jwks: fresh }, generation)
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

  async #become(record: IdentityRecord): Promise<IdentityView> {
    this.#generation++
    this.#loaded = Promise.resolve(record)
    await this.#wiring.store.save(record)
    this.#wiring.onChange()
    return this.view()
  }
}
