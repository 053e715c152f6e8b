import { utf8 } from '../../protocol/bytes'
import { wordsOf } from '../env'

interface Extensions {
  /** Chrome's ids. */
  EXTENSION_IDS: string
  /** Firefox's, as in the manifest. */
  FIREFOX_IDS: string
}

/**
 * Whether a flow may end at `redirect`: only where the browser hands it to an extension of ours, and no page is loaded.
 * Chrome: `https://<id>.chromiumapp.org/…`. Firefox: `https://<SHA-1 of the id>.extensions.allizom.org/…`, or the same
 * hash on the loopback address (https://developer.mozilla.org/docs/Mozilla/Add-ons/WebExtensions/API/identity).
 */
export async function isOwnRedirect(env: Extensions, redirect: string): Promise<boolean> {
  const url = URL.parse(redirect)
  // What the parser made of it is what was written: no credentials, port, query, fragment or dots on the way.
  if (url === null || url.href !== redirect || url.origin + url.pathname !== redirect) return false
  if (wordsOf(env.EXTENSION_IDS).some((id) => url.origin === `https://${id}.chromiumapp.org`)) return true
  const hashes = await Promise.all(wordsOf(env.FIREFOX_IDS).map(sha1))
  return hashes.some(
    (hash) =>
      url.origin === `https://${hash}.extensions.allizom.org` ||
      url.href === `http://127.0.0.1/mozoauth2/${hash}` ||
      url.href.startsWith(`http://127.0.0.1/mozoauth2/${hash}/`),
  )
}

/** Lower-case hexadecimal: how Firefox names an extension's redirects, not a matter of secrecy. */
async function sha1(id: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-1', utf8(id)))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
