import type { DeviceId } from '../../protocol/device'
import type { HybridTime, SignedBytes } from '../../protocol/message'
import type { Proof } from '../../protocol/proof'
import type { LoggedMessage } from '../log/logged-message'
import type { Words } from '../log/words'

export { StorageError, type StorageProblem } from '../../protocol/storage-error'

/** Something the viewer said that is not stamped yet. */
export interface Waiting extends Words {
  /** The panel's name for it: whoever says it twice under one key says it once. */
  readonly key: string
  /** When it was typed (ms). */
  readonly ms: number
}

/** Where this device's line of messages in a room stands. */
export interface Line {
  /** The next `seq`. */
  readonly next: number
  /** The latest stamp, which the next one must be later than. */
  readonly last: HybridTime
  /** `ms` of the newest stamps, oldest first, as many as the pace looks back. */
  readonly recent: readonly number[]
}

export const EMPTY_LINE: Line = { next: 0, last: { ms: 0, count: 0 }, recent: [] }

/** A page of history, oldest first. `corrupt`: how many records of it could not be read and were skipped. */
export interface Page {
  readonly messages: LoggedMessage[]
  readonly corrupt: number
  /** Whether there are older ones. */
  readonly more: boolean
}

/**
 * What this browser keeps of one room, for one account and device: history, what waits to be said, its own line.
 * Every call may reject with a `StorageError`; none of them is needed for talking to peers.
 */
export interface RoomArchive {
  /** The newest `limit` messages older than `before` (`null`: of all). */
  page(before: HybridTime | null, limit: number): Promise<Page>
  /** Stores messages, each once; keeps the newest `LOG_LENGTH` of the room. */
  append(messages: readonly LoggedMessage[]): Promise<void>
  remove(messages: readonly LoggedMessage[]): Promise<void>
  /** Forgets every message up to `ms`, and remembers that none of them is wanted back. */
  clear(ms: number): Promise<void>
  /** Up to when (ms) the room was cleared; 0 if never. */
  clearedUntil(): Promise<number>
  saveProof(device: DeviceId, proof: Proof): Promise<void>
  proofs(): Promise<Proof[]>
  /** Keeps these rulings instead of those that were kept. */
  saveRulings(rulings: readonly SignedBytes[]): Promise<void>
  rulings(): Promise<SignedBytes[]>
  line(): Promise<Line>
  waiting(): Promise<Waiting[]>
  /** Returns once it would survive the browser's being killed. Does nothing where the key is known. */
  queue(entry: Waiting): Promise<void>
  unqueue(key: string): Promise<void>
  /**
   * In one transaction: `message` becomes history, the entry `message.key` waits no more, the line goes on to `after`.
   * `false`, and changes nothing, if the stored line's `next` is greater than `message.seq` (somebody else gave out that
   * number) or the entry waits no more.
   */
  commit(message: LoggedMessage, after: Line): Promise<boolean>
}
