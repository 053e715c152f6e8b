import type { Broadcast } from './broadcasts'
import { between, drawOne } from './chance'
import { DIGEST_BYTES, payloadBytes } from './frame-sizes'
import type { Member } from './member'
import type { Stage } from './stage'
import type { Wire } from './wire'

/** Each member compares its log with that of a random neighbour this often (ms). */
const EVERY_MS = 60_000

/**
 * A stand-in for `services/log`: two logs are compared over a new link and now and then, and what one end lacks comes from
 * the other two trips later. Checks nothing, and lacks the limits of the real one.
 */
export class Reconciliation {
  readonly #stage: Stage
  readonly #memberOf: (end: { readonly device: string }) => Member | undefined

  constructor(stage: Stage, memberOf: (end: { readonly device: string }) => Member | undefined) {
    this.#stage = stage
    this.#memberOf = memberOf
  }

  /** Begins the periodic comparisons of a member. */
  begin(member: Member): void {
    const { world } = this.#stage
    world.later(between(world.random, 0, EVERY_MS), () => this.#compare(member))
  }

  #compare(member: Member): void {
    const { world } = this.#stage
    if (member.leftAt <= world.now) return
    world.later(EVERY_MS, () => this.#compare(member))
    if (member.wires.size > 0) this.between(member, drawOne([...member.wires.values()], world.random))
  }

  /** Both ends of `wire`, one of which is `member`, exchange what the other lacks. */
  between(member: Member, wire: Wire): void {
    const other = this.#memberOf(wire.other(member))
    if (!other) return
    wire.account(member, DIGEST_BYTES)
    if (!wire.isTorn) wire.account(other, DIGEST_BYTES)
    this.#stage.world.later(2 * wire.latency, () => {
      if (!member.isWiredBy(wire) || !other.isWiredBy(wire) || wire.isTorn) return
      const newest = this.#stage.broadcasts.newest
      this.#give(newest, wire, member, other)
      this.#give(newest, wire, other, member)
    })
  }

  #give(newest: readonly Broadcast[], wire: Wire, from: Member, to: Member): void {
    if (!from.isHonest) return
    for (const broadcast of newest) {
      if (!broadcast.isWith(from.index) || broadcast.isWith(to.index)) continue
      wire.account(from, payloadBytes(broadcast.size))
      to.recovered(broadcast)
    }
  }
}
