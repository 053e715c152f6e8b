import type { AccountId, DeviceId } from '../../protocol/device'
import type { BroadcastFrame } from '../../protocol/frames'
import type { SayRefusal } from '../../protocol/host-port'
import type { SayPace } from '../../protocol/limits'
import type { Passport } from '../../protocol/passport'
import type { RoomId } from '../../protocol/room-id'
import type { Clock, Random } from '../clock'
import type { RoomArchive } from '../history/archive'
import { HybridClock } from '../hybrid-clock'
import type { LoggedMessage } from '../log/logged-message'
import { type Words, wordsOf } from '../log/words'
import { Outbox } from '../outbox/outbox'
import type { Author } from './author'
import { CatchUp } from './catch-up'
import { RoomLog } from './room-log'

interface Wiring {
  room: RoomId
  me: DeviceId
  clock: Clock
  random: Random
  pace: SayPace
  archive: RoomArchive
  author: Author
  verifyPassportAt(jwt: string, ms: number): Promise<Passport>
  isBarred(message: LoggedMessage): boolean
  isBlocked(account: AccountId): boolean
  /** Why nobody would take what our account says now. */
  barrier(): 'unlinked' | 'barred' | undefined
  /** Our account. */
  account(): AccountId
  /** How long (ms) an account had to wait between two messages at `ms`. */
  slowFor(account: AccountId, ms: number): number
  broadcast(frame: Uint8Array<ArrayBuffer>): void
  /** Has something of ours told to the whole room, so that everybody knows whose words it is. */
  publish(frame: BroadcastFrame): Promise<void>
  /** Devices with an open link. */
  linked(): readonly DeviceId[]
  /** Whether there is anybody to say something to, or a room to say it in. */
  canSend(): boolean
  /** A message found its place, or one of our own reached more members. */
  onMessage(message: LoggedMessage): void
  /** A device contradicted itself: nothing it says here counts. */
  onVoid(device: DeviceId): void
  onChange(what: 'log' | 'history' | 'waiting'): void
}

/** What was said in a room, and what our viewer wants to be said and is not yet: the log and the outbox, which feed each other. */
export class RoomTalk {
  readonly log: RoomLog
  readonly outbox: Outbox
  readonly #me: DeviceId
  readonly #catchUp: CatchUp

  constructor(wiring: Wiring) {
    const { clock, me, author, publish, linked, onVoid, onChange } = wiring
    const shared = { ...wiring, hybrid: new HybridClock() }
    this.#me = me
    this.#catchUp = new CatchUp(clock, () => this.outbox.pump())
    this.log = new RoomLog({
      ...shared,
      onOwn: (message) => this.outbox.learn(message),
      onVoid: (device) => {
        onVoid(device)
        if (device === me) this.outbox.refuseAll('void-author')
      },
      onUnheard: (messages) => void this.outbox.takeBack(messages.map(wordsOf)),
      onReset: () => onChange('log'),
      onHistory: () => onChange('history'),
      onPulled: () => this.#catchUp.done(),
    })
    this.outbox = new Outbox({
      ...shared,
      slowUntil: () => this.log.slowUntil(wiring.account(), clock.now()),
      isCaughtUp: () => this.#catchUp.isDone,
      sign: (entry, seq, time) => author.message(entry, seq, time),
      // Our own message is stamped, signed and safe: now everybody may have it.
      release: (message) => {
        void publish({ t: 'message', ...message.signed })
        this.log.fileOwn(message, linked())
      },
      onStorageFailed: (error) => this.log.storageFailed(error),
      onChange: () => onChange('waiting'),
    })
  }

  /** Takes over what an earlier run left. */
  load(): void {
    void this.log.load().then(() => this.outbox.load())
  }

  /** Takes text to be said under a panel's `key`. Resolves once it is safe, or with why it was refused. */
  async say(key: string, text: string, how?: Omit<Words, 'text'>): Promise<SayRefusal | undefined> {
    if (this.log.hasKey(key)) return undefined
    return this.log.isVoid(this.#me) ? 'void-author' : this.outbox.say(key, text, how)
  }

  /** Somebody can be reached, or maybe not any more. */
  connectionChanged(): void {
    this.#catchUp.begin()
    this.outbox.pump()
  }

  /** More messages than before may be barred. Those of our own that `isOurs` may be said again, if we may speak again. */
  dropBarred(isOurs: (message: LoggedMessage) => boolean): void {
    const mine = this.log.dropBarred().filter((message) => message.device === this.#me && isOurs(message))
    void this.outbox.takeBack(mine.map(wordsOf), 'unlinked')
  }

  /** Our clock follows the Worker's from now on. */
  timeCorrected(): void {
    this.log.timeCorrected()
    this.outbox.timeCorrected()
  }

  /** Says nothing more; resolves when what was heard is stored, as far as that is possible. */
  close(): Promise<void> {
    this.#catchUp.close()
    this.outbox.close()
    return this.log.close()
  }
}
