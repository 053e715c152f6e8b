import { Dexie, type Table } from 'dexie'
import type { PanelSizes } from '../protocol/host-port'
import type { KeyPairs } from './key-pairs'
import type { StorageKeys } from './sealing'

/** Bytes that only `Sealer` can read. */
export type Sealed = Uint8Array<ArrayBuffer>

/** Small single values, by name. */
export interface Values {
  keys: KeyPairs
  storageKeys: StorageKeys
  sealedIdentity: Sealed
  collapsed: boolean
  panelSizes: PanelSizes
  /** The viewer chose direct links. */
  direct: boolean
}

export interface ValueRow<Name extends string = keyof Values> {
  name: Name
  value: Name extends keyof Values ? Values[Name] : unknown
}

/** `room` is a keyed hash over account and room: nobody else's history shows, not even that there is one. */
export interface MessageRow {
  room: string
  ms: number
  count: number
  id: string
  sealed: Sealed
}

/** How many messages of a room there are, where that is known. */
export interface CountRow {
  room: string
  count: number
}

/** Up to when (ms) a room was cleared. */
export interface MarkRow {
  room: string
  until: number
}

/** What waits to be said, in the order of `n`; what was said leaves its key behind, so that it is not said again. */
export interface WaitingRow {
  n?: number
  room: string
  key: string
  sealed: Sealed | null
}

/** `line` is a keyed hash over device and room. */
export interface LineRow {
  line: string
  sealed: Sealed
}

/** `device` is a keyed hash, too. */
export interface ProofRow {
  room: string
  device: string
  sealed: Sealed
}

/** What was decided for a room, all of it in one: `room` is a keyed hash. */
export interface RulingsRow {
  room: string
  sealed: Sealed
}

/** `set` is a keyed hash: which channels were watched does not show. */
export interface EmoteRow {
  set: string
  /** When it was last looked at (ms), about. */
  used: number
  sealed: Sealed
}

/** Version 4, as IndexedDB counts Dexie's versions. */
const NATIVE_VERSION = 40

/** The object stores of the one database of all extension contexts: background, host and pages share its origin. */
export class Tables extends Dexie {
  readonly values: Table<ValueRow<string>, string>
  readonly messages: Table<MessageRow, [string, number, number, string]>
  readonly counts: Table<CountRow, string>
  readonly marks: Table<MarkRow, string>
  readonly outbox: Table<WaitingRow, number>
  readonly lines: Table<LineRow, string>
  readonly proofs: Table<ProofRow, [string, string]>
  /** Since version 3. What it holds can be had again. */
  readonly emotes: Table<EmoteRow, string>
  /** Since version 4. Others can tell it again. */
  readonly rulings: Table<RulingsRow, string>
  /** Version 1's, with rooms by name. Empty once migrated. */
  readonly sequences: Table<{ room: string; next: number }, string>

  constructor(name: string) {
    super(name, {
      // On disk, not only handed to the operating system, before a write counts as done. Relaxed (Chrome's default)
      // survives a killed browser as well, but not a power cut: that would give out a `seq` again which others have
      // heard already, and what contradicts itself is void for good. Messages come in batches, so it costs little.
      chromeTransactionDurability: 'strict',
      indexedDB: factoryOf(globalThis.indexedDB),
    })
    this.version(1).stores({ values: 'name', sequences: 'room' })
    this.version(2).stores({
      messages: '[room+ms+count+id]',
      counts: 'room',
      marks: 'room',
      outbox: '++n, &[room+key]',
      lines: 'line',
      proofs: '[room+device]',
    })
    this.version(3).stores({ emotes: 'set, used' })
    this.version(NATIVE_VERSION / 10).stores({ rulings: 'room' })
    this.values = this.table('values')
    this.messages = this.table('messages')
    this.counts = this.table('counts')
    this.marks = this.table('marks')
    this.outbox = this.table('outbox')
    this.lines = this.table('lines')
    this.proofs = this.table('proofs')
    this.emotes = this.table('emotes')
    this.rulings = this.table('rulings')
    this.sequences = this.table('sequences')
  }
}

/**
 * Opens one version and no other. Left alone, Dexie opens what a newer extension has made all the same, and adds to it
 * what it finds lacking.
 */
function factoryOf(factory: IDBFactory): Pick<IDBFactory, 'open' | 'deleteDatabase' | 'databases' | 'cmp'> {
  return {
    open: (name) => factory.open(name, NATIVE_VERSION),
    deleteDatabase: (name) => factory.deleteDatabase(name),
    databases: () => factory.databases(),
    cmp: (first, second) => factory.cmp(first, second),
  }
}
