import { utf8 } from '../../protocol/bytes'

/**
 * Credentials that coturn checks by itself (`use-auth-secret`; draft-uberti-behave-turn-rest-00 §2.2): the user name
 * says until when (seconds since the epoch), the password is its HMAC-SHA1 under the shared `secret`.
 */
export async function turnCredentials(
  secret: string,
  pseudonym: string,
  expires: number,
): Promise<{ username: string; credential: string }> {
  const username = `${expires}:${pseudonym}`
  const key = await crypto.subtle.importKey('raw', utf8(secret), { name: 'HMAC', hash: 'SHA-1' }, false, [
    'sign',
  ])
  const mac = new Uint8Array(await crypto.subtle.sign('HMAC', key, utf8(username)))
  return { username, credential: btoa(String.fromCharCode(...mac)) }
}
