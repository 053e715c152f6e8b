import type { Credentials, RolePass } from '../../protocol/control'
import type { Barred } from '../../protocol/moderation'
import { type Role, roleSchema } from '../../protocol/role'
import type { RoomId } from '../../protocol/room-id'
import type { Act } from '../../protocol/ruling'
import { z } from '../../protocol/schema'
import { claimsOf } from '../claims'
import type { Clock, Random } from '../clock'
import { OwnRole } from '../own-role'
import type { Admission } from './admission'
import type { Refusal } from './introducer'
import { isLinked, type Rulings } from './rulings'

const roleClaims = z.object({ role: roleSchema })

interface Wiring {
  room: RoomId
  clock: Clock
  random: Random
  /** As fresh as it is now. */
  credentials(): Credentials
  /** What our account is in a room. */
  role(room: RoomId): Promise<RolePass>
  isTimeSure(): boolean
  admission(): Admission
  /** Why the room object did not take us, if it has something against our account. */
  refusal(): Refusal | undefined
  /** Our role is another one. */
  onRole(): void
}

/** What our account may do in a room: take part, and decide who does. */
export class OwnStanding {
  readonly #wiring: Wiring
  readonly #role: OwnRole
  #isShowing = false

  constructor(wiring: Wiring) {
    const { room, role, onRole } = wiring
    this.#wiring = wiring
    this.#role = new OwnRole({ ...wiring, fetch: () => role(room), onChange: onRole })
  }

  /** The grant to show. Whoever runs a channel is as good as named by it: it is shown with the name, or not at all. */
  get shownGrant(): string | undefined {
    const isNamed = this.#wiring.credentials().twitch !== undefined
    return isNamed ? (this.#role.grant ?? undefined) : undefined
  }

  /** By the clock of the room (ms). */
  get now(): number {
    return this.#wiring.clock.now()
  }

  /** Whether our passport says that our account is linked to Twitch. */
  get isLinked(): boolean {
    return isLinked(this.#wiring.credentials().passport)
  }

  /** Whether only linked accounts take part here: it was decided, or the room object says so. */
  get isLinkedOnly(): boolean {
    return this.#rulings.isLinkedOnly || this.#wiring.refusal() === 'unlinked'
  }

  /** Whether our account may not take part, until it is linked. */
  get isBarred(): boolean {
    return this.isLinkedOnly && !this.isLinked
  }

  /** Whether, until when and by whom our account may not speak: a time-out, or a ban. */
  get bar(): Barred | undefined {
    const { clock, credentials } = this.#wiring
    return this.#rulings.moderation.barOf(credentials().accountId, clock.now())
  }

  /** Whether our account is banned: it was decided, or the room object says so. */
  get isBanned(): boolean {
    return this.bar?.ruling.act === 'ban' || this.#wiring.refusal() === 'banned'
  }

  /** Why nobody would take what we say, if that is so. */
  get barrier(): 'unlinked' | 'barred' | undefined {
    if (this.isBarred) return 'unlinked'
    return this.isBanned || this.bar ? 'barred' : undefined
  }

  /** Whether our account may decide things. */
  get mayRule(): boolean {
    return this.#role.isGranted
  }

  /** As what it may decide them. */
  get role(): Role | null {
    const { grant } = this.#role
    return this.mayRule && grant !== null ? (claimsOf(grant, roleClaims)?.role ?? null) : null
  }

  /** Decides whether only linked accounts take part. Resolves with whether that counts now. */
  async setLinkedOnly(on: boolean): Promise<boolean> {
    const newest = this.#rulings.all.find(({ ruling }) => ruling.act === 'linked-only')?.ruling
    return (newest?.act === 'linked-only' && newest.on === on) || this.decide({ act: 'linked-only', on })
  }

  /** Decides something for the room. Resolves with whether that counts now. */
  async decide(act: Act): Promise<boolean> {
    const { admission, isTimeSure } = this.#wiring
    const { grant } = this.#role
    // Whoever decides by a wrong clock decides for another time.
    if (grant === null || !isTimeSure()) return false
    return admission().rule(act, grant)
  }

  /**
   * Shows that our account has a role where that matters: moderators cannot decide about it then, and a slow room is not slow
   * for it. A role that is not shown otherwise is shown only once somebody did, or the room is slow.
   */
  async showRole(): Promise<void> {
    const { clock, credentials } = this.#wiring
    const now = clock.now()
    const { moderation } = this.#rulings
    const account = credentials().accountId
    if (this.#isShowing || !this.mayRule || moderation.staffUntil(account) > now) return
    const isNeeded = moderation.concerns(account) || this.#rulings.slowAt(now) > 0
    if (!isNeeded) return
    this.#isShowing = true
    await this.decide({ act: 'staff' }).finally(() => {
      this.#isShowing = false
    })
  }

  get #rulings(): Rulings {
    return this.#wiring.admission().rulings
  }

  /** Asks for our role now: at first, and whenever the account may have changed. */
  ask(): void {
    this.#role.ask()
  }

  close(): void {
    this.#role.close()
  }
}
