import { SignJWT } from 'jose'
import { PASSPORT_LIFETIME_MS } from '../protocol/limits'
import { PASSPORT_TYPE } from '../protocol/passport'
import type { Keys } from './keys'
import type { Member } from './ports'

/** The Worker's word for who a device belongs to, for 24 h. Peers check it by `verifyPassport`. */
export async function issuePassport(
  keys: Keys,
  { account, device, seal, displayName, ver, avatar, twitch }: Member,
  now: number,
): Promise<{ passport: string; expiresAt: number }> {
  const { kid, key } = await keys.signing(now)
  const seconds = Math.floor(now / 1000)
  const expires = seconds + PASSPORT_LIFETIME_MS / 1000
  const passport = await new SignJWT({
    name: displayName,
    ver,
    device,
    seal,
    ...(avatar !== undefined && { avatar }),
    // One bit for everybody: rooms may ask for it. Which account it is, is the viewer's to show.
    ...(twitch?.state === 'linked' && { linked: true, ...(twitch.shown && { twitch: twitch.login }) }),
  })
    .setProtectedHeader({ alg: 'EdDSA', typ: PASSPORT_TYPE, kid })
    .setSubject(account)
    .setIssuedAt(seconds)
    .setExpirationTime(expires)
    .sign(key)
  return { passport, expiresAt: expires * 1000 }
}
