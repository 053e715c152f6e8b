import type { AccountId, DeviceId } from '../../protocol/device'
import type { MemberView } from '../../protocol/host-port'
import { PRESENCE_LIFETIME_MS } from '../../protocol/limits'
import type { SignedBytes } from '../../protocol/message'
import type { Passport } from '../../protocol/passport'
import type { Presence } from '../../protocol/presence'

/** A member whose link broke without a goodbye is forgotten after this, unless it is heard again. */
export const SUSPICION_MS = 10_000

export interface Member {
  readonly passport: Passport
  /** The presence as signed, for members who come later. */
  readonly signed: SignedBytes
  readonly ms: number
  readonly expiresAt: number
}

/** What a presence changed. `known` is an old or repeated one. */
export type PresenceOutcome = 'arrived' | 'renewed' | 'left' | 'known'

/** Who is in one room, by device, from their own signed word. The caller has checked it. */
export class Members {
  readonly #members = new Map<DeviceId, Member>()
  /** The last word of a device that left or was forgotten: nothing older that arrives late may revive it. */
  readonly #left = new Map<DeviceId, number>()

  get(device: DeviceId): Member | undefined {
    return this.#members.get(device)
  }

  get all(): Member[] {
    return [...this.#members.values()]
  }

  apply(presence: Presence, passport: Passport, signed: SignedBytes, now: number): PresenceOutcome {
    const { device, ms, state } = presence
    const before = this.#members.get(device)
    if (ms <= (before?.ms ?? this.#left.get(device) ?? Number.NEGATIVE_INFINITY)) return 'known'
    if (state === 'left') {
      this.#left.set(device, ms)
      return this.#members.delete(device) ? 'left' : 'known'
    }
    this.#left.delete(device)
    const expiresAt = Math.min(Math.min(ms, now) + PRESENCE_LIFETIME_MS, passport.exp * 1000)
    if (expiresAt <= now) return 'known'
    this.#members.set(device, { passport, signed, ms, expiresAt })
    return before ? 'renewed' : 'arrived'
  }

  /** Forgets a device and its last word. */
  forget(device: DeviceId): void {
    this.#members.delete(device)
    this.#left.delete(device)
  }

  /** The link to `device` broke: it has `SUSPICION_MS` to be heard again. */
  suspect(device: DeviceId, now: number): void {
    const member = this.#members.get(device)
    if (member)
      this.#members.set(device, { ...member, expiresAt: Math.min(member.expiresAt, now + SUSPICION_MS) })
  }

  /** The link to `device` is up: whatever was suspected is answered. */
  trust(device: DeviceId, now: number): void {
    const member = this.#members.get(device)
    if (!member) return
    const expiresAt = Math.min(now + PRESENCE_LIFETIME_MS, member.passport.exp * 1000)
    this.#members.set(device, { ...member, expiresAt })
  }

  /** Forgets who was silent too long, and returns them. */
  expire(now: number): Member[] {
    const gone = this.all.filter((member) => member.expiresAt <= now)
    for (const { passport, ms } of gone) {
      this.#members.delete(passport.device)
      this.#left.set(passport.device, ms)
    }
    for (const [device, ms] of this.#left) if (ms + PRESENCE_LIFETIME_MS < now) this.#left.delete(device)
    return gone
  }

  /** Whether any device of an account is here. */
  has(account: AccountId): boolean {
    return this.all.some(({ passport }) => passport.sub === account)
  }

  /** People, not devices; each under the name of its highest passport version. */
  people(me: AccountId): MemberView[] {
    const byAccount = new Map<AccountId, Passport>()
    for (const { passport } of this.#members.values()) {
      const other = byAccount.get(passport.sub)
      if (!other || other.ver < passport.ver) byAccount.set(passport.sub, passport)
    }
    return [...byAccount.values()].map(({ sub, name }) => ({ accountId: sub, name, me: sub === me }))
  }
}
