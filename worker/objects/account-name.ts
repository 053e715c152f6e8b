import type { AccountId } from '../../protocol/device'
import { nameFault } from '../../protocol/display-name-check'
import { NameGenerator } from '../../protocol/display-name-generator'
import { MAX_NAME_DRAWS } from '../limits'
import { nameFolds } from '../names/fold'
import { nameShard } from '../names/shard'
import type { NameShardPort, ObjectNamespace, Renaming } from '../ports'
import { randomBelow } from '../random'
import type { AccountRow } from './account-row'
import type { NameClaims } from './name-claims'

const generator = new NameGenerator()

/**
 * Takes names: reserve each key at its shard → commit here → confirm there → retire the old keys. The commit in the
 * account's own storage decides; whatever comes after it is done again by the alarm until the shards know.
 */
export class AccountName {
  readonly #claims: NameClaims
  readonly #row: AccountRow
  readonly #shards: ObjectNamespace<NameShardPort>
  readonly #arm: () => Promise<void>
  #queue: Promise<unknown> = Promise.resolve()
  /** The name was found to be one by today's rules. */
  #isSound = false

  /** `arm` sets the alarm for what the claims leave to settle. */
  constructor(
    claims: NameClaims,
    row: AccountRow,
    shards: ObjectNamespace<NameShardPort>,
    arm: () => Promise<void>,
  ) {
    this.#claims = claims
    this.#row = row
    this.#shards = shards
    this.#arm = arm
  }

  /**
   * The account's name; draws one if it has none, or one that no peer takes for a name any more. Rejects while a shard
   * that is needed cannot be reached, and in the improbable case that every draw was taken.
   */
  async ensure(account: AccountId): Promise<string> {
    const name = this.#claims.name()
    if (name !== undefined && this.#isSound) return name
    return this.#inTurn(async () => {
      if (!(await this.#keep(account))) await this.#draw(account)
      this.#isSound = true
      const name = this.#claims.name()
      if (name === undefined) throw new Error('the name was lost at once')
      return name
    })
  }

  /** Takes `name`, which must have been checked, for a viewer who chose it. */
  rename(name: string, account: AccountId): Promise<Renaming> {
    return this.#inTurn(async (): Promise<Renaming> => {
      const displayName = this.#claims.name() ?? ''
      if (displayName === name) return { outcome: 'unchanged', displayName }
      if (this.#claims.lost.includesAny(nameFolds(name), Date.now())) return { outcome: 'taken', displayName }
      const retryAfter = this.#claims.renameWait(Date.now())
      if (retryAfter > 0) return { outcome: 'rate-limited', displayName, retryAfter }
      if (!(await this.#take(name, account, true))) return { outcome: 'taken', displayName }
      return { outcome: 'renamed', displayName: name }
    })
  }

  /** Gives the name up before the account ends. Rejects, to be called again, while a shard cannot be told. */
  release(account: AccountId): Promise<void> {
    return this.#inTurn(async () => {
      this.#claims.surrender(Date.now())
      await this.#arm()
      await this.#settle(account)
    })
  }

  /**
   * Takes the name away, if any of `folds` is a key of it, and draws another, which it returns; `null` if the account is
   * called otherwise. Either way it cannot take the name again. `revoke` goes with the loss. Rejects, to be called again,
   * while a shard cannot be told.
   */
  async lose(account: AccountId, folds: readonly string[], revoke: () => void): Promise<string | null> {
    const isNameless = await this.#inTurn(async () => {
      this.#claims.lose(folds, Date.now(), revoke)
      await this.#arm()
      await this.#settle(account)
      return this.#claims.name() === undefined
    })
    return isNameless ? this.ensure(account) : null
  }

  /**
   * Tells the shards what they have missed, and drops claims that nobody is working on. Idempotent; what fails is put
   * off, for the next alarm.
   */
  settle(account: AccountId): Promise<void> {
    this.#claims.lost.prune(Date.now())
    return this.#inTurn(() => this.#settle(account).catch(() => this.#claims.postpone(Date.now())))
  }

  /** Whether the account has a sound name, under all of its keys. */
  async #keep(account: AccountId): Promise<boolean> {
    const name = this.#claims.name()
    if (name === undefined || nameFault(name) !== null) return false
    const held = this.#claims.of('held').map(({ fold }) => fold)
    const isKeyed = held.join('\n') === nameFolds(name).join('\n')
    return isKeyed || this.#take(name, account, false)
  }

  async #draw(account: AccountId): Promise<void> {
    for (let draw = 0; draw < MAX_NAME_DRAWS; draw++) {
      if (await this.#take(generator.draw(randomBelow), account, false)) return
    }
    throw new RangeError('no free name drawn')
  }

  async #take(name: string, account: AccountId, chosen: boolean): Promise<boolean> {
    await this.#settle(account)
    const folds = nameFolds(name)
    const wanted = folds.filter((fold) => this.#claims.holdOf(fold) !== 'held')
    for (const fold of wanted) this.#claims.begin(fold, name, Date.now())
    await this.#arm()
    // One after the other, in the order of the keys: of two who want the same name, one gets all of them.
    for (const fold of wanted) {
      const shard = await nameShard(this.#shards, fold)
      if (await shard.reserve(fold, account)) continue
      this.#claims.abandon()
      return false
    }
    this.#claims.commit(name, folds, Date.now(), chosen)
    await this.#settle(account).catch(() => undefined) // committed: the alarm does what is left
    return this.#claims.name() === name
  }

  async #settle(account: AccountId): Promise<void> {
    // In turn, so a pending claim seen here belongs to nobody who still works on it.
    this.#claims.abandon()
    for (const { fold, told } of this.#claims.of('held')) {
      if (told !== 0) continue
      const shard = await nameShard(this.#shards, fold)
      if (await shard.confirm(fold, account, this.#row.version())) {
        this.#claims.told(fold)
        continue
      }
      // A lease rules this out; a shard that lost its storage does not. The account will draw another name.
      this.#claims.surrender(Date.now())
      break
    }
    for (const { fold } of this.#claims.of('retiring')) {
      const shard = await nameShard(this.#shards, fold)
      await shard.retire(fold, account, this.#row.version())
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
