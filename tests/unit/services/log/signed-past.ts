import { encodeMessage, type SignedBytes, type UnsignedMessage } from '../../../../protocol/message'
import { signAs } from '../../../../protocol/signed'
import { Passports } from '../../../../services/passports'
import type { PastFacts } from '../../../../services/room/past-check'
import { type Person, Registrar } from '../../world/registrar'
import { VirtualClock } from '../../world/virtual-clock'
import { ROOM } from './spoken'

export const HOUR = 3_600_000
export const DAY = 24 * HOUR

/** Two people with real keys and passports, and somebody who checks what they said. */
export class SignedPast {
  readonly registrar: Registrar
  readonly ann: Person
  readonly bob: Person
  readonly clock = new VirtualClock()
  readonly now = this.clock.now()
  passports: Passports
  clearedUntil = 0
  readonly facts: PastFacts = {
    room: ROOM,
    now: () => this.clock.now(),
    clearedUntil: () => this.clearedUntil,
    isVoid: () => false,
    verifyPassportAt: (jwt, ms) => this.passports.verifyAt(jwt, ms),
  }

  private constructor(registrar: Registrar, ann: Person, bob: Person) {
    this.registrar = registrar
    this.ann = ann
    this.bob = bob
    this.passports = this.newPassports()
  }

  static async create(): Promise<SignedPast> {
    const registrar = await Registrar.open()
    return new SignedPast(
      registrar,
      await registrar.person('AnnAardvark11'),
      await registrar.person('BobBadger22'),
    )
  }

  /** Passports that were never asked for any. */
  newPassports(onFetch = () => {}): Passports {
    return new Passports(this.clock, this.registrar.jwks, async () => {
      onFetch()
      return this.registrar.jwks
    })
  }

  /** Something Ann said a second ago. */
  async message(change: Partial<UnsignedMessage> = {}, signer = this.ann.signer): Promise<SignedBytes> {
    const bytes = encodeMessage({
      v: 1,
      room: ROOM,
      device: this.ann.device,
      seq: 1,
      time: { ms: this.now - 1_000, count: 0 },
      kind: 'say',
      body: 'words',
      ...change,
    })
    return { bytes, sig: await signAs(signer, 'message', bytes) }
  }

  at(ms: number): Promise<SignedBytes> {
    return this.message({ time: { ms, count: 0 } })
  }

  passport(person = this.ann, ms = this.now - HOUR): Promise<string> {
    return this.registrar.passport(person, ms)
  }
}
