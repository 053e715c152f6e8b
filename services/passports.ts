import type { JSONWebKeySet } from 'jose'
import {
  isUnknownKey,
  type KeySet,
  keySetOf,
  type Passport,
  verifyPassport,
  wasHeldAt,
} from '../protocol/passport'
import { type Revocation, verifyRevocation } from '../protocol/revocation'
import { type RoleGrant, verifyRoleGrant, verifyRoleGrantAt } from '../protocol/role'
import type { Clock } from './clock'

/** An unknown key id asks for fresh keys, but never more often than this: peers must not drive our requests. */
export const KEY_REFRESH_MS = 5 * 60_000

const REMEMBERED = 2_000

/** Checks passports offline against the Worker's keys, each only once; and the Worker's word on those that count no more. */
export class Passports {
  readonly #clock: Clock
  readonly #refreshKeys: () => Promise<JSONWebKeySet>
  readonly #verified = new Map<string, Passport>()
  #keys: KeySet
  #refreshedAt = Number.NEGATIVE_INFINITY
  #refreshing: Promise<void> | undefined

  constructor(clock: Clock, jwks: JSONWebKeySet, refreshKeys: () => Promise<JSONWebKeySet>) {
    this.#clock = clock
    this.#keys = keySetOf(jwks)
    this.#refreshKeys = refreshKeys
  }

  /** The Worker's keys as fetched anew: those it has withdrawn count no more. */
  replaceKeys(jwks: JSONWebKeySet): void {
    this.#keys = keySetOf(jwks)
    this.#verified.clear()
  }

  /** The claims of a passport that holds now. Throws for any other. */
  async verify(jwt: string): Promise<Passport> {
    const now = this.#clock.now()
    const known = this.#verified.get(jwt)
    if (known && known.exp * 1000 > now) return known
    return this.#remember(jwt, await this.#withKeys((keys) => verifyPassport(jwt, keys, now)))
  }

  /**
   * The claims of a passport that held at `ms`, whether it does now or not: yesterday's passport vouches for what was said
   * yesterday. Throws for any other.
   */
  async verifyAt(jwt: string, ms: number): Promise<Passport> {
    const passport =
      this.#verified.get(jwt) ??
      this.#remember(jwt, await this.#withKeys((keys) => verifyPassport(jwt, keys, ms)))
    if (!wasHeldAt(passport, ms)) throw new RangeError('passport of another time')
    return passport
  }

  /** The claims of a revocation that has not expired. Throws for any other. Nothing of it is remembered here. */
  verifyRevocation(jwt: string): Promise<Revocation> {
    return this.#withKeys((keys) => verifyRevocation(jwt, keys, this.#clock.now()))
  }

  /** The claims of a role grant that holds now. Throws for any other. Nothing of it is remembered here. */
  verifyRole(jwt: string): Promise<RoleGrant> {
    return this.#withKeys((keys) => verifyRoleGrant(jwt, keys, this.#clock.now()))
  }

  /** The claims of a role grant that held at `ms`, whether it does now or not. Throws for any other. */
  verifyRoleAt(jwt: string, ms: number): Promise<RoleGrant> {
    return this.#withKeys((keys) => verifyRoleGrantAt(jwt, keys, ms))
  }

  #remember(jwt: string, passport: Passport): Passport {
    if (this.#verified.size >= REMEMBERED) this.#verified.clear()
    this.#verified.set(jwt, passport)
    return passport
  }

  /** What `verify` makes of our keys; once more with fresh ones, if it misses one. */
  async #withKeys<T>(verify: (keys: KeySet) => Promise<T>): Promise<T> {
    try {
      return await verify(this.#keys)
    } catch (error) {
      if (!isUnknownKey(error)) throw error
      const now = this.#clock.now()
      if (!this.#refreshing && now - this.#refreshedAt < KEY_REFRESH_MS) throw error
      this.#refreshing ??= this.#refresh(now)
      await this.#refreshing
      // Without fresh keys this fails as before: not the passport's fault.
      return verify(this.#keys)
    }
  }

  async #refresh(now: number): Promise<void> {
    this.#refreshedAt = now
    try {
      this.#keys = keySetOf(await this.#refreshKeys())
    } catch {
      // The Worker is away; the old keys still serve.
    } finally {
      this.#refreshing = undefined
    }
  }
}
