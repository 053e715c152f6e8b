import { jwtVerify, SignJWT } from 'jose'
import { accountIdSchema, deviceIdSchema } from '../../protocol/device'
import { TICKET_LIFETIME_MS } from '../../protocol/limits'
import { type RoomId, roomIdSchema } from '../../protocol/room-id'
import { networkBucketSchema } from '../../protocol/room-socket'
import { z } from '../../protocol/schema'
import type { Keys } from '../keys'
import type { SocketTicket } from '../ports'
import { ProblemError } from '../problem'
import { randomId } from '../random'

const TICKET_TYPE = 'sidestream-ticket+jwt'

const claimsSchema = z.object({
  sub: accountIdSchema,
  device: deviceIdSchema,
  room: roomIdSchema,
  bucket: networkBucketSchema,
  ver: z.int(),
  linked: z.literal(true).optional(),
  jti: z.string(),
  exp: z.int(),
})

interface Holder {
  account: SocketTicket['account']
  device: SocketTicket['device']
  bucket: SocketTicket['bucket']
  ver: number
  linked: boolean
}

/** A ticket for one socket to `room`. The room object remembers its `jti` until `expiresAt` (ms). */
export async function issueTicket(
  keys: Keys,
  { account, device, bucket, ver, linked }: Holder,
  { room, origin, now }: { room: RoomId; origin: string; now: number },
): Promise<{ ticket: string; expiresAt: number }> {
  const { kid, key } = await keys.signing(now)
  const expires = Math.floor((now + TICKET_LIFETIME_MS) / 1000)
  const ticket = await new SignJWT({ device, room, bucket, ver, ...(linked && { linked }) })
    .setProtectedHeader({ alg: 'EdDSA', typ: TICKET_TYPE, kid })
    .setIssuer(origin)
    .setAudience(origin)
    .setSubject(account)
    .setJti(randomId(16))
    .setExpirationTime(expires)
    .sign(key)
  return { ticket, expiresAt: expires * 1000 }
}

/**
 * Who may open a socket to `room` with this ticket, unless it was used before.
 * @throws ProblemError `ticket_refused`.
 */
export async function verifyTicket(
  keys: Keys,
  ticket: string,
  { room, origin, now }: { room: RoomId; origin: string; now: number },
): Promise<SocketTicket> {
  try {
    const { payload } = await jwtVerify(ticket, keys.verification, {
      typ: TICKET_TYPE,
      algorithms: ['EdDSA'],
      issuer: origin,
      audience: origin,
      currentDate: new Date(now),
      requiredClaims: ['exp'],
    })
    const claims = claimsSchema.parse(payload)
    if (claims.room !== room) throw new RangeError('another room')
    const { sub: account, device, bucket, ver, linked = false, jti, exp } = claims
    return { room, account, device, bucket, ver, linked, jti, expiresAt: exp * 1000 }
  } catch {
    throw new ProblemError('ticket_refused')
  }
}
