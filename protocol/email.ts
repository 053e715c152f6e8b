import { MAX_EMAIL_LENGTH } from './limits'
import { z } from './schema'

/**
 * The one spelling of an e-mail address: what is hashed to know it again, and what mail is sent to. `undefined` if it
 * cannot be an address, or one that software spells in several ways.
 *
 * ASCII letters are folded and the domain is as DNS is asked for it (UTS #46). Nothing else may change on the way: where
 * Unicode takes `ｂob` for `bob` (NFKC), whoever reads the mails of one would have the account of the other.
 */
export function canonicalEmail(typed: string): string | undefined {
  const address = typed.trim()
  const [, local = '', domain = ''] = /^([^@]+)@([^@]+)$/.exec(address) ?? []
  const isPlain = /^[^\s\p{C}<>"',;:()[\]\\]+$/u.test(local) && /^[\p{L}\p{M}\p{N}.-]+$/u.test(domain)
  if (!isPlain || address.normalize('NFKC') !== address) return undefined
  const host = URL.parse(`https://${domain}`)?.hostname ?? ''
  // At least two labels, the last of which is no number: that would be an IP address.
  if (!/^([a-z\d]([a-z\d-]*[a-z\d])?\.)+[a-z][a-z\d-]*[a-z\d]$/.test(host)) return undefined
  const canonical = `${local.replace(/[A-Z]/g, (letter) => letter.toLowerCase())}@${host}`
  return canonical.length > MAX_EMAIL_LENGTH ? undefined : canonical
}

export const emailSchema = z
  .string()
  .trim()
  .max(MAX_EMAIL_LENGTH)
  .refine((address) => canonicalEmail(address) !== undefined)
