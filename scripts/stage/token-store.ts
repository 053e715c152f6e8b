interface Payload {
  [field: string]: unknown
  accountId?: string
  grantId?: string
  uid?: string
  consumed?: number
}

/** Where `oidc-provider` keeps what it gave out, so that a stage can end it: by its model, then its id. */
export class TokenStore {
  readonly #models = new Map<string, Map<string, Payload>>()

  /** An adapter as the library wants one for each of its models. */
  readonly adapter = (model: string) => {
    const records = this.#of(model)
    const by = (field: 'uid' | 'userCode', value: string) =>
      [...records.values()].find((payload) => payload[field] === value)
    return {
      upsert: async (id: string, payload: Payload) => void records.set(id, payload),
      find: async (id: string) => records.get(id),
      findByUid: async (uid: string) => by('uid', uid),
      findByUserCode: async (userCode: string) => by('userCode', userCode),
      consume: async (id: string) => {
        const payload = records.get(id)
        if (payload) payload.consumed = Math.floor(Date.now() / 1000)
      },
      destroy: async (id: string) => void records.delete(id),
      revokeByGrantId: async (grantId: string) => this.endGrant(grantId),
    }
  }

  /** Ends everything that came of one consent. */
  endGrant(grantId: string): void {
    this.#end((payload) => payload.grantId === grantId)
    this.#of('Grant').delete(grantId)
  }

  /** Ends all of a user's, or only what is of `model`. */
  endOf(accountId: string, model?: string): void {
    this.#end((payload) => payload.accountId === accountId, model)
  }

  /** How many a user has that still count. */
  countOf(accountId: string, model: string): number {
    return [...this.#of(model).values()].filter((payload) => payload.accountId === accountId).length
  }

  #end(isMeant: (payload: Payload) => boolean, only?: string): void {
    for (const [model, records] of this.#models)
      if (only === undefined || model === only)
        for (const [id, payload] of records) if (isMeant(payload)) records.delete(id)
  }

  #of(model: string): Map<string, Payload> {
    const records = this.#models.get(model) ?? new Map<string, Payload>()
    this.#models.set(model, records)
    return records
  }
}
