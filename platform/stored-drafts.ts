import { type AccountId, accountIdSchema } from '../protocol/device'
import { MAX_DRAFT_LENGTH } from '../protocol/draft'
import { z } from '../protocol/schema'
import type { DraftStore, PlacedDraft } from '../services/drafts/own-drafts'
import type { Database } from './database'
import { draftsName } from './personal-names'

const replySchema = z.object({
  id: z.string(),
  accountId: accountIdSchema.exactOptional(),
  name: z.string().exactOptional(),
  text: z.string().exactOptional(),
  mine: z.literal(true).exactOptional(),
})
const draftSchema: z.ZodType<PlacedDraft> = z.object({
  place: z.string(),
  text: z.string().max(MAX_DRAFT_LENGTH),
  reply: replySchema.nullable(),
})
/** What a later version may have added about one room does not cost the others. */
const draftsSchema = z
  .array(z.unknown())
  .transform((list) => list.flatMap((one) => draftSchema.safeParse(one).data ?? []))

/** Keeps drafts in the browser's database, sealed: what somebody did not say is nobody's to read. */
export class StoredDrafts implements DraftStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  load(owner: AccountId): Promise<readonly PlacedDraft[]> {
    return this.#database.read(async (sealer) => {
      const name = await draftsName(sealer, owner)
      const row = await this.#database.values.get(name)
      return (row && (await sealer.openJson(['drafts', name], row.value, draftsSchema))) ?? []
    })
  }

  async save(owner: AccountId, drafts: readonly PlacedDraft[]): Promise<void> {
    await this.#database.write(async (sealer) => {
      const name = await draftsName(sealer, owner)
      if (drafts.length === 0) return this.#database.values.delete(name)
      const value = await sealer.sealJson(['drafts', name], drafts)
      return this.#database.values.put({ name, value })
    })
  }
}
