import type { AccountId, DeviceId } from '../../protocol/device'
import type { MemberView } from '../../protocol/host-port'
import { PRESENCE_LIFETIME_MS } from '../../protocol/limits'
import type { SignedBytes } from '../../protocol/message'
import type { Passport } from '../../protocol/passport'
import type { Presence } from '../../protocol/presence'
import { NewestPassports, newerOf } from './newest-passports'

/** A member whose link broke without a goodbye is forgotten after this, unless it is heard again. */
export const SUSPICION_MS = 10_000

export interface Member {
  readonly passport: Passport
  /** The passport as it came. */
  readonly jwt: string
  /** The presence as signed, for members who come later. */
  readonly signed: SignedBytes
  readonly ms: number
  readonly away: boolean
  readonly expiresAt: number
}

/** Whoever is no more here. */
interface Former {
  /** Its last word: nothing older that arrives late may revive it. */
  readonly ms: number
  /** What was known of one that merely fell silent. */
  readonly silent?: Member
}

/** What a presence changed. `changed` is a renewal that shows; `known` is an old or repeated word. */
export type PresenceOutcome = 'arrived' | 'changed' | 'renewed' | 'left' | 'known'

/** Everybody, or some of them; `count` is how many people there are. */
export interface People {
  members: MemberView[]
  count: number
}

/** Who is in one room, by device, from their own signed word. The caller has checked it. */
export class Members {
  readonly #members = new Map<DeviceId, Member>()
  readonly #accounts = new Map<AccountId, Set<DeviceId>>()
  readonly #former = new Map<DeviceId, Former>()
  readonly #newest = new NewestPassports()

  get(device: DeviceId): Member | undefined {
    return this.#members.get(device)
  }

  get all(): Member[] {
    return [...this.#members.values()]
  }

  /** How many people are here, not devices. */
  get count(): number {
    return this.#accounts.size
  }

  /** Whether a word is newer than the last of its device. */
  isNewer({ device, ms }: Presence): boolean {
    const last = this.#members.get(device) ?? this.#former.get(device)
    return last === undefined || ms > last.ms
  }

  /** What an account is called, and looks like, here. `undefined` for one that nobody heard of. */
  newestOf(account: AccountId): Passport | undefined {
    return this.#newest.of(account)
  }

  apply(presence: Presence, shown: Passport, signed: SignedBytes, now: number): PresenceOutcome {
    const { device, ms, state } = presence
    const before = this.#members.get(device)
    if (!this.isNewer(presence)) return 'known'
    this.#newest.note(shown, now)
    // The word counts, a passport of an earlier version does not.
    const passport = newerOf(before?.passport, shown)
    const jwt = before && passport !== shown ? before.jwt : presence.passport
    if (state === 'left') {
      if (before) this.#remove(before)
      this.#former.set(device, { ms })
      return before ? 'left' : 'known'
    }
    const expiresAt = Math.min(Math.min(ms, now) + PRESENCE_LIFETIME_MS, passport.exp * 1000)
    if (expiresAt <= now) return 'known'
    this.#former.delete(device)
    const member = { passport, jwt, signed, ms, away: state === 'away', expiresAt }
    this.#put(member)
    if (!before) return 'arrived'
    return looksLike(before, member) ? 'renewed' : 'changed'
  }

  /** Forgets a device and its last word. */
  forget(device: DeviceId): void {
    const member = this.#members.get(device)
    if (member) this.#remove(member)
    this.#former.delete(device)
  }

  /** The link to `device` broke: it has `SUSPICION_MS` to be heard again. */
  suspect(device: DeviceId, now: number): void {
    const member = this.#members.get(device)
    if (member) this.#put({ ...member, expiresAt: Math.min(member.expiresAt, now + SUSPICION_MS) })
  }

  /**
   * The link to `device` is up: whatever was suspected is answered. Returns the member if it had been forgotten for its
   * silence, and is here again without a new word.
   */
  trust(device: DeviceId, now: number): Member | undefined {
    const silent = this.#former.get(device)?.silent
    const member = this.#members.get(device) ?? silent
    if (!member) return undefined
    const expiresAt = Math.min(now + PRESENCE_LIFETIME_MS, member.passport.exp * 1000)
    if (silent && expiresAt <= now) return undefined
    this.#former.delete(device)
    this.#put({ ...member, expiresAt })
    return silent
  }

  /** Forgets who was silent too long, and returns them. */
  expire(now: number): Member[] {
    this.#newest.expire(now)
    const gone = this.all.filter((member) => member.expiresAt <= now)
    for (const member of gone) {
      this.#remove(member)
      this.#former.set(member.passport.device, { ms: member.ms, silent: member })
    }
    for (const [device, { ms }] of this.#former)
      if (ms + PRESENCE_LIFETIME_MS < now) this.#former.delete(device)
    return gone
  }

  /** Whether any device of an account is here. */
  has(account: AccountId): boolean {
    return this.#accounts.has(account)
  }

  /** People, not devices; each under the name of its highest passport version, away only with all devices. */
  people(me: AccountId): MemberView[] {
    return [...this.#accounts.keys()].map((account) => this.#person(account, me))
  }

  /** All people if they are no more than `max`, else `max` of them, me among them: the same as long as they are here. */
  sample(me: AccountId, max: number): People {
    const { count } = this
    if (count <= max) return { members: this.people(me), count }
    const others = [...this.#accounts.keys()].filter((account) => account !== me).sort()
    const chosen = this.has(me) ? [me, ...others.slice(0, max - 1)] : others.slice(0, max)
    return { members: chosen.map((account) => this.#person(account, me)), count }
  }

  #person(account: AccountId, me: AccountId): MemberView {
    const devices = [...(this.#accounts.get(account) ?? [])].flatMap((device) => this.get(device) ?? [])
    const name = this.#newest.of(account)?.name ?? devices[0]?.passport.name ?? ''
    const avatar = (this.#newest.of(account) ?? devices[0]?.passport)?.avatar
    return {
      accountId: account,
      name,
      ...(avatar !== undefined && { avatar }),
      me: account === me,
      away: devices.every(({ away }) => away),
    }
  }

  #put(member: Member): void {
    const { device, sub } = member.passport
    const before = this.#members.get(device)
    // A device may come to speak for another account.
    if (before && before.passport.sub !== sub) this.#remove(before)
    this.#members.set(device, member)
    const devices = this.#accounts.get(sub)
    if (devices) devices.add(device)
    else this.#accounts.set(sub, new Set([device]))
  }

  #remove({ passport: { device, sub } }: Member): void {
    this.#members.delete(device)
    const devices = this.#accounts.get(sub)
    devices?.delete(device)
    if (devices?.size === 0) this.#accounts.delete(sub)
  }
}

const looksLike = (a: Member, b: Member) =>
  a.away === b.away &&
  a.passport.sub === b.passport.sub &&
  a.passport.name === b.passport.name &&
  a.passport.ver === b.passport.ver
