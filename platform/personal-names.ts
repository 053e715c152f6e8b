import type { AccountId } from '../protocol/device'
import type { Database } from './database'
import type { Sealer } from './sealing'

const nameOf = async (sealer: Sealer, kind: string, owner: AccountId): Promise<string> =>
  `${kind} ${await sealer.hash(kind, owner)}`

/** The name under which an account's choices about others are kept. */
export const choicesName = (sealer: Sealer, owner: AccountId) => nameOf(sealer, 'choices', owner)
/** The name under which what an account did not say yet is kept. */
export const draftsName = (sealer: Sealer, owner: AccountId) => nameOf(sealer, 'drafts', owner)

/** The account is gone, and with it whom it has muted or blocked and what it was writing. */
export function forgetPersonal(database: Database, owner: AccountId): Promise<void> {
  return database.write(async (sealer) =>
    database.values.bulkDelete([await choicesName(sealer, owner), await draftsName(sealer, owner)]),
  )
}
