import type { AccountId } from '../protocol/device'
import type { Database } from './database'
import type { Sealer } from './sealing'

/** The name under which an account's choices about others are kept. */
export const choicesName = async (sealer: Sealer, owner: AccountId): Promise<string> =>
  `choices ${await sealer.hash('choices', owner)}`

/** The account is gone, and with it whom it has muted or blocked. */
export function forgetChoicesOf(database: Database, owner: AccountId): Promise<void> {
  return database.write(async (sealer) => database.values.delete(await choicesName(sealer, owner)))
}
