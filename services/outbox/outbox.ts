import type { SayRefusal, WaitingView } from '../../protocol/host-port'
import type { SayPace } from '../../protocol/limits'
import { type HybridTime, textSchema } from '../../protocol/message'
import type { Clock } from '../clock'
import { EMPTY_LINE, type Line, type RoomArchive, type Waiting } from '../history/archive'
import type { HybridClock } from '../hybrid-clock'
import type { LoggedMessage } from '../log/logged-message'
import type { Words } from '../log/words'
import { type Entry, waitingView } from './entry'
import { earliestStamp, lineAfter, withoutFuture } from './pace'

/** More than this waits for nobody's patience: at the pace of a room it is ten minutes' worth. */
export const MAX_WAITING = 200
/** What waited longer is not sent by itself: the conversation has moved on (ms). */
export const TOO_LATE_MS = 60 * 60_000
/** After storage failed, the next try (ms). */
const STORAGE_RETRY_MS = 10_000
/** However long it is to wait by the clock, it is looked at again after this (ms): clocks are set right. */
const LONGEST_WAIT_MS = 30_000

type Archive = Pick<RoomArchive, 'line' | 'waiting' | 'queue' | 'unqueue' | 'commit'>

interface Wiring {
  clock: Clock
  hybrid: HybridClock
  archive: Archive
  pace: SayPace
  /** Whether there is anybody to say it to, or a room to say it in. */
  canSend(): boolean
  /** Why nobody would take it: our account is not linked to Twitch, or has to be silent. */
  barrier(): 'unlinked' | 'barred' | undefined
  /** When (ms) a slow room takes the next one at the earliest. */
  slowUntil(): number
  /**
   * Whether others had time to tell what this device said before. Storage that was set back (a restored profile) would
   * have it give out numbers twice, and void itself.
   */
  isCaughtUp(): boolean
  sign(entry: Waiting, seq: number, time: HybridTime): Promise<LoggedMessage>
  /** The message is ours for good: file it and tell everyone. */
  release(message: LoggedMessage): void
  onStorageFailed(error: unknown): void
  onChange(): void
}

/**
 * What the viewer said and the room has not heard. An entry is safe on disk before it counts as taken; it is stamped
 * when its turn comes, and becomes history in the same transaction in which it stops waiting: whenever the browser is
 * killed, it is said once.
 */
export class Outbox {
  readonly #wiring: Wiring
  #entries: readonly Entry[] = []
  #line: Line = EMPTY_LINE
  #isLoaded = false
  #isPumping = false
  /** Asked for while pumping: what was seen then may have changed. */
  #pumpAgain = false
  #isClosed = false
  /** Whether the Worker has told the time in this visit: what is stamped by a wrong clock is heard by nobody. */
  #knowsTime = false
  /** Why nothing is taken any more. */
  #refusal: SayRefusal | undefined
  /** What is not safe yet, and so must wait; by key. */
  readonly #queueing = new Map<string, Promise<void>>()
  #cancelTimer = () => {}

  constructor(wiring: Wiring) {
    this.#wiring = wiring
  }

