import { keyedHash } from './keyed-hash'

/**
 * The pseudonym under which an e-mail address is known, and all that is kept of it. `canonical`: by `canonicalEmail`,
 * which is also where mail goes, so that nobody is known by an address that they get no mail at. Dots and `+tags` stay,
 * because only some providers ignore them.
 */
export function addressPseudonym(pepper: string, canonical: string): Promise<string> {
  return keyedHash(pepper, 'address', canonical)
}
