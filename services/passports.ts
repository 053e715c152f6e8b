import type { JSONWebKeySet } from 'jose'
import { isUnknownKey, type KeySet, keySetOf, type Passport, verifyPassport } from '../protocol/passport'
import type { Clock } from './clock'

/** An unknown key id asks for fresh keys, but never more often than this: peers must not drive our requests. */
export const KEY_REFRESH_MS = 5 * 60_000

const REMEMBERED = 2_000

/** Checks passports offline against the Worker's keys, each only once. */
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
    const passport = await this.#verifyAnew(jwt, now)
    if (this.#verified.size >= REMEMBERED) this.#verified.clear()
    this.#verified.set(jwt, passport)
    return passport
  }

  async #verifyAnew(jwt: string, now: number): Promise<Passport> {
    try {
      return await verifyPassport(jwt, this.#keys, now)
    } catch (error) {
      if (!isUnknownKey(error)) throw error
      if (!this.#refreshing && now - this.#refreshedAt < KEY_REFRESH_MS) throw error
      this.#refreshing ??= this.#refresh(now)
      await this.#refreshing
      // Without fresh keys this fails as before: not the passport's fault.
      return verifyPassport(jwt, this.#keys, now)
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
