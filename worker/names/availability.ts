import type { NameAvailability } from '../../protocol/api'
import type { AccountId } from '../../protocol/device'
import { nameFault } from '../../protocol/display-name-check'
import type { NameShardPort, NameStanding, ObjectNamespace } from '../ports'
import { nameFolds } from './fold'
import { isReservedName } from './reserved'
import { nameShard } from './shard'

type Shards = ObjectNamespace<NameShardPort>

/** Whose a name is, over all of its keys. */
export async function standingOf(shards: Shards, name: string, asker: AccountId): Promise<NameStanding> {
  const ask = async (fold: string) => (await nameShard(shards, fold)).standing(fold, asker)
  const standings = await Promise.all(nameFolds(name).map(ask))
  return (['taken', 'yours'] as const).find((standing) => standings.includes(standing)) ?? 'free'
}

/** Whether `asker`, whose name is `own`, could take `name` now. Says of others that a name is taken, and no more. */
export async function availabilityOf(
  shards: Shards,
  name: string,
  { account, displayName: own }: { account: AccountId; displayName: string },
): Promise<NameAvailability> {
  if (nameFault(name) !== null) return { available: false, reason: 'not_allowed' }
  if (name === own) return { available: false, reason: 'yours' }
  if (isReservedName(name)) return { available: false, reason: 'reserved' }
  const standing = await standingOf(shards, name, account)
  if (standing === 'taken') return { available: false, reason: 'taken' }
  return standing === 'yours' ? { available: true, reason: 'yours' } : { available: true }
}
