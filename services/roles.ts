import type { AccountId } from '../protocol/device'
import { isHigher, type Role, type RoleGrant } from '../protocol/role'
import type { RoomId } from '../protocol/room-id'
import type { Clock } from './clock'

/** Accounts whose grants are kept; the one that was shown longest ago is forgotten first. */
const MAX_GRANTED = 1_000

interface Wiring {
  clock: Clock
  room: RoomId
  /** The claims of a grant that holds now; rejects for any other. */
  verify(jwt: string): Promise<RoleGrant>
  /** Somebody is more, or less, than before. */
  onChange(): void
}

interface Granted {
  /** As it was shown last, so that nobody's is checked each minute. */
  readonly jwt: string
  /** Until when (ms) each role holds. */
  readonly until: ReadonlyMap<Role, number>
}

/**
 * Who is broadcaster or moderator in one room: from grants that members show and the Worker has signed, nobody's word
 * else. The highest that still holds counts.
 */
export class RoomRoles {
  readonly #wiring: Wiring
  readonly #granted = new Map<AccountId, Granted>()

  constructor(wiring: Wiring) {
    this.#wiring = wiring
  }

  of(account: AccountId): Role | null {
    const now = this.#wiring.clock.now()
    const held = [...(this.#granted.get(account)?.until ?? [])].flatMap(([role, until]) =>
      until > now ? [role] : [],
    )
    return held.reduce<Role | null>((a, b) => (a === null || isHigher(b, a) ? b : a), null)
  }

  /** Accounts that are something here now. */
  get accounts(): AccountId[] {
    return [...this.#granted.keys()].filter((account) => this.of(account) !== null)
  }

  /** Takes a grant that `account` showed, if it is theirs, of this room, and holds. Never rejects; nothing else changes anything. */
  async learn(jwt: string, account: AccountId): Promise<void> {
    const { room, verify, onChange } = this.#wiring
    if (this.#granted.get(account)?.jwt === jwt) return
    const grant = await verify(jwt).catch(() => undefined)
    if (grant?.sub !== account || grant.room !== room) return
    const before = this.of(account)
    const known = this.#granted.get(account)?.until ?? []
    const end = Math.max(grant.exp * 1000, new Map(known).get(grant.role) ?? 0)
    this.#granted.delete(account)
    this.#granted.set(account, { jwt, until: new Map([...known, [grant.role, end]]) })
    const [oldest] = this.#granted.size > MAX_GRANTED ? this.#granted.keys() : []
    if (oldest !== undefined) this.#granted.delete(oldest)
    if (this.of(account) !== before) onChange()
  }
}
