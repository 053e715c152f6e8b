import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { type AccountId, accountIdSchema } from '../../../protocol/device'
import { NAME_LEASE_MS } from '../../../worker/limits'
import { nameFolds } from '../../../worker/names/fold'
import { nameShard } from '../../../worker/names/shard'
import { randomId } from '../../../worker/random'
import { atTime } from './clock'

/** A name that nobody has, and that looks like no other. */
export const newName = (stem = 'Grebe') => `${stem}-${randomId(8).replace(/[^\w]|[01IlOomi_-]/g, 'x')}`
export const newAccount = () => accountIdSchema.parse(randomId(16))

/** The shard of a fold, as its object. */
export async function shardOf(fold: string) {
  let chosen = ''
  const getByName = (shard: string) => {
    chosen = shard
    return env.NAMES.getByName(shard)
  }
  await nameShard({ getByName }, fold)
  return { chosen, shard: env.NAMES.getByName(chosen) }
}

interface NameRow {
  [column: string]: SqlStorageValue
  fold: string
  owner: string
  until: number | null
}

/** What the registry holds under each key of a name; keys that nobody has are left out. */
export async function rowsOf(name: string): Promise<NameRow[]> {
  const rows = nameFolds(name).map(async (fold) =>
    runInDurableObject((await shardOf(fold)).shard, (_, { storage }) =>
      storage.sql.exec<NameRow>('SELECT fold, owner, until FROM names WHERE fold = ?', fold).toArray(),
    ),
  )
  return (await Promise.all(rows)).flat()
}

/** All that an account notes about its names. */
export const claimsOf = (account: AccountId) =>
  runInDurableObject(env.ACCOUNTS.getByName(account), (_, { storage }) =>
    storage.sql.exec('SELECT fold, name, state, told FROM claims ORDER BY fold').toArray(),
  )

/** Lets two leases' time pass on the Worker's clock, and every alarm ring that concerns these names. */
export async function letAlarmsRing(account: AccountId, names: readonly string[]): Promise<void> {
  const shards = await Promise.all(names.flatMap(nameFolds).map(shardOf))
  for (let round = 0; round < 3; round++) {
    atTime(Date.now() + NAME_LEASE_MS + 1)
    for (const { shard } of shards) await runDurableObjectAlarm(shard)
    await runDurableObjectAlarm(env.ACCOUNTS.getByName(account))
  }
}
