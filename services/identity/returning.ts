import { fromBase64Url, toBase64Url, utf8 } from '../../protocol/bytes'
import { canonicalEmail } from '../../protocol/email'

/** What a browser keeps, signed in or out, to be known again by addresses that it signed in to: 32 bytes, base64url. */
export const newBrowserSecret = (): string => toBase64Url(crypto.getRandomValues(new Uint8Array(32)))

/**
 * What the browser shows when it asks for a code for `email`, so that nobody else can use up the mails of the day: an
 * HMAC-SHA-256 (RFC 2104), base64url. Tells one address nothing about another.
 */
export async function returningTo(email: string, browserSecret: string): Promise<string> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', fromBase64Url(browserSecret), algorithm, false, ['sign'])
  // What is no address the Worker refuses.
  const address = canonicalEmail(email) ?? email
  const mac = await crypto.subtle.sign('HMAC', key, utf8(`sidestream returning\0${address}`))
  return toBase64Url(new Uint8Array(mac))
}
