import { decodeJwt } from 'jose'
import { fromBase64Url, toBase64Url } from '../../protocol/bytes'
import { type AccountId, accountIdSchema } from '../../protocol/device'
import { MAX_CLOCK_AHEAD_MS, MAX_IDS_PER_FRAME, SHORT_ID_BYTES } from '../../protocol/limits'
import { type MessageId, messageId, type SignedBytes } from '../../protocol/message'
import { type KeySet, type Passport, verifyPassportAt } from '../../protocol/passport'
import { verifyRoleGrantAt } from '../../protocol/role'
import type { RoomId } from '../../protocol/room-id'
import { encodeToMember } from '../../protocol/room-socket'
import type { HeldRuling } from '../../protocol/ruling'
import { checkRuling, decodeRuling, type Ruling } from '../../protocol/ruling'
import { RulingHistory } from '../../protocol/ruling-history'
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

  /** Whether an account is kept out. */
  isBanned(account: AccountId): boolean {
    return this.#history.moderation.isBanned(account)
  }

  /** Socket messages for whoever comes: how the room is run, the newest first, and a list of all that is remembered. */
  greeting(): Uint8Array<ArrayBuffer>[] {
    const { all } = this.#history
    const unasked = all.filter(({ ruling: { act } }) => UNASKED.has(act)).map(ruled)
    const lists: Uint8Array<ArrayBuffer>[] = []
    for (let at = 0; at < all.length; at += MAX_IDS_PER_FRAME) {
      const ids = all.slice(at, at + MAX_IDS_PER_FRAME).map(({ id }) => shortBytes(id))
      lists.push(encodeToMember({ t: 'decided', ids: joined(ids) }))
    }
    return [...unasked, ...lists]
  }

  /** Socket messages for an account that is not let in: why. */
  reasons(account: AccountId): Uint8Array<ArrayBuffer>[] {
    const { all, moderation } = this.#history
    const bars = new Set<Ruling>(moderation.barsOf(account))
    const newest = all.find(({ ruling }) => ruling.act === 'linked-only')
    return all.filter((held) => bars.has(held.ruling) || held === newest).map(ruled)
  }

  /** Socket messages that tell what a member asked for, as far as it is remembered. */
  told(ids: Uint8Array): Uint8Array<ArrayBuffer>[] {
    const asked = new Set<string>()
    for (let at = 0; at < ids.length; at += SHORT_ID_BYTES)
      asked.add(toBase64Url(ids.subarray(at, at + SHORT_ID_BYTES)))
    return this.#history.all.filter(({ id }) => asked.has(toBase64Url(shortBytes(id)))).map(ruled)
  }

  /** Takes a ruling that a member of `room` brought at `now` (ms). Returns whether it holds, and is news. */
  async take({ bytes, sig }: SignedBytes, room: RoomId, now: number): Promise<boolean> {
    const ruling = decoded(bytes)
    if (ruling?.room !== room || ruling.ms > now + MAX_CLOCK_AHEAD_MS) return false
    const held: HeldRuling = { id: await messageId(bytes), ruling, signed: { bytes, sig } }
    if (!this.#history.isNews(held) || !(await this.#holds(held))) return false
    // Once more: another member may have brought it while it was checked.
    const before = this.#history.all
    if (!this.#history.add(held)) return false
    this.#save(before)
    return true
  }

  /** Passports were revoked: what was decided under them since counts no more. */
  revoked(): void {
    const { isRevokedAt } = this.#wiring
    const before = this.#history.all
    if (this.#history.remove(({ ruling }) => isRevokedAt(bearerOf(ruling), ruling.ms))) this.#save(before)
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

  /** Writes what is held now and was not `before`, and forgets what was. */
  #save(before: readonly HeldRuling[]): void {
    const { sql } = this.#wiring
    sql.exec(
      'CREATE TABLE IF NOT EXISTS rulings (id TEXT PRIMARY KEY, bytes BLOB NOT NULL, sig BLOB NOT NULL) WITHOUT ROWID',
    )
    const was = new Set(before.map(({ id }) => id))
    const is = new Set(this.#history.all.map(({ id }) => id))
    for (const id of was) if (!is.has(id)) sql.exec('DELETE FROM rulings WHERE id = ?', id)
    for (const { id, signed } of this.#history.all)
      if (!was.has(id)) sql.exec('INSERT INTO rulings VALUES (?, ?, ?)', id, signed.bytes, signed.sig)
  }
}

/** What is told unasked: whoever does not know it takes others for members that are none. */
const UNASKED: ReadonlySet<Ruling['act']> = new Set(['linked-only', 'slow', 'clear'])

const ruled = ({ signed: { bytes, sig } }: HeldRuling) => encodeToMember({ t: 'ruled', bytes, sig })
const shortBytes = (id: MessageId) => fromBase64Url(id).subarray(0, SHORT_ID_BYTES)

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.length * SHORT_ID_BYTES)
  for (const [at, part] of parts.entries()) whole.set(part, at * SHORT_ID_BYTES)
  return whole
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
