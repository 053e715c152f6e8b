import type { AccountId } from '../../protocol/device'
import { drawDisplayName } from '../../protocol/display-name-generator'
import { DAY_MS, MAX_NAME_DRAWS, MAX_RENAMES_PER_DAY } from '../limits'
import { foldName } from '../names/fold'
import { nameShard } from '../names/shard'
import type { NameShardPort, ObjectNamespace, Renaming } from '../ports'
import { randomBelow } from '../random'
import type { NameClaims } from './name-claims'

/**
 * Takes names: reserve at the shard → commit here → confirm there → retire the old one. The commit in the
 * account's own storage decides; whatever comes after it is done again by the alarm until the shards know.
 */
export class AccountName {
  readonly #claims: NameClaims
  readonly #shards: ObjectNamespace<NameShardPort>
  readonly #arm: () => Promise<void>
  #queue: Promise<unknown> = Promise.resolve()

  /** `arm` sets the alarm for what the claims leave to settle. */
  constructor(claims: NameClaims, shards: ObjectNamespace<NameShardPort>, arm: () => Promise<void>) {
    this.#claims = claims
    this.#shards = shards
    this.#arm = arm
  }

  /** The account's name; draws one if it has none. Rejects in the improbable case that every draw was taken. */
  ensure(account: AccountId): Promise<string> {
    return this.#inTurn(async () => {
      for (let draw = 0; draw < MAX_NAME_DRAWS; draw++) {
        const held = this.#claims.held()
        if (held) return held.name
        await this.#take(drawDisplayName(randomBelow), account)
      }
      throw new RangeError('no free name drawn')
    })
  }

  rename(name: string, account: AccountId): Promise<Renaming> {
    return this.#inTurn(async (): Promise<Renaming> => {
      const held = this.#claims.held()
      const displayName = held?.name ?? ''
      if (held?.name === name) return { outcome: 'unchanged', displayName }
      const now = Date.now()
      if (this.#claims.renamesSince(now - DAY_MS) >= MAX_RENAMES_PER_DAY)
        return { outcome: 'rate-limited', displayName }
      const fold = foldName(name)
      if (held?.fold === fold) this.#claims.respell(fold, name)
      else if (!(await this.#take(name, account))) return { outcome: 'taken', displayName }
      this.#claims.countRename(now)
      return { outcome: 'renamed', displayName: name }
    })
  }

  /** Tells the shards what they have missed, and drops claims that nobody is working on. Idempotent. */
  settle(account: AccountId): Promise<void> {
    return this.#inTurn(() => this.#settle(account))
  }

  async #take(name: string, account: AccountId): Promise<boolean> {
    await this.#settle(account)
    const fold = foldName(name)
    const shard = await nameShard(this.#shards, fold)
    this.#claims.begin(fold, name, Date.now())
    await this.#arm()
    if (!(await shard.reserve(fold, account))) {
      this.#claims.abandon(fold)
      return false
    }
    if (!this.#claims.commit(fold, Date.now())) return false
    await this.#settle(account).catch(() => undefined) // committed: the alarm does what is left
    return true
  }

  async #settle(account: AccountId): Promise<void> {
    // In turn, so a pending claim seen here belongs to nobody who still works on it.
    for (const { fold } of this.#claims.of('pending')) this.#claims.abandon(fold)
    const held = this.#claims.held()
    if (held && held.told === 0) {
      const shard = await nameShard(this.#shards, held.fold)
      if (!(await shard.confirm(held.fold, account))) throw new Error('a name has two owners')
      this.#claims.told(held.fold)
    }
    for (const { fold } of this.#claims.of('retiring')) {
      const shard = await nameShard(this.#shards, fold)
      await shard.retire(fold, account)
      this.#claims.forget(fold)
    }
  }

  /** One change of name at a time: an object's awaits let other requests in between. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(work)
    this.#queue = turn.catch(() => undefined)
    return turn
  }
}
