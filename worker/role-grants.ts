import { SignJWT } from 'jose'
import type { AccountId } from '../protocol/device'
import { ROLE_GRANT_LIFETIME_MS } from '../protocol/limits'
import { ROLE_GRANT_TYPE, type Role } from '../protocol/role'
import { channelRoom } from '../protocol/room-id'
import type { Keys } from './keys'

interface Granted {
  account: AccountId
  /** The channel's login now, and its numeric id. */
  login: string
  channel: string
  role: Role
}

/** The Worker's word for what an account is in a channel's room, for 24 h. Peers check it by `verifyRoleGrant`. */
export async function issueRoleGrant(
  keys: Keys,
  { account, login, channel, role }: Granted,
  now: number,
): Promise<string> {
  const { kid, key } = await keys.signing(now)
  const seconds = Math.floor(now / 1000)
  return new SignJWT({ room: channelRoom(login), channel, role })
    .setProtectedHeader({ alg: 'EdDSA', typ: ROLE_GRANT_TYPE, kid })
    .setSubject(account)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + ROLE_GRANT_LIFETIME_MS / 1000)
    .sign(key)
}
