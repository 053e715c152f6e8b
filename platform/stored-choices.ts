import { type AccountId, accountIdSchema } from '../protocol/device'
import type { PersonChoice } from '../protocol/people'
import { epochMs, z } from '../protocol/schema'
import type { ChoiceStore } from '../services/people/person-choices'
import type { Database } from './database'
import { choicesName } from './personal-names'
import type { Sealer } from './sealing'

/** Kept for one account; of more, the oldest go. */
export const MAX_CHOICES = 1_000

const choiceSchema: z.ZodType<PersonChoice> = z.object({
  accountId: accountIdSchema,
  name: z.string(),
  standing: z.enum(['muted', 'blocked']),
  ms: epochMs,
})
/** What a later version may have added about one person does not cost the others. */
const choicesSchema = z
  .array(z.unknown())
  .transform((list) => list.flatMap((one) => choiceSchema.safeParse(one).data ?? []))

/** Keeps whom an account has muted or blocked in the browser's database, sealed; not even whose choices they are shows. */
export class StoredChoices implements ChoiceStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  load(owner: AccountId): Promise<PersonChoice[]> {
    return this.#database.read((sealer) => this.#load(sealer, owner))
  }

  put(owner: AccountId, choice: PersonChoice): Promise<void> {
    return this.#change(owner, (others) => [...others, choice].slice(-MAX_CHOICES), choice.accountId)
  }

  remove(owner: AccountId, account: AccountId): Promise<void> {
    return this.#change(owner, (others) => others, account)
  }

  /** `change` is given the choices about everybody but `account`. The caller makes one change after the other. */
  async #change(
    owner: AccountId,
    change: (others: PersonChoice[]) => PersonChoice[],
    account: AccountId,
  ): Promise<void> {
    await this.#database.write(async (sealer) => {
      const stored = await this.#load(sealer, owner)
      const choices = change(stored.filter(({ accountId }) => accountId !== account))
      const name = await choicesName(sealer, owner)
      const value = await sealer.sealJson(['choices', name], choices)
      await this.#database.values.put({ name, value })
    })
  }

  async #load(sealer: Sealer, owner: AccountId): Promise<PersonChoice[]> {
    const name = await choicesName(sealer, owner)
    const row = await this.#database.values.get(name)
    return (row && (await sealer.openJson(['choices', name], row.value, choicesSchema))) ?? []
  }
}
