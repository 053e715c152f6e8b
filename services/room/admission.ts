import { type AccountId, accountIdSchema, type DeviceId } from '../../protocol/device'
import { encodeFrame, type FrameFault } from '../../protocol/frames'
import { MAX_CLOCK_AHEAD_MS, MAX_RULINGS_ASKED } from '../../protocol/limits'
import { messageId, type SignedBytes } from '../../protocol/message'
import type { Passport } from '../../protocol/passport'
import type { Revocation } from '../../protocol/revocation'
import type { RoomId } from '../../protocol/room-id'
import type { Act, Ruling } from '../../protocol/ruling'
import { z } from '../../protocol/schema'
import { claimsOf } from '../claims'
import type { Clock, Random } from '../clock'
import type { RoomArchive } from '../history/archive'
import type { LoggedMessage } from '../log/logged-message'
import { packIds, shortIdOf, unpackIds } from '../log/short-id'
import type { Link } from '../mesh/link'
import type { Passports } from '../passports'
import type { Author } from './author'
import { Bearers } from './bearers'
import { Revocations } from './revocations'
import { RulingExchange } from './ruling-exchange'
import { RulingKeeper } from './ruling-keeper'
import { RulingTeller } from './ruling-teller'
import { Rulings } from './rulings'

interface Wiring {
  clock: Clock
  random: Random
  room: RoomId
  passports: Passports
  author: Author
  archive: Pick<RoomArchive, 'rulings' | 'saveRulings'>
  broadcast(frame: Uint8Array<ArrayBuffer>, except: DeviceId[]): void
  /** Hands a ruling to the room object; `false` when it cannot be reached. */
  tellRoom(signed: SignedBytes): boolean
  /** `devices` were members or linked here until now, and are not to be any more. */
  onRevoked(revocation: Revocation, devices: readonly DeviceId[]): void
  /** Something was decided for the room; `devices` as above. */
  onRuled(devices: readonly DeviceId[]): void
}

/** Whose passports count in a room, now and when something was said: by the Worker's word, and the moderators'. */
export class Admission {
  readonly rulings: Rulings
  readonly exchange: RulingExchange
  readonly #wiring: Wiring
  readonly #bearers = new Bearers()
  readonly #revocations: Revocations
  readonly #teller: RulingTeller
  readonly #keeper: RulingKeeper

