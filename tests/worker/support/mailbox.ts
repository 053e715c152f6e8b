import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { canonicalEmail } from '../../../protocol/email'
import { addressPseudonym } from '../../../worker/auth/address'

/** The object of an address. */
export const mailboxOf = async (email: string) =>
  env.MAILBOXES.getByName(await addressPseudonym(env.PEPPER, canonicalEmail(email) ?? ''))

/** All that it has stored, by table. */
export const rowsIn = async (email: string) =>
  runInDurableObject(await mailboxOf(email), (_, { storage }) => {
    const tables = storage.sql
      .exec("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'")
      .toArray()
    return Object.fromEntries(
      tables.map(({ name }) => [String(name), storage.sql.exec(`SELECT * FROM ${name}`).toArray()]),
    )
  })
