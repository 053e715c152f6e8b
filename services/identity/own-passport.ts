import type { JSONWebKeySet } from 'jose'
import type { TwitchLink } from '../../protocol/api'
import { ControlError } from '../../protocol/control'
import type { Random } from '../clock'
import type { Access } from './access'
import type { KeptIdentity } from './kept-identity'
import { FINAL_REFUSALS, freshPassport, type KeptPassport, renewalOf } from './kept-passport'
import { nameIn } from './passport-claims'
import { isVouchedBy } from './vouched'
import type { WorkerApi } from './worker-api'

interface Wiring {
  random: Random
  access: Access
  worker: WorkerApi
  kept: KeptIdentity
  /** Does what only a member may, and draws the consequences when the Worker says that this device is none. */
  asMember<T>(ask: () => Promise<T>): Promise<T>
  onChange(): void
}

/** This account's passport, and the keys that vouch for everybody's: fetched when missing, old or outdated. */
export class OwnPassport {
  readonly #wiring: Wiring
  #renewing: Promise<KeptPassport> | undefined

  constructor(wiring: Wiring) {
    this.#wiring = wiring
  }

  /** The passport to show now. Throws a `ControlError` when there is none that still holds. */
  async current(): Promise<KeptPassport> {
    const { passport } = await this.#wiring.kept.record
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

  /** What it says has changed at the Worker, or may have. Never rejects; does nothing while signed out. */
  async renew(): Promise<void> {
    const { kept, onChange } = this.#wiring
    // One that is on its way may be from before the change.
    await this.#renewing?.catch(() => {})
    const { account, passport } = await kept.record
    if (!account) return
    const { generation } = kept
    if (passport) await kept.keep({ passport: outdated(passport) }, generation).catch(() => {})
    await this.current().catch(() => {})
    if (generation === kept.generation) onChange()
  }

  /** What is on its way was asked for by somebody who is not signed in any more. */
  forget(): void {
    this.#renewing = undefined
  }

  /** The Worker refused the account of `generation`: its passport is revoked. When that ends, there is a new one. */
  async suspend(generation: number): Promise<void> {
    const { kept, onChange } = this.#wiring
    const { suspended, passport } = await kept.record
    if (suspended || generation !== kept.generation) return
    await kept.keep({ suspended: true, ...(passport && { passport: outdated(passport) }) }, generation)
    onChange()
  }

  /** The viewer is in the room of their own channel, whatever the Worker knows of it yet. */
  async noteBroadcaster(): Promise<void> {
    const { kept, onChange } = this.#wiring
    const { passport } = await kept.record
    if (!passport?.twitch || passport.twitch.broadcaster) return
    const twitch = { ...passport.twitch, broadcaster: true }
    await kept.keep({ passport: { ...passport, twitch } }, kept.generation)
    onChange()
  }

  /** The keys that passports are checked by; asked of the Worker when there are none, or on `renew`. */
  async keySet(renew: boolean): Promise<JSONWebKeySet> {
    const { kept, worker, onChange } = this.#wiring
    const { jwks } = await kept.record
    if (jwks && !renew) return jwks
    const { generation } = kept
    const fresh = await worker.keys()
    const { passport } = await kept.record
    // A key that was withdrawn takes our passport with it.
    const isWithdrawn = passport !== undefined && renewalOf(passport) > 0 && !isVouchedBy(fresh, passport.jwt)
    await kept.keep({ jwks: fresh, ...(isWithdrawn && { passport: outdated(passport) }) }, generation)
    if (isWithdrawn) onChange()
    return fresh
  }

  #renewed(): Promise<KeptPassport> {
    if (this.#renewing) return this.#renewing
    const renewing = this.#fresh().finally(() => {
      if (this.#renewing === renewing) this.#renewing = undefined
    })
    this.#renewing = renewing
    return renewing
  }

  async #fresh(): Promise<KeptPassport> {
    const { worker, access, random, kept, asMember, onChange } = this.#wiring
    const { generation } = kept
    const { passport: jwt, expiresAt, twitch } = await asMember(() => worker.passport())
    // Keys that the Worker has withdrawn end here at the latest.
    const jwks = await worker.keys()
    const { account, suspended, passport: before } = await kept.record
    const passport = {
      ...freshPassport(jwt, expiresAt, random),
      ...(twitch && { twitch: stillBroadcasting(twitch, before?.twitch) }),
    }
    // Another device may have changed the name.
    const name = nameIn(jwt)
    const renamed = account && name !== undefined && name !== account.displayName
    await kept.keep(
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
}

const outdated = (passport: KeptPassport): KeptPassport => ({ ...passport, renewAt: 0 })

/** Once known to stream, always: also where this browser knew it before the Worker did. */
const stillBroadcasting = (twitch: TwitchLink, before: TwitchLink | undefined): TwitchLink =>
  twitch.login === before?.login && before.broadcaster ? { ...twitch, broadcaster: true } : twitch
