import { type AccountId, accountIdSchema, type DeviceId, deviceIdSchema } from '../../protocol/device'
import { REVOCATION_LIFETIME_MS } from '../../protocol/limits'
import { type RoomId, roomIdSchema } from '../../protocol/room-id'
import type { Keys } from '../keys'
import { MAX_ROOMS_PER_DEVICE, ROOM_VISIT_MS, TELLING_RETRY_MS, TELLINGS_AT_ONCE } from '../limits'
import type { ObjectNamespace, RoomPort } from '../ports'
import { signRevocation } from '../revocations'
import { earliest } from './alarm'
import { Turns } from './turns'

interface Wiring {
  storage: DurableObjectStorage
  rooms: ObjectNamespace<RoomPort>
  /** Asked for when something is to be signed. */
  keys(): Keys
}

/** A room for which a device lately had a ticket; its socket there, if any, has closed by `until` (ms). */
export interface RoomVisit {
  device: DeviceId
  room: RoomId
  until: number
}

/** Longest pause between tries to tell a room (ms). */
const LONGEST_RETRY_MS = 10 * 60_000

/**
 * The rooms where an account's devices may be, and what these rooms are still to be told: that passports count no more.
 * What is to be told is written down together with its cause, so that no crash keeps it from being said.
 */
export class AccountRooms {
  readonly #wiring: Wiring
  readonly #sql: SqlStorage
  readonly #turns = new Turns()

  constructor(wiring: Wiring) {
    this.#wiring = wiring
    this.#sql = wiring.storage.sql
  }

