import { type DeviceId, deviceIdSchema } from '../../protocol/device'
import { wasHeldAt } from '../../protocol/passport'
import { z } from '../../protocol/schema'
import { claimsOf } from '../claims'

const claimsSchema = z.object({ device: deviceIdSchema, iat: z.int(), exp: z.int() })
type Claims = z.infer<typeof claimsSchema>

/**
 * The passports that came with one answer, by what they claim. Nothing of that is checked here: it only spares checking
 * each of them for each message.
 */
export class Vouchers {
  readonly #jwts = new Map<DeviceId, Map<string, Claims>>()

  /** Takes a passport. One that cannot be read vouches for nobody. */
  add(jwt: string): void {
    const claims = claimsOf(jwt, claimsSchema)
    if (!claims) return
    const known = this.#jwts.get(claims.device)
    if (known) known.set(jwt, claims)
    else this.#jwts.set(claims.device, new Map([[jwt, claims]]))
  }

  /** What claims to have held for `device` at `ms`. */
  of(device: DeviceId, ms: number): string[] {
    const known = [...(this.#jwts.get(device) ?? [])]
    return known.filter(([, claims]) => wasHeldAt(claims, ms)).map(([jwt]) => jwt)
  }
}
