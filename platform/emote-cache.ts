import { epochMs, z } from '../protocol/schema'
import type { EmoteCache, KeptSet } from '../services/emotes/kept-set'
import type { Database } from './database'

/** Sets on disk: those of about twenty channels. The ones that were looked at longest ago go first. */
export const MAX_KEPT_SETS = 64
/** That a set was looked at is written no more often than this (ms). */
const USE_MS = 60 * 60_000

const length = z.int().min(1).exactOptional()
const flag = z.literal(true).exactOptional()
const keptSchema = z.strictObject({
  emotes: z.array(
    z.strictObject({
      code: z.string(),
      id: z.string(),
      width: length,
      height: length,
      animated: flag,
      overlay: flag,
      single: flag,
    }),
  ),
  channelId: z.string().exactOptional(),
  etag: z.string().exactOptional(),
  askedAt: epochMs,
})

/** Sets of emotes in the database, sealed as all that tells what a viewer does. */
export class StoredEmotes implements EmoteCache {
  readonly #database: Pick<Database, 'read' | 'emotes'>
  readonly #now: () => number

  constructor(database: Pick<Database, 'read' | 'emotes'>, now: () => number) {
    this.#database = database
    this.#now = now
  }

  load(key: string): Promise<KeptSet | undefined> {
    return this.#database.read(async (sealer) => {
      const set = await sealer.hash('emotes', key)
      const row = await this.#database.emotes.get(set)
      if (!row) return undefined
      const now = this.#now()
      if (Math.abs(now - row.used) > USE_MS) await this.#database.emotes.update(set, { used: now })
      return sealer.openJson(['emotes', set], row.sealed, keptSchema)
    })
  }

  /** On a full disk it fails: nothing else is let go for what can be had again. */
  save(key: string, kept: KeptSet): Promise<void> {
    return this.#database.read(async (sealer) => {
      const set = await sealer.hash('emotes', key)
      const sealed = await sealer.sealJson(['emotes', set], kept)
      const { emotes } = this.#database
      await emotes.put({ set, used: this.#now(), sealed })
      const excess = (await emotes.count()) - MAX_KEPT_SETS
      if (excess > 0) await emotes.bulkDelete(await emotes.orderBy('used').limit(excess).primaryKeys())
    })
  }

  clear(): Promise<void> {
    return this.#database.read(() => this.#database.emotes.clear())
  }
}
