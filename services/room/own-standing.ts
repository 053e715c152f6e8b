import type { Credentials, RolePass } from '../../protocol/control'
import type { RoomId } from '../../protocol/room-id'
import type { Clock, Random } from '../clock'
import { OwnRole } from '../own-role'
import type { Admission } from './admission'
import { isLinked } from './rulings'

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
  /** Whether the room object did not take us, because only linked accounts take part. */
  isRefused(): boolean
  /** Our role is another one. */
  onRole(): void
}

/** What our account may do in a room: take part, and decide who does. */
export class OwnStanding {
  readonly #wiring: Wiring
  readonly #role: OwnRole

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

  /** Whether our passport says that our account is linked to Twitch. */
  get isLinked(): boolean {
    return isLinked(this.#wiring.credentials().passport)
  }

  /** Whether only linked accounts take part here: it was decided, or the room object says so. */
  get isLinkedOnly(): boolean {
    return this.#wiring.admission().rulings.isLinkedOnly || this.#wiring.isRefused()
  }

  /** Whether our account may not take part, until it is linked. */
  get isBarred(): boolean {
    return this.isLinkedOnly && !this.isLinked
  }

  /** Whether our account may decide things. */
  get mayRule(): boolean {
    return this.#role.isGranted
  }

  /** Decides whether only linked accounts take part. Resolves with whether that counts now. */
  async setLinkedOnly(on: boolean): Promise<boolean> {
    const { admission, isTimeSure } = this.#wiring
    const { grant } = this.#role
    // Whoever decides by a wrong clock decides for another time.
    if (grant === null || !isTimeSure()) return false
    return admission().rule({ act: 'linked-only', on }, grant)
  }

  /** Asks for our role now: at first, and whenever the account may have changed. */
  ask(): void {
    this.#role.ask()
  }

  close(): void {
    this.#role.close()
  }
}
