import { decodeJwt } from 'jose'
import { accountIdSchema } from '../../protocol/device'
import { MAX_CLOCK_AHEAD_MS } from '../../protocol/limits'
import { messageId, type SignedBytes } from '../../protocol/message'
import { type KeySet, type Passport, verifyPassportAt } from '../../protocol/passport'
import { verifyRoleGrantAt } from '../../protocol/role'
import type { RoomId } from '../../protocol/room-id'
import { encodeToMember } from '../../protocol/room-socket'
import { checkRuling, decodeRuling, type Ruling } from '../../protocol/ruling'
import { type HeldRuling, RulingHistory } from '../../protocol/ruling-history'
import { z } from '../../protocol/schema'

/** Whose a passport is, and which of theirs. */
type Bearer = Pick<Passport, 'sub' | 'device' | 'ver'>

interface Wiring {
  sql: SqlStorage
  /** By which passports and role grants are checked. Asked for when there is something to check. */
  keys(): KeySet
  /** Whether a passport had been revoked by `ms`. */
  isRevokedAt(bearer: Bearer, ms: number): boolean
}

/** What one room remembers of what was decided for it: the same as its members do, for when none of them is there. */
export class RoomRulings {
  readonly #wiring: Wiring
  #loaded: RulingHistory | undefined

  constructor(wiring: Wiring) {
    this.#wiring = wiring
  }

  /** Whether only linked accounts are let in. */
  get isLinkedOnly(): boolean {
    return this.#history.isLinkedOnly
  }

  /** Socket messages that say all of them, the newest first, or the newest `most`. */
  messages(most?: number): Uint8Array<ArrayBuffer>[] {
    const newest = this.#history.all.slice(0, most)
    return newest.map(({ signed: { bytes, sig } }) => encodeToMember({ t: 'ruled', bytes, sig }))
  }

  /** Takes a ruling that a member of `room` brought at `now` (ms). Returns whether it holds, and is news. */
  async take({ bytes, sig }: SignedBytes, room: RoomId, now: number): Promise<boolean> {
    const ruling = decoded(bytes)
    if (ruling?.room !== room || ruling.ms > now + MAX_CLOCK_AHEAD_MS) return false
    const held: HeldRuling = { id: await messageId(bytes), ruling, signed: { bytes, sig } }
    if (!this.#history.isNews(held) || !(await this.#holds(held))) return false
    // Once more: another member may have brought it while it was checked.
    if (!this.#history.add(held)) return false
    this.#save()
    return true
  }

  /** Passports were revoked: what was decided under them since counts no more. */
  revoked(): void {
    const { isRevokedAt } = this.#wiring
    if (this.#history.remove(({ ruling }) => isRevokedAt(bearerOf(ruling), ruling.ms))) this.#save()
  }

  async #holds({ ruling, signed }: HeldRuling): Promise<boolean> {
    const { keys, isRevokedAt } = this.#wiring
    const checked = await checkRuling(ruling, signed, {
      passportAt: (jwt, ms) => verifyPassportAt(jwt, keys(), ms),
      roleAt: (jwt, ms) => verifyRoleGrantAt(jwt, keys(), ms),
    })
    return !('fault' in checked) && !isRevokedAt(checked.passport, ruling.ms)
  }

  get #history(): RulingHistory {
    this.#loaded ??= this.#load()
    return this.#loaded
  }

  #load(): RulingHistory {
    const history = new RulingHistory()
    const { sql } = this.#wiring
    if (sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'rulings'").toArray().length === 0) return history
    const rows = sql.exec<Row>('SELECT id, bytes, sig FROM rulings').toArray()
    for (const row of rows) {
      const signed = { bytes: new Uint8Array(row.bytes), sig: new Uint8Array(row.sig) }
      const ruling = decoded(signed.bytes)
      if (ruling) history.add({ id: row.id, ruling, signed })
    }
    return history
  }

  /** A handful of rows, written anew: seldom does anybody decide anything. */
  #save(): void {
    const { sql } = this.#wiring
    sql.exec(
      'CREATE TABLE IF NOT EXISTS rulings (id TEXT PRIMARY KEY, bytes BLOB NOT NULL, sig BLOB NOT NULL) WITHOUT ROWID',
    )
    sql.exec('DELETE FROM rulings')
    for (const { id, signed } of this.#history.all)
      sql.exec('INSERT INTO rulings VALUES (?, ?, ?)', id, signed.bytes, signed.sig)
  }
}

type Row = { id: HeldRuling['id']; bytes: ArrayBuffer; sig: ArrayBuffer }

const claimsSchema = z.object({ sub: accountIdSchema, ver: z.int() })

/** Whose ruling it is. Its passport was checked when it was taken. */
const bearerOf = ({ device, passport }: Ruling): Bearer => ({
  ...claimsSchema.parse(decodeJwt(passport)),
  device,
})

function decoded(bytes: Uint8Array): Ruling | undefined {
  try {
    return decodeRuling(bytes)
  } catch {
    return undefined
  }
}
