import type { AccountId, DeviceId } from '../../protocol/device'
import { encodeFrame, type FrameFault } from '../../protocol/frames'
import { MAX_CLOCK_AHEAD_MS, MAX_REVOCATIONS, MAX_REVOCATIONS_PER_FRAME } from '../../protocol/limits'
import { isUnknownKey, type Passport } from '../../protocol/passport'
import { type Revocation, revocationClaimsSchema, revokes } from '../../protocol/revocation'
import { z } from '../../protocol/schema'
import { claimsOf } from '../claims'
import type { Clock } from '../clock'
import type { Bearers } from './bearers'
import { RevokedError } from './passport-fault'

/** Of one account: with every device that it may have ended, nobody pushes another's revocation out. */
const MAX_OF_ACCOUNT = 20
/** What will have expired when it gets there is not passed on (ms). */
const EXPIRY_MARGIN_MS = 60_000

interface Wiring {
  clock: Clock
  /** The claims of a revocation that the Worker signed and that has not expired. Rejects for any other. */
  verify(jwt: string): Promise<Revocation>
  bearers: Bearers
  broadcast(frame: Uint8Array<ArrayBuffer>, except: DeviceId[]): void
  /** `devices` were members or linked here until now, and are not to be any more. */
  onRevoked(revocation: Revocation, devices: readonly DeviceId[]): void
}

const versionSchema = z.object({ ver: z.int() })

/** Something that was signed at `ms`, and by whom. */
interface Stamped {
  readonly account: AccountId
  readonly device: DeviceId
  readonly ms: number
  readonly passport: string
}

/**
 * Which passports count no more in one room, by the Worker's signed word, whoever brought it. Kept until the last of
 * them would have ended anyway, and given to every new neighbour.
 */
export class Revocations {
  readonly #wiring: Wiring
  readonly #held = new Map<string, Revocation>()

  constructor(wiring: Wiring) {
    this.#wiring = wiring
  }

  /**
   * Takes revocations, of a peer or of the room object, and passes those that are news here on to everybody else.
   * Resolves with what was wrong with them, if anything was: what follows that is not looked at.
   */
  async take(jwts: readonly string[], from?: DeviceId): Promise<FrameFault | undefined> {
    this.#prune(this.#wiring.clock.now())
    const news: string[] = []
    let fault: FrameFault | undefined
    for (const jwt of jwts) {
      const outcome = await this.#takeOne(jwt)
      if (outcome === 'news') news.push(jwt)
      else if (outcome !== 'known') fault = outcome
      if (fault) break
    }
    const frame = { t: 'revoked', revocations: news } as const
    if (news.length > 0) this.#wiring.broadcast(encodeFrame(frame), from === undefined ? [] : [from])
    return fault
  }

  isVoid(passport: Passport): boolean {
    return this.#of(passport.sub).some((revocation) => revokes(revocation, passport))
  }

  /** A checked passport, unless it is revoked: then throws a `RevokedError`. */
  admit(passport: Passport): Passport {
    if (this.isVoid(passport)) throw new RevokedError('revoked')
    this.#wiring.bearers.note(passport)
    return passport
  }

