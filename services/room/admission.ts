import type { DeviceId } from '../../protocol/device'
import { encodeFrame, type FrameFault } from '../../protocol/frames'
import type { Passport } from '../../protocol/passport'
import type { Revocation } from '../../protocol/revocation'
import type { Clock } from '../clock'
import type { LoggedMessage } from '../log/logged-message'
import type { Link } from '../mesh/link'
import type { Passports } from '../passports'
import { Revocations } from './revocations'

interface Wiring {
  clock: Clock
  passports: Passports
  broadcast(frame: Uint8Array<ArrayBuffer>, except: DeviceId[]): void
  /** `devices` were members or linked here until now, and are not to be any more. */
  onRevoked(revocation: Revocation, devices: readonly DeviceId[]): void
}

/** Whose passports count in a room, now and when something was said. */
export class Admission {
  readonly #passports: Passports
  readonly #revocations: Revocations

  constructor(wiring: Wiring) {
    const { passports } = wiring
    this.#passports = passports
    this.#revocations = new Revocations({
      ...wiring,
      verify: (jwt) => passports.verifyRevocation(jwt),
    })
  }

  /** The claims of a passport that holds now. Throws for any other, a `RevokedError` for one that was revoked. */
  async verifyPassport(jwt: string): Promise<Passport> {
    return this.#revocations.admit(await this.#passports.verify(jwt))
  }

  /** The same for what was stamped `ms`. */
  async verifyPassportAt(jwt: string, ms: number): Promise<Passport> {
    return this.#revocations.admitAt(await this.#passports.verifyAt(jwt, ms), ms)
  }

  /** Whether a passport that was checked counts no more by now. */
  isVoid(passport: Passport): boolean {
    return this.#revocations.isVoid(passport)
  }

  /** Whether a message was stamped when its author's passport counted no more. */
  covers(message: LoggedMessage): boolean {
    return this.#revocations.covers(message)
  }

  /** Takes the Worker's words, of a peer or of the room object. Resolves with what was wrong with them, if anything was. */
  takeRevocations(jwts: readonly string[], from?: DeviceId): Promise<FrameFault | undefined> {
    return this.#revocations.take(jwts, from)
  }

  /** What a new neighbour has to know first of all, so that nobody is believed to be here who was sent away. */
  greet(link: Link): void {
    for (const revocations of this.#revocations.batches) link.send(encodeFrame({ t: 'revoked', revocations }))
  }
}
