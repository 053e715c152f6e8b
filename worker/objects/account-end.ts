import type { AccountId } from '../../protocol/device'
import { DAY_MS, ENDING_RETRY_MS } from '../limits'
import type { AccountStanding } from '../ports'
import type { AccountParts } from './account-parts'
import type { AccountRooms } from './account-rooms'
import type { AccountRow } from './account-row'
import { Turns } from './turns'

interface Wiring {
  storage: DurableObjectStorage
  row: AccountRow
  rooms: AccountRooms
  parts: AccountParts
  /** Takes the account from the address `mailbox`, which starts anew. */
  disown(mailbox: string, account: AccountId): Promise<void>
}

/** What is kept of an account that has ended, until it goes, too: that it has, and what rooms are to be told. */
const KEPT = ['account', 'standing', 'visits', 'revocations', 'tellings']
/** By then nobody is on the way any more who was let in before the end. */
const GRAVE_MS = DAY_MS

/**
 * How an account is suspended, and how it ends. Ending is: one transaction takes the account out of service and writes down
 * what rooms are to hear; then each part is erased and noted; then everything goes. Whatever a kill leaves undone, the
 * alarm does.
 */
export class AccountEnd {
  readonly #wiring: Wiring
  readonly #sql: SqlStorage
  readonly #turns = new Turns()

  constructor(wiring: Wiring) {
    this.#wiring = wiring
    this.#sql = wiring.storage.sql
  }

  get standing(): AccountStanding {
    return this.#row()?.state ?? 'live'
  }

  /** Notes from which address somebody signs in; the end has to reach it. */
  reachedFrom(mailbox: string): void {
    this.#sql.exec('CREATE TABLE IF NOT EXISTS mailboxes (name TEXT PRIMARY KEY) WITHOUT ROWID')
    this.#sql.exec('INSERT INTO mailboxes VALUES (?) ON CONFLICT DO NOTHING', mailbox)
  }

  /** The pseudonyms of the addresses that lead here: one. */
  mailboxes(): string[] {
    if (!this.#has('mailboxes')) return []
    return this.#sql
      .exec<{ name: string }>('SELECT name FROM mailboxes')
      .toArray()
      .map(({ name }) => name)
  }

  /** Nothing is given out any more until that ends, and what was given out is revoked. */
  suspend(account: AccountId, now: number): void {
    if (this.standing !== 'live') return
    this.#wiring.storage.transactionSync(() => {
      this.#become('suspended', now)
      this.revokeAll(account, now)
    })
  }

  unsuspend(): void {
    if (this.standing === 'suspended') this.#sql.exec('DELETE FROM standing')
  }

  /** All passports until now count no more; those that follow are of a higher version. */
  revokeAll(account: AccountId, now: number): void {
    const { row, rooms } = this.#wiring
    rooms.revoke(account, { ver: row.version() }, now)
    row.raiseVersion()
  }

  /** From here on there is no way back. */
  begin(account: AccountId, now: number): void {
    const { standing } = this
    if (standing === 'ending' || standing === 'ended') return
    this.#wiring.storage.transactionSync(() => {
      this.#become('ending', now)
      this.#sql.exec('CREATE TABLE IF NOT EXISTS erased (part TEXT PRIMARY KEY) WITHOUT ROWID')
      this.revokeAll(account, now)
      this.#wiring.rooms.forgetVisits()
    })
  }

  /** Does what is left to do at `now` (ms). Never rejects: what fails is done later. */
  settle(account: AccountId, now: number): Promise<void> {
    return this.#turns.take(async () => {
      if (this.standing === 'ending') await this.#erase(account, now)
      const row = this.#row()
      const isOver = row?.state === 'ended' && row.since + GRAVE_MS <= now && this.#wiring.rooms.isAllTold
      if (isOver) await this.#wiring.storage.deleteAll()
    })
  }

  /** When there is something to do (ms). */
  due(): number | undefined {
    const row = this.#row()
    if (row?.state === 'ending') return row.due
    // Until every room is told, that is what rings.
    const isBuried = row?.state === 'ended' && this.#wiring.rooms.isAllTold
    return isBuried ? row.since + GRAVE_MS : undefined
  }

  async #erase(account: AccountId, now: number): Promise<void> {
    const { parts, disown } = this.#wiring
    const steps = Object.entries(parts).map(([name, part]) => ({ name, run: () => part.erase() }))
    const leave = async () => {
      for (const mailbox of this.mailboxes()) await disown(mailbox, account)
    }
    for (const { name, run } of [...steps, { name: 'mailboxes', run: leave }]) {
      if (this.#sql.exec('SELECT 1 FROM erased WHERE part = ?', name).toArray().length > 0) continue
      try {
        await run()
      } catch {
        // The others go on: one that cannot be reached must not keep the rest.
        this.#sql.exec('UPDATE standing SET due = ?', now + ENDING_RETRY_MS)
        continue
      }
      this.#sql.exec('INSERT INTO erased VALUES (?) ON CONFLICT DO NOTHING', name)
    }
    const { count } = this.#sql.exec<{ count: number }>('SELECT count(*) AS count FROM erased').one()
    if (count === steps.length + 1) this.#bury(now)
  }

  #bury(now: number): void {
    this.#wiring.storage.transactionSync(() => {
      const tables = this.#sql
        .exec<{ name: string }>(
          "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
        )
        .toArray()
      for (const { name } of tables) if (!KEPT.includes(name)) this.#sql.exec(`DROP TABLE "${name}"`)
      this.#become('ended', now)
    })
  }

  #become(state: AccountStanding, now: number): void {
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS standing (
        row INTEGER PRIMARY KEY CHECK (row = 1), state TEXT NOT NULL, since INTEGER NOT NULL, due INTEGER NOT NULL
      )
    `)
    this.#sql.exec('INSERT OR REPLACE INTO standing VALUES (1, ?, ?, ?)', state, now, now)
  }

  #row(): { state: AccountStanding; since: number; due: number } | undefined {
    if (!this.#has('standing')) return undefined
    const [row] = this.#sql.exec<{ state: AccountStanding; since: number; due: number }>(
      'SELECT state, since, due FROM standing',
    )
    return row
  }

  #has(table: string): boolean {
    return this.#sql.exec('SELECT 1 FROM sqlite_master WHERE name = ?', table).toArray().length > 0
  }
}
