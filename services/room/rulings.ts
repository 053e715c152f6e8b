import type { AccountId, DeviceId } from '../../protocol/device'
import { encodeFrame, type FrameFault } from '../../protocol/frames'
import { MAX_CLOCK_AHEAD_MS, RULING_PACE } from '../../protocol/limits'
import { type MessageId, messageId, type SignedBytes } from '../../protocol/message'
import type { Moderation } from '../../protocol/moderation'
import type { Passport } from '../../protocol/passport'
import type { RoomId } from '../../protocol/room-id'
import type { HeldRuling } from '../../protocol/ruling'
import { checkRuling, decodeRuling, type Ruling, rulerOf, type Vouching } from '../../protocol/ruling'
import { RulingHistory } from '../../protocol/ruling-history'
import { z } from '../../protocol/schema'
import { claimsOf } from '../claims'
import type { Clock } from '../clock'
import type { LoggedMessage } from '../log/logged-message'
import { DeviceRates } from './device-rates'
import { BannedError, passportFault, UnlinkedError } from './passport-fault'

/** `spent`: its device decided too much lately. */
type RulingOutcome = 'news' | 'known' | 'spent' | FrameFault

interface Wiring extends Vouching {
  clock: Clock
  room: RoomId
  /** Whether the passport under which it was made had been revoked by then. */
  isRevoked(ruling: Ruling): boolean
  broadcast(frame: Uint8Array<ArrayBuffer>, except: DeviceId[]): void
  /** Something was decided, or taken back. */
  onChange(): void
}

const linkedSchema = z.object({ linked: z.literal(true) })

/** Whether a passport that was checked elsewhere says that its account is linked to Twitch. */
export const isLinked = (jwt: string): boolean => claimsOf(jwt, linkedSchema) !== undefined

/** What those who run or moderate the channel decided for its room, by their own signatures, whoever brought them. */
export class Rulings {
  readonly #wiring: Wiring
  readonly #history = new RulingHistory()
  readonly #rates = new DeviceRates(RULING_PACE)

  constructor(wiring: Wiring) {
    this.#wiring = wiring
  }

  /** Newest first. */
  get all(): readonly HeldRuling[] {
    return this.#history.all
  }

  /** Whether only linked accounts take part. */
  get isLinkedOnly(): boolean {
    return this.#history.isLinkedOnly
  }

  /** What is decided about who may speak, and what counts. */
  get moderation(): Moderation {
    return this.#history.moderation
  }

  has(id: MessageId): boolean {
    return this.#history.has(id)
  }

  /** Accounts that showed with what they decided that they have a role at `now` (ms). */
  rulersAt(now: number): AccountId[] {
    const rulers = this.all.flatMap(({ ruling }) => rulerOf(ruling) ?? [])
    return rulers.flatMap(({ account, until }) => (until > now ? [account] : []))
  }

  /** How many seconds an account had to wait between two messages at `ms`. */
  slowAt(ms: number): number {
    return this.#history.slowAt(ms)
  }

  /** Whether the bearer of a checked passport may not take part now. */
  isOut({ linked, sub }: Passport): boolean {
    return (this.isLinkedOnly && !linked) || this.moderation.isBanned(sub)
  }

  /** A checked passport, unless its account may not take part now: then throws an `UnlinkedError` or a `BannedError`. */
  admit(passport: Passport): Passport {
    if (this.isLinkedOnly && !passport.linked) throw new UnlinkedError('not linked')
    if (this.moderation.isBanned(passport.sub)) throw new BannedError('banned')
    return passport
  }

  /** Whether what was stamped `ms` under a checked passport counts for nothing. */
  isBarredAt(passport: Passport, ms: number): boolean {
    return !passport.linked && this.#history.isLinkedOnlyAt(ms)
  }

  /** The same for what was stamped `ms`. */
  admitAt(passport: Passport, ms: number): Passport {
    if (this.isBarredAt(passport, ms)) throw new UnlinkedError('not linked')
    return passport
  }

  /** Whether a message was stamped when its author might not take part. */
  isFromOutside({ time, passport }: Pick<LoggedMessage, 'time' | 'passport'>): boolean {
    return this.#history.isLinkedOnlyAt(time.ms) && !isLinked(passport)
  }

  /** Whether a message counts for nothing, by what was decided. */
  covers(message: LoggedMessage): boolean {
    return this.moderation.voids(message) || this.isFromOutside(message)
  }

  /** Takes over what an earlier run had checked and kept. */
  restore(kept: readonly HeldRuling[]): void {
    const news = kept.filter((held) => this.#history.add(held) && !this.#wiring.isRevoked(held.ruling))
    if (news.length > 0) this.#wiring.onChange()
  }

  /** The ruling in signed bytes, if it is worth a check: right room, not of the future, and not outdone by newer ones. */
  read(id: MessageId, signed: SignedBytes): HeldRuling | 'known' | FrameFault {
    let ruling: Ruling
    try {
      ruling = decodeRuling(signed.bytes)
    } catch {
      return 'malformed'
    }
    const { room, clock } = this.#wiring
    if (ruling.room !== room) return 'wrong-room'
    if (ruling.ms > clock.now() + MAX_CLOCK_AHEAD_MS) return 'from-the-future'
    const held = { id, ruling, signed }
    return this.#history.isNews(held) ? held : 'known'
  }

  /**
   * Checks what was read; what is news counts from now on and is passed on to everybody but `from`. `isAsked`: we asked for it,
   * which is bounded by what is remembered, so that nobody's pace matters.
   */
  async decide(read: HeldRuling, from?: DeviceId, isAsked = false): Promise<RulingOutcome> {
    const { clock, isRevoked, broadcast, onChange } = this.#wiring
    const { ruling, signed } = read
    const checked = await checkRuling(ruling, signed, this.#wiring)
    if ('fault' in checked) return faultOf(checked)
    if (isRevoked(ruling)) return 'revoked'
    // Once more: the same may have come from others while it was checked.
    if (!this.#history.isNews(read)) return 'known'
    const now = clock.now()
    this.#rates.forgetIdle(now)
    if (!isAsked && !this.#rates.take(ruling.device, now)) return 'spent'
    this.#history.add(read)
    broadcast(encodeFrame({ t: 'ruling', ...signed }), from === undefined ? [] : [from])
    onChange()
    return 'news'
  }

  /** Both in one, for what no link brought. Resolves to what is wrong with it, if anything is. */
  async take(signed: SignedBytes): Promise<RulingOutcome> {
    const read = this.read(await messageId(signed.bytes), signed)
    return typeof read === 'string' ? read : this.decide(read)
  }

  /** Passports were revoked: what was decided under them since counts no more. */
  revoked(): void {
    const { isRevoked, onChange } = this.#wiring
    if (this.#history.remove(({ ruling }) => isRevoked(ruling))) onChange()
  }
}

function faultOf({ fault, error }: { fault: FrameFault; error?: unknown }): FrameFault {
  const reason = error === undefined ? fault : passportFault(error)
  return reason === 'bad-passport' ? fault : reason
}
