import type { JSONWebKeySet } from 'jose'
import { ControlError, type IcePass } from '../../protocol/control'
import type { AccountId } from '../../protocol/device'
import type { DeviceKeys } from './device-keys'
import type { KeptPassport } from './kept-passport'

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

/** The identity record in memory and in storage, and whose it is at the moment. */
export class KeptIdentity {
  readonly #store: IdentityStore
  readonly #onLoad: (record: IdentityRecord) => void
  #loaded: Promise<IdentityRecord> | undefined
  #generation = 0

  constructor(store: IdentityStore, onLoad: (record: IdentityRecord) => void) {
    this.#store = store
    this.#onLoad = onLoad
  }

  /** Rises whenever somebody else, or nobody, is signed in. */
  get generation(): number {
    return this.#generation
  }

  /** What is kept, read once; storage that fails is asked again the next time. */
  get record(): Promise<IdentityRecord> {
    this.#loaded ??= this.#load().catch((error: unknown) => {
      this.#loaded = undefined
      throw error
    })
    return this.#loaded
  }

  /** Keeps what was asked for under the identity of `generation`; another one's is of no use: throws `signed_out`. */
  async keep(part: IdentityRecord, generation: number): Promise<void> {
    if (generation !== this.#generation) throw new ControlError('signed_out')
    this.#loaded = this.record.then((record) => ({ ...record, ...part }))
    await this.#store.save(await this.record)
  }

  /** From now on `next` is what is kept, and the browser's own secret. */
  async become(next: IdentityRecord): Promise<void> {
    this.#generation++
    const { browser } = await this.record.catch((): IdentityRecord => ({}))
    const record = { ...(browser !== undefined && { browser }), ...next }
    this.#loaded = Promise.resolve(record)
    await this.#store.save(record)
  }

  async #load(): Promise<IdentityRecord> {
    const record = await this.#store.load()
    this.#onLoad(record)
    return record
  }
}