  /** Takes over what an earlier run left, as soon as storage gives it. */
  async load(): Promise<void> {
    const { archive, clock, onChange, onStorageFailed } = this.#wiring
    try {
      const [line, waiting] = await Promise.all([archive.line(), archive.waiting()])
      if (line.next >= this.#line.next) this.#line = line
      if (this.#knowsTime) this.#line = withoutFuture(this.#line, clock.now())
      const mine = new Set(this.#entries.map(({ key }) => key))
      this.#entries = [...waiting.filter(({ key }) => !mine.has(key)), ...this.#entries]
      if (this.#refusal) this.refuseAll(this.#refusal)
      this.#isLoaded = true
      onChange()
      this.pump()
    } catch (error) {
      onStorageFailed(error)
      if (!this.#isClosed) this.#cancelTimer = clock.after(STORAGE_RETRY_MS, () => void this.load())
    }
  }

  get view(): WaitingView[] {
    return waitingView(this.#entries, this.#blockedBy(), this.#wiring.pace.messages)
  }

  has(key: string): boolean {
    return this.#entries.some((entry) => entry.key === key)
  }

  /** Takes text to be said. Resolves once it is safe, or with why it was not taken. */
  async say(key: string, text: string, how: Omit<Words, 'text'> = {}): Promise<SayRefusal | undefined> {
    const parsed = textSchema.safeParse(text)
    if (!parsed.success) return 'text-not-allowed'
    if (this.has(key)) return undefined
    if (this.#entries.length >= MAX_WAITING) return 'too-many-waiting'
    return this.#take({ ...how, key, text: parsed.data, ms: this.#wiring.clock.now() })
  }

  /**
   * Takes back what was said but heard by nobody. When it was meant for is not known any more, so that its author
   * decides whether it still is.
   */
  async takeBack(unheard: readonly Words[], why: SayRefusal = 'too-late'): Promise<void> {
    const ms = this.#wiring.clock.now() - TOO_LATE_MS - 1
    for (const words of unheard) await this.#take({ ...words, key: crypto.randomUUID(), ms }, why)
  }

  /** Says what was refused again, as if typed now. On disk it stays as it is: a kill loses nothing. */
  sayAgain(key: string): void {
    const entry = this.#entries.find((one) => one.key === key)
    if (!entry?.refused || this.#refusal) return
    const { refused: _, ...words } = entry
    const again = { ...words, ms: this.#wiring.clock.now() }
    this.#change([...this.#entries.filter((one) => one.key !== key), again])
    this.pump()
  }

  async discard(key: string): Promise<void> {
    await this.#queueing.get(key)?.catch(() => {})
    await this.#wiring.archive.unqueue(key)
    this.#change(this.#entries.filter((entry) => entry.key !== key))
  }

  /** A message of this very device came from elsewhere: our storage is older than what we said. Never reuse its number. */
  learn({ seq, time }: LoggedMessage): void {
    if (seq < this.#line.next) return
    const { hybrid, clock, pace } = this.#wiring
    hybrid.observe(time, clock.now())
    this.#line = lineAfter(this.#line, seq, time, pace)
  }

  /** Our clock follows the Worker's from now on. */
  timeCorrected(): void {
    this.#knowsTime = true
    this.#line = withoutFuture(this.#line, this.#wiring.clock.now())
    this.pump()
  }

  /** Nothing that waits, now or later, will be taken by anybody. */
  refuseAll(why: SayRefusal): void {
    this.#refusal = why
    this.#change(this.#entries.map((entry) => ({ ...entry, refused: why })))
  }

  /** Says what may be said now. Call whenever that may have changed. */
  pump(): void {
    if (!this.#isLoaded || this.#isClosed) return
    if (this.#isPumping) {
      this.#pumpAgain = true
      return
    }
    this.#isPumping = true
    this.#pumpAgain = false
    this.#cancelTimer()
    void this.#pumpAll().finally(() => {
      this.#isPumping = false
      if (this.#pumpAgain) this.pump()
    })
  }

  close(): void {
    this.#isClosed = true
    this.#cancelTimer()
  }

  async #pumpAll(): Promise<void> {
    for (;;) {
      this.#refuseLate()
      const entry = this.#entries.find(({ refused }) => !refused)
      // What is not safe yet calls when it is. Nothing overtakes it.
      if (!entry || this.#queueing.has(entry.key) || this.#isClosed) return
      const blocked = this.#blockedBy()
      if (blocked !== 'sending' || !this.#mayNumber) {
        this.#wiring.onChange()
        // A network that comes back calls; patience does not.
        if (blocked === 'pace') this.#pumpIn(this.#earliest - this.#wiring.clock.now())
        return
      }
      try {
        await this.#sayNow(entry)
      } catch (error) {
        this.#wiring.onStorageFailed(error)
        this.#pumpIn(STORAGE_RETRY_MS)
        return
      }
    }
  }

  async #sayNow(entry: Entry): Promise<void> {
    const { clock, hybrid, archive, pace, sign, release } = this.#wiring
    const line = this.#line
    const time = hybrid.stamp(clock.now(), line.last)
    const message = await sign(entry, line.next, time)
    // The line went on, or time was set right, while it was signed: this number or stamp may be another's.
    if (this.#line !== line) return
    const after = lineAfter(line, message.seq, time, pace)
    if (await archive.commit(message, after)) {
      if (this.#line.next < after.next) this.#line = after
      this.#change(this.#entries.filter(({ key }) => key !== entry.key))
      release(message)
      return
    }
    // Another context was quicker, or the viewer took it back: what is stored counts.
    const [stored, waiting] = await Promise.all([archive.line(), archive.waiting()])
    const keys = new Set(waiting.map(({ key }) => key))
    this.#line = stored.next > this.#line.next ? stored : this.#line
    this.#change(this.#entries.filter(({ key }) => key !== entry.key || keys.has(key)))
  }

  async #take(entry: Waiting, refused?: SayRefusal): Promise<SayRefusal | undefined> {
    const { archive, onStorageFailed } = this.#wiring
    this.#change([...this.#entries, refused ? { ...entry, refused } : entry])
    const queued = archive.queue(entry)
    this.#queueing.set(entry.key, queued)
    try {
      await queued
    } catch (error) {
      onStorageFailed(error)
      this.#change(this.#entries.filter(({ key }) => key !== entry.key))
      return 'storage'
    } finally {
      this.#queueing.delete(entry.key)
      this.pump()
    }
    return undefined
  }

  #blockedBy(): 'sending' | 'unlinked' | 'barred' | 'network' | 'pace' {
    const { clock, canSend, barrier } = this.#wiring
    const why = barrier()
    if (why) return why
    if (!this.#knowsTime || !canSend()) return 'network'
    return this.#earliest > clock.now() ? 'pace' : 'sending'
  }

  get #earliest(): number {
    return Math.max(earliestStamp(this.#line, this.#wiring.pace), this.#wiring.slowUntil())
  }

  /** A device that never said anything here has no number to give out twice. */
  get #mayNumber(): boolean {
    return this.#line.next === 0 || this.#wiring.isCaughtUp()
  }

  #refuseLate(): void {
    const isLate = ({ ms }: Entry) => this.#wiring.clock.now() - ms > TOO_LATE_MS
    if (!this.#entries.some((entry) => !entry.refused && isLate(entry))) return
    this.#change(
      this.#entries.map((entry) =>
        !entry.refused && isLate(entry) ? { ...entry, refused: 'too-late' } : entry,
      ),
    )
  }

  #pumpIn(ms: number): void {
    this.#cancelTimer = this.#wiring.clock.after(Math.min(Math.max(1, ms), LONGEST_WAIT_MS), () =>
      this.pump(),
    )
  }

  #change(entries: readonly Entry[]): void {
    this.#entries = entries
    this.#wiring.onChange()
  }
}