  /** The same for what was stamped `ms`: what a device said before its passport was revoked was said by its owner. */
  admitAt(passport: Passport, ms: number): Passport {
    const isVoid = this.#of(passport.sub).some(
      (revocation) => ms >= revocation.iat * 1000 && revokes(revocation, passport),
    )
    if (isVoid) throw new RevokedError('revoked')
    return passport
  }

  /** Whether something was stamped when the passport (JWT) of its author counted no more. */
  covers({ account, device, ms, passport }: Stamped): boolean {
    const suspects = this.#of(account).filter(({ iat }) => ms >= iat * 1000)
    if (suspects.length === 0) return false
    const { ver } = claimsOf(passport, versionSchema) ?? { ver: 0 }
    return suspects.some((revocation) => revokes(revocation, { sub: account, device, ver }))
  }

  /** All that a new neighbour should know, in as many frames as it takes. */
  get batches(): string[][] {
    const now = this.#wiring.clock.now()
    this.#prune(now)
    const jwts = [...this.#held].flatMap(([jwt, { exp }]) => (exp * 1000 > now + EXPIRY_MARGIN_MS ? jwt : []))
    return Array.from({ length: Math.ceil(jwts.length / MAX_REVOCATIONS_PER_FRAME) }, (_, index) =>
      jwts.slice(index * MAX_REVOCATIONS_PER_FRAME, (index + 1) * MAX_REVOCATIONS_PER_FRAME),
    )
  }

  /**
   * Cheapest checks first: neither what is known, nor what has expired, nor what would not be kept costs a signature's
   * check. The Worker's own older words are worth nothing here, and there may be any number of them.
   */
  async #takeOne(jwt: string): Promise<'news' | 'known' | FrameFault> {
    if (this.#held.has(jwt)) return 'known'
    const { clock, verify, bearers, onRevoked } = this.#wiring
    const claims = claimsOf(jwt, revocationClaimsSchema)
    if (claims && claims.exp * 1000 + MAX_CLOCK_AHEAD_MS <= clock.now()) return 'stale'
    if (claims && !this.#isNews(jwt, claims)) return 'known'
    let revocation: Revocation
    try {
      revocation = await verify(jwt)
    } catch (error) {
      return isUnknownKey(error) ? 'unknown-key' : 'bad-revocation'
    }
    // Once more: the same may have come from others while the signature was checked.
    if (!this.#isNews(jwt, revocation)) return 'known'
    this.#hold(jwt, revocation)
    onRevoked(
      revocation,
      bearers.take((passport) => revokes(revocation, passport)),
    )
    return 'news'
  }

  /** Whether a revocation would be held, and says what none of those held does. */
  #isNews(jwt: string, revocation: Revocation): boolean {
    if (this.#held.has(jwt)) return false
    const rivals = [...this.#held].filter(([, older]) => !isWithin(older, revocation))
    const later = rivals.filter(([other, { exp }]) => isLater(other, exp, jwt, revocation.exp))
    const ofAccount = later.filter(([, { sub }]) => sub === revocation.sub)
    if (later.length >= MAX_REVOCATIONS || ofAccount.length >= MAX_OF_ACCOUNT) return false
    return !this.#of(revocation.sub).some((other) => isWithin(revocation, other))
  }

  #hold(jwt: string, revocation: Revocation): void {
    for (const [other, older] of this.#held) if (isWithin(older, revocation)) this.#held.delete(other)
    this.#held.set(jwt, revocation)
    if (this.#of(revocation.sub).length > MAX_OF_ACCOUNT) this.#forgetOldest(revocation.sub)
    if (this.#held.size > MAX_REVOCATIONS) this.#forgetOldest()
  }

  /** Of one account, or of all. */
  #forgetOldest(account?: AccountId): void {
    const [first, ...others] = [...this.#held].filter(
      ([, { sub }]) => account === undefined || sub === account,
    )
    if (!first) return
    const [oldest] = others.reduce(
      (one, other) => (isLater(one[0], one[1].exp, other[0], other[1].exp) ? other : one),
      first,
    )
    this.#held.delete(oldest)
  }

  #of(account: AccountId): Revocation[] {
    return [...this.#held.values()].filter(({ sub }) => sub === account)
  }

  #prune(now: number): void {
    for (const [jwt, { exp }] of this.#held) if (exp * 1000 <= now) this.#held.delete(jwt)
  }
}

/** Whether all that `inner` revokes is revoked by `outer`, from no later on and for no shorter time. */
const isWithin = (inner: Revocation, outer: Revocation): boolean =>
  inner.sub === outer.sub &&
  (outer.device === undefined || outer.device === inner.device) &&
  outer.ver >= inner.ver &&
  outer.iat <= inner.iat &&
  outer.exp >= inner.exp

/** Whether one of two, each with when it expires, outlives the other; in doubt by what is signed, which has one spelling. */
const isLater = (one: string, oneExp: number, other: string, otherExp: number): boolean =>
  oneExp === otherExp ? signedPart(one) > signedPart(other) : oneExp > otherExp

const signedPart = (jwt: string) => jwt.slice(0, jwt.lastIndexOf('.'))