  /** Notes that `device` gets a ticket to `room`. 0, or after how many seconds it may have one for yet another room. */
  visit(device: DeviceId, room: RoomId, now: number): number {
    this.#create()
    this.#sql.exec('DELETE FROM visits WHERE until <= ?', now)
    const { count, oldest } = this.#sql
      .exec<{ count: number; oldest: number | null }>(
        'SELECT count(*) AS count, min(until) AS oldest FROM visits WHERE device = ? AND room != ?',
        device,
        room,
      )
      .one()
    // Nobody is pushed out: a thief must not make us forget where they sit.
    if (count >= MAX_ROOMS_PER_DEVICE) return Math.max(1, Math.ceil(((oldest ?? now) - now) / 1000))
    this.#sql.exec(
      'INSERT INTO visits VALUES (?, ?, ?) ON CONFLICT (device, room) DO UPDATE SET until = excluded.until',
      device,
      room,
      now + ROOM_VISIT_MS,
    )
    return 0
  }

  /** Where the account's devices may be, for its owner. */
  visits(now: number): RoomVisit[] {
    if (!this.#exists()) return []
    return this.#sql
      .exec('SELECT device, room, until FROM visits WHERE until > ? ORDER BY until DESC', now)
      .toArray()
      .map(({ device, room, until }) => ({
        device: deviceIdSchema.parse(device),
        room: roomIdSchema.parse(room),
        until: Number(until),
      }))
  }

  /**
   * Revokes the passports up to version `ver` of one device, or of all: writes down which rooms are to hear of it, the
   * latest visited first. Synchronous, for the transaction of what it follows from. `tell` says it.
   */
  revoke(account: AccountId, { device, ver }: { device?: DeviceId; ver: number }, now: number): void {
    this.#create()
    const iat = Math.floor(now / 1000)
    const { id } = this.#sql
      .exec<{ id: number }>(
        'INSERT INTO revocations (account, device, ver, iat, exp) VALUES (?, ?, ?, ?, ?) RETURNING id',
        account,
        device ?? null,
        ver,
        iat,
        iat + REVOCATION_LIFETIME_MS / 1000,
      )
      .one()
    this.#sql.exec(
      `INSERT INTO tellings (revocation, room, due, tries)
        SELECT ?, room, ?, 0 FROM visits WHERE until > ? AND (? IS NULL OR device = ?)
        GROUP BY room ORDER BY max(until) DESC`,
      id,
      now,
      now,
      device ?? null,
      device ?? null,
    )
    if (device !== undefined) this.#sql.exec('DELETE FROM visits WHERE device = ?', device)
  }

  /** Forgets where the account's devices were; what rooms are to be told stays. */
  forgetVisits(): void {
    if (this.#exists()) this.#sql.exec('DELETE FROM visits')
  }

  /** Tells as many rooms as one go may what they are to hear by now. What fails is put off. Never rejects for a room. */
  tell(now: number): Promise<void> {
    return this.#turns.take(async () => {
      if (!this.#exists()) return
      this.#sql.exec('DELETE FROM revocations WHERE exp <= ?', Math.floor(now / 1000))
      this.#sql.exec('DELETE FROM tellings WHERE revocation NOT IN (SELECT id FROM revocations)')
      const due = this.#sql
        .exec<{ revocation: number; room: string; tries: number }>(
          'SELECT revocation, room, tries FROM tellings WHERE due <= ? ORDER BY due, rowid LIMIT ?',
          now,
          TELLINGS_AT_ONCE,
        )
        .toArray()
      await Promise.all(due.map((telling) => this.#tellOne(telling, now)))
      this.#sql.exec('DELETE FROM revocations WHERE id NOT IN (SELECT revocation FROM tellings)')
    })
  }

  /** Whether every room was told, or what it was to be told has expired. */
  get isAllTold(): boolean {
    return !this.#exists() || this.#sql.exec('SELECT 1 FROM tellings LIMIT 1').toArray().length === 0
  }

  /** When something is to be told or forgotten (ms). */
  due(): number | undefined {
    if (!this.#exists()) return undefined
    const { telling, visit } = this.#sql
      .exec<{ telling: number | null; visit: number | null }>(
        'SELECT (SELECT min(due) FROM tellings) AS telling, (SELECT min(until) FROM visits) AS visit',
      )
      .one()
    // Old visits cost nothing but a row: no hurry.
    return earliest(telling, visit === null ? null : visit + ROOM_VISIT_MS)
  }

  prune(now: number): void {
    if (this.#exists()) this.#sql.exec('DELETE FROM visits WHERE until <= ?', now)
  }

  async #tellOne(telling: { revocation: number; room: string; tries: number }, now: number): Promise<void> {
    const { revocation, room, tries } = telling
    try {
      await this.#wiring.rooms.getByName(room).revoke(await this.#signed(revocation, now))
      this.#sql.exec('DELETE FROM tellings WHERE revocation = ? AND room = ?', revocation, room)
    } catch {
      this.#sql.exec(
        'UPDATE tellings SET due = ?, tries = tries + 1 WHERE revocation = ? AND room = ?',
        now + Math.min(LONGEST_RETRY_MS, TELLING_RETRY_MS * 2 ** Math.min(tries, 16)),
        revocation,
        room,
      )
    }
  }

  async #signed(id: number, now: number) {
    const row = this.#sql
      .exec<{ account: string; device: string | null; ver: number; iat: number; exp: number }>(
        'SELECT account, device, ver, iat, exp FROM revocations WHERE id = ?',
        id,
      )
      .one()
    const { ver, iat, exp } = row
    const claims = {
      sub: accountIdSchema.parse(row.account),
      ...(row.device !== null && { device: deviceIdSchema.parse(row.device) }),
      ver,
      iat,
      exp,
    }
    return { claims, jwt: await signRevocation(this.#wiring.keys(), claims, now) }
  }

  /** Here and not with the account, so that accounts from before have them, too. */
  #create(): void {
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS visits (
        device TEXT NOT NULL, room TEXT NOT NULL, until INTEGER NOT NULL, PRIMARY KEY (device, room)
      ) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS revocations (
        id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, device TEXT, ver INTEGER NOT NULL,
        iat INTEGER NOT NULL, exp INTEGER NOT NULL
      );
      CREATE TABLE IF NOT EXISTS tellings (
        revocation INTEGER NOT NULL, room TEXT NOT NULL, due INTEGER NOT NULL, tries INTEGER NOT NULL,
        PRIMARY KEY (revocation, room)
      );
    `)
  }

  #exists(): boolean {
    return this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'tellings'").toArray().length > 0
  }
}
