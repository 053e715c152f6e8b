import type { AccountId, DeviceId } from '../../protocol/device'
import type { MemberView } from '../../protocol/host-port'
import type { SignedBytes } from '../../protocol/message'
import type { Passport } from '../../protocol/passport'
import type { Presence } from '../../protocol/presence'
import type { Clock } from '../clock'
import { type Member, Members } from './members'

export interface Membership {
  kind: 'arrived' | 'left'
  name: string
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
  onChange(): void
}

/** Follows who is in the room and tells of people, not devices, who come and go. */
export class Roster {
  readonly #wiring: Wiring
  readonly #members = new Members()

  constructor(wiring: Wiring) {
    this.#wiring = wiring
  }

  get(device: DeviceId): Member | undefined {
    return this.#members.get(device)
  }

  get all(): Member[] {
    return this.#members.all
  }

  people(me: AccountId): MemberView[] {
    return this.#members.people(me)
  }

  /** Takes a checked presence. Returns whether it was news. */
  apply(presence: Presence, passport: Passport, signed: SignedBytes): boolean {
    const { me, since, clock, onHeard, onLeft, onMembership, onChange } = this.#wiring
    const wasHere = this.#members.has(passport.sub)
    const outcome = this.#members.apply(presence, passport, signed, clock.now())
    if (outcome === 'known') return false
    if (outcome === 'left') {
      onLeft(presence.device)
      this.#gone(presence.device, passport, presence.ms)
    } else if (presence.device !== me) onHeard(presence.device)
    if (outcome === 'arrived' && !wasHere && presence.since > since)
      onMembership({ kind: 'arrived', name: passport.name, ms: presence.ms })
    onChange()
    return true
  }

  /** Takes our own latest word, also after our clock was set back. */
  applyOwn(presence: Presence, passport: Passport, signed: SignedBytes): void {
    this.#members.forget(presence.device)
    this.apply(presence, passport, signed)
  }

  linked(device: DeviceId): void {
    this.#members.trust(device, this.#wiring.clock.now())
  }

  unlinked(device: DeviceId): void {
    this.#members.suspect(device, this.#wiring.clock.now())
  }

  expire(linked: readonly DeviceId[]): void {
    const now = this.#wiring.clock.now()
    for (const device of linked) this.#members.trust(device, now)
    const gone = this.#members.expire(now)
    for (const { passport } of gone) this.#gone(passport.device, passport, now)
    if (gone.length > 0) this.#wiring.onChange()
  }

  #gone(device: DeviceId, passport: Passport, ms: number): void {
    if (device === this.#wiring.me) return
    if (!this.#members.has(passport.sub)) this.#wiring.onMembership({ kind: 'left', name: passport.name, ms })
  }
}
