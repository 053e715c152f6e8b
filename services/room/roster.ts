import type { AccountId, DeviceId } from '../../protocol/device'
import { MAX_PEOPLE_NAMED } from '../../protocol/limits'
import type { SignedBytes } from '../../protocol/message'
import type { Passport } from '../../protocol/passport'
import type { Presence } from '../../protocol/presence'
import type { Clock } from '../clock'
import { DeviceRates } from './device-rates'
import { type Member, Members, type People } from './members'

/**
 * What one device may have to say about its being here, every word of which is passed on to the whole room: one a minute,
 * and one for each link that breaks or time the viewer comes back.
 */
const WORDS = { burst: 20, perSecond: 0.5 } as const
/** People who were seen to leave, and whose return is told whenever their visit began. */
const MAX_SEEN_LEAVING = 1_000

export interface Membership {
  /** `ended`: the account is deleted or suspended. */
  kind: 'arrived' | 'left' | 'renamed' | 'ended'
  account: AccountId
  name: string
  /** Of those who were renamed: what they were called before. */
  was?: string
  ms: number
}

interface Wiring {
  clock: Clock
  me: DeviceId
  /** When our own visit began: who came before did not arrive before our eyes. */
  since: number
  onHeard(device: DeviceId): void
  /** A member said goodbye. One that merely fell silent is worth dialling still. */
  onLeft(device: DeviceId): void
  onMembership(membership: Membership): void
  /** `people` looks different. */
  onChange(): void
}

/** Follows who is in the room and tells of people, not devices, who come and go. */
export class Roster {
  readonly #wiring: Wiring
  readonly #members = new Members()
  readonly #seenLeaving = new Set<AccountId>()
  readonly #rates = new DeviceRates(WORDS)

  constructor(wiring: Wiring) {
    this.#wiring = wiring
  }

  get(device: DeviceId): Member | undefined {
    return this.#members.get(device)
  }

  get all(): Member[] {
    return this.#members.all
  }

  /** What an account is called here: by its newest passport that anybody showed. */
  nameOf(account: AccountId): string | undefined {
    return this.#members.newestOf(account)?.name
  }

  /** The hash of an account's picture, if its newest passport names one. */
  avatarOf(account: AccountId): string | undefined {
    return this.#members.newestOf(account)?.avatar
  }

  /** Somebody's newest passport that anybody showed here, and their devices that are here now. */
  personOf(account: AccountId): { passport: Passport | undefined; here: Member[] } {
    const here = this.#members.all.filter(({ passport }) => passport.sub === account)
    return { passport: this.#members.newestOf(account), here }
  }

  /** How many people are here, ourselves included. */
  get count(): number {
    return this.#members.count
  }

  /** Everybody, or a lasting sample with `me` where there are more than `MAX_PEOPLE_NAMED`. */
  people(me: AccountId): People {
    return this.#members.sample(me, MAX_PEOPLE_NAMED)
  }

  /** Takes a checked presence. Returns whether it was news. */
  apply(presence: Presence, passport: Passport, signed: SignedBytes): boolean {
    const { me, since, clock, onHeard, onLeft, onChange } = this.#wiring
    if (!this.#members.isNewer(presence)) return false
    if (presence.device !== me && !this.#rates.take(presence.device, clock.now())) return false
    const wasHere = this.#members.has(passport.sub)
    const was = this.nameOf(passport.sub)
    const outcome = this.#members.apply(presence, passport, signed, clock.now())
    if (outcome === 'known') return false
    if (outcome === 'left') {
      onLeft(presence.device)
      this.#gone(presence.device, passport, presence.ms)
    } else if (presence.device !== me) onHeard(presence.device)
    if (outcome === 'arrived' && !wasHere) this.#come(passport.sub, presence.ms, presence.since > since)
    if (wasHere && presence.device !== me) this.#tellRenaming(passport.sub, was, presence.ms)
    if (outcome !== 'renewed') onChange()
    return true
  }

  /** `devices` may not be here any more. `kind`: what is told of people who go with them; nothing is told without. */
  dismissed(devices: readonly DeviceId[], kind?: 'left' | 'ended'): void {
    const gone = devices.flatMap((device) => this.#members.get(device) ?? [])
    for (const device of devices) this.#members.forget(device)
    const now = this.#wiring.clock.now()
    const people = new Map(gone.map(({ passport }) => [passport.sub, passport]))
    if (kind) for (const passport of people.values()) this.#gone(passport.device, passport, now, kind)
    if (gone.length > 0) this.#wiring.onChange()
  }

  /** Takes our own latest word, also after our clock was set back. */
  applyOwn(presence: Presence, passport: Passport, signed: SignedBytes): void {
    this.#members.forget(presence.device)
    this.apply(presence, passport, signed)
  }

  /** There is a link to `device`: if it was thought gone, it is not, and need not say so first. */
  linked(device: DeviceId): void {
    const now = this.#wiring.clock.now()
    const returned = this.#members.trust(device, now)
    if (!returned) return
    this.#come(returned.passport.sub, now, false)
    this.#wiring.onChange()
  }

  unlinked(device: DeviceId): void {
    this.#members.suspect(device, this.#wiring.clock.now())
  }

  expire(linked: readonly DeviceId[]): void {
    for (const device of linked) this.linked(device)
    const now = this.#wiring.clock.now()
    this.#rates.forgetIdle(now)
    const gone = this.#members.expire(now)
    for (const { passport } of gone) this.#gone(passport.device, passport, now)
    if (gone.length > 0) this.#wiring.onChange()
  }

  /** Told when it happened before our eyes, or makes up for what we told wrongly: that this person left. */
  #come(account: AccountId, ms: number, isNew: boolean): void {
    const name = this.nameOf(account)
    const isTold = this.#seenLeaving.delete(account) || isNew
    if (isTold && name !== undefined) this.#wiring.onMembership({ kind: 'arrived', account, name, ms })
  }

  #tellRenaming(account: AccountId, was: string | undefined, ms: number): void {
    const name = this.nameOf(account)
    if (was === undefined || name === undefined || name === was) return
    this.#wiring.onMembership({ kind: 'renamed', account, name, was, ms })
  }

  #gone(device: DeviceId, { sub, name }: Passport, ms: number, kind: 'left' | 'ended' = 'left'): void {
    if (device === this.#wiring.me || this.#members.has(sub)) return
    this.#seenLeaving.add(sub)
    const [oldest] = this.#seenLeaving.size > MAX_SEEN_LEAVING ? this.#seenLeaving : []
    if (oldest !== undefined) this.#seenLeaving.delete(oldest)
    this.#wiring.onMembership({ kind, account: sub, name: this.nameOf(sub) ?? name, ms })
  }
}
