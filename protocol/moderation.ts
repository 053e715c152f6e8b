import type { AccountId, DeviceId } from './device'
import type { MessageId } from './message-id'
import type { HeldRuling } from './ruling'
import { type BarRuling, type DeleteRuling, type Heard, isBar, type Ruling, rulerOf } from './ruling'
import { isNewer, rankOf } from './ruling-slots'

/** As much of a message as its validity depends on. */
export interface Said {
  readonly id: MessageId
  readonly account: AccountId
  readonly device: DeviceId
  readonly seq: number
  readonly time: { readonly ms: number }
}

/** Until when (ms) an account may not speak, and by which ruling. A ban has no end. */
export interface Barred {
  readonly until: number
  readonly ruling: BarRuling
}

/**
 * What follows from rulings: whose words count. Of signed data alone, so that everybody who holds the same rulings judges each
 * message alike, whenever either came.
 */
export class Moderation {
  readonly #bars = new Map<AccountId, Partial<Record<'broadcaster' | 'moderator', HeldRuling>>>()
  readonly #deletions = new Map<MessageId, DeleteRuling[]>()
  /** Until when (ms) accounts have shown that they have a role. */
  readonly #staff = new Map<AccountId, number>()
  /** Whose messages were deleted. */
  readonly #accused = new Set<AccountId>()
  #clearedUntil = -1

  constructor(held: readonly HeldRuling[]) {
    for (const one of held) this.#note(one)
  }

  /** Whether a message counts for nothing. */
  voids({ id, account, device, seq, time }: Said): boolean {
    return (
      time.ms <= this.#clearedUntil ||
      this.deletionOf(id, account) !== undefined ||
      this.barsOf(account).some((bar) => time.ms < endOf(bar) && seq > lastHeard(bar.heard, device))
    )
  }

  /** Whether `account` takes no part. */
  isBanned(account: AccountId): boolean {
    return this.barsOf(account).some(({ act }) => act === 'ban')
  }

  /** Whether, until when and why `account` may not speak at `now` (ms); of several rulings the one that lasts longest. */
  barOf(account: AccountId, now: number): Barred | undefined {
    return this.barsOf(account)
      .map((ruling) => ({ ruling, until: endOf(ruling) }))
      .filter(({ until }) => until > now)
      .reduce<Barred | undefined>((a, b) => (a && a.until >= b.until ? a : b), undefined)
  }

  /**
   * What counts of what was decided about an account: a broadcaster's last word, and a moderator's, unless it is older, or is
   * about somebody who has a role, too.
   */
  barsOf(account: AccountId): BarRuling[] {
    const { broadcaster, moderator } = this.#bars.get(account) ?? {}
    const isOutdone = broadcaster && moderator && isNewer(broadcaster, moderator)
    const counts = moderator && !isOutdone && !this.isStaffAt(account, moderator.ruling.ms)
    return [broadcaster, counts ? moderator : undefined].flatMap((held) =>
      held && isBar(held.ruling) ? [held.ruling] : [],
    )
  }

  /** The ruling that deleted a message. One that names another author than it has deletes nothing. */
  deletionOf(id: MessageId, account: AccountId): DeleteRuling | undefined {
    return this.#deletions
      .get(id)
      ?.find((ruling) => ruling.account === account && this.#reaches(ruling, account))
  }

  /** Whether `account` has shown a role that it had at `ms`, or later. */
  isStaffAt(account: AccountId, ms: number): boolean {
    return ms <= (this.#staff.get(account) ?? -1)
  }

  /** Whether somebody decided anything about `account`, or about what it said. */
  concerns(account: AccountId): boolean {
    return this.#bars.has(account) || this.#accused.has(account)
  }

  /** Until when (ms) `account` has shown that it has a role; before 1970 if never. */
  staffUntil(account: AccountId): number {
    return this.#staff.get(account) ?? -1
  }

  /** Up to when (ms) what was said counts no more. */
  get clearedUntil(): number {
    return this.#clearedUntil
  }

  /** Whether a ruling about somebody counts, or its author was in no position to make it. */
  #reaches(ruling: Ruling, account: AccountId): boolean {
    return rankOf(ruling) === 'broadcaster' || !this.isStaffAt(account, ruling.ms)
  }

  #note(held: HeldRuling): void {
    const { ruling } = held
    if (isBar(ruling)) {
      const before = this.#bars.get(ruling.account)
      this.#bars.set(ruling.account, { ...before, [rankOf(ruling)]: held })
    } else if (ruling.act === 'delete') {
      this.#accused.add(ruling.account)
      this.#deletions.set(ruling.message, [...(this.#deletions.get(ruling.message) ?? []), ruling])
    } else if (ruling.act === 'clear') {
      this.#clearedUntil = Math.max(this.#clearedUntil, ruling.before)
    } else if (ruling.act === 'staff') {
      const ruler = rulerOf(ruling)
      if (ruler) this.#staff.set(ruler.account, ruler.until)
    }
  }
}

/** Until when (ms) what its account says does not count. */
export function endOf(ruling: BarRuling): number {
  if (ruling.act === 'ban') return Number.POSITIVE_INFINITY
  return ruling.act === 'timeout' ? ruling.until : ruling.ms
}

/** The number of the last message of a device that counts; −1 if none does. */
const lastHeard = (heard: Heard, device: DeviceId): number =>
  heard.find((one) => one.device === device)?.seq ?? -1
