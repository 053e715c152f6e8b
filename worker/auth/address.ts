import { keyedHash } from './keyed-hash'

/**
 * The pseudonym under which an e-mail address is known, and all that is kept of it. Letters are folded, as mail
 * providers do; dots and `+tags` stay, because only some providers ignore them.
 */
export function addressPseudonym(pepper: string, email: string): Promise<string> {
  return keyedHash(pepper, 'address', email.trim().normalize('NFKC').toLowerCase())
}