  constructor(wiring: Wiring) {
    const { passports, tellRoom, onRevoked, onRuled } = wiring
    this.#wiring = wiring
    this.#revocations = new Revocations({
      ...wiring,
      bearers: this.#bearers,
      verify: (jwt) => passports.verifyRevocation(jwt),
      onRevoked: (revocation, devices) => {
        this.rulings.revoked()
        onRevoked(revocation, devices)
      },
    })
    this.rulings = new Rulings({
      ...wiring,
      passportAt: async (jwt, ms) => this.#revocations.admitAt(await passports.verifyAt(jwt, ms), ms),
      roleAt: (jwt, ms) => passports.verifyRoleAt(jwt, ms),
      isRevoked: (ruling) => this.#isRevoked(ruling),
      onChange: () => {
        this.#teller.soon()
        this.#keeper.soon()
        onRuled(this.#bearers.take((passport) => this.rulings.isOut(passport)))
      },
    })
    this.exchange = new RulingExchange({ all: () => this.rulings.all })
    this.#keeper = new RulingKeeper({ ...wiring, all: () => this.rulings.all })
    this.#teller = new RulingTeller({
      ...wiring,
      all: () => this.rulings.all,
      tell: tellRoom,
    })
    void this.#keeper.load().then((kept) => this.rulings.restore(kept))
  }

  /**
   * The claims of a passport that holds now, of somebody who may take part. Throws for any other, a `RevokedError` for one
   * that was revoked, an `UnlinkedError` where only linked accounts take part.
   */
  async verifyPassport(jwt: string): Promise<Passport> {
    return this.#revocations.admit(this.rulings.admit(await this.#wiring.passports.verify(jwt)))
  }

  /** The same for our own: also whoever may not take part knows who they are. */
  async verifyOwnPassport(jwt: string): Promise<Passport> {
    return this.#revocations.admit(await this.#wiring.passports.verify(jwt))
  }

  /** The claims of a passport under which what was stamped `ms` counts. Throws as `verifyPassport` does. */
  async verifyPassportAt(jwt: string, ms: number): Promise<Passport> {
    const passport = await this.#wiring.passports.verifyAt(jwt, ms)
    return this.rulings.admitAt(this.#revocations.admitAt(passport, ms), ms)
  }

  /** Whether the bearer of a passport that was checked may not take part any more. */
  isOut(passport: Passport): boolean {
    return this.#revocations.isVoid(passport) || this.rulings.isOut(passport)
  }

  /** Whether `device` was let in, and nothing has changed since. */
  has(device: DeviceId): boolean {
    return this.#bearers.has(device)
  }

  /** Whether a message was stamped when its author's passport counted no more, or might not take part. */
  covers(message: LoggedMessage): boolean {
    return this.#revocations.covers({ ...message, ms: message.time.ms }) || this.rulings.covers(message)
  }

  /** How long (ms) an account had to wait after what it said before, to say something that was stamped `ms`. */
  slowFor(account: AccountId, ms: number): number {
    const seconds = this.rulings.slowAt(ms)
    return seconds > 0 && !this.rulings.moderation.isStaffAt(account, ms) ? seconds * 1_000 : 0
  }

  /** Takes the Worker's words, of a peer or of the room object. Resolves with what was wrong with them, if anything was. */
  takeRevocations(jwts: readonly string[], from?: DeviceId): Promise<FrameFault | undefined> {
    return this.#revocations.take(jwts, from)
  }

  /** Takes a ruling that the room object remembers. Resolves with what was wrong with it, if anything was. */
  async takeRuled({ bytes, sig }: SignedBytes): Promise<FrameFault | undefined> {
    this.#teller.heard(await messageId(bytes))
    const outcome = await this.rulings.take({ bytes, sig })
    return outcome === 'news' || outcome === 'known' || outcome === 'spent' ? undefined : outcome
  }

  /** Decides something in the name of our account, by its grant. Resolves with whether it counts. */
  async rule(act: Act, grant: string): Promise<boolean> {
    const last = this.rulings.all[0]?.ruling.ms ?? 0
    const { statement, signed } = await this.#wiring.author.ruling(act, grant, last)
    // By a clock that is wrong, or after somebody whose clock is: nobody would take it.
    if (statement.ms > this.#wiring.clock.now() + MAX_CLOCK_AHEAD_MS) return false
    if ((await this.rulings.take(signed)) !== 'news') return false
    this.#teller.now()
    return true
  }

  /** The room object can be reached anew. */
  connected(): void {
    this.#teller.connected()
  }

  /** What a new neighbour has to know first of all, so that nobody is believed to be here who may not. */
  greet(peer: DeviceId, link: Link): void {
    for (const revocations of this.#revocations.batches) link.send(encodeFrame({ t: 'revoked', revocations }))
    this.exchange.attach(peer, link)
  }

  /** The room object lists what it knows: it is told the rest, and asked for what is not known here. */
  roomDecided(ids: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
    const listed = unpackIds(ids)
    this.#teller.listed(listed)
    const known = new Set(this.rulings.all.map(({ id }) => shortIdOf(id)))
    const wanted = listed.filter((id) => !known.has(id)).slice(0, MAX_RULINGS_ASKED)
    return wanted.length > 0 ? packIds(wanted) : undefined
  }

  close(): void {
    this.#teller.close()
    this.#keeper.close()
  }

  #isRevoked({ device, ms, passport }: Ruling): boolean {
    const account = accountOf(passport)
    return account !== undefined && this.#revocations.covers({ account, device, ms, passport })
  }
}

const subjectSchema = z.object({ sub: accountIdSchema })
const accountOf = (passport: string): AccountId | undefined => claimsOf(passport, subjectSchema)?.sub
