import { encodeFrame, type Frame, type FrameFault } from '../../protocol/frames'
import { MAX_IDS_PER_FRAME, PAST_BYTES } from '../../protocol/limits'
import type { Digest, Want } from '../../protocol/reconciliation'
import { TokenBucket } from '../token-bucket'
import { differenceTo } from './digest'
import type { LoggedMessage } from './logged-message'
import type { MessageLog } from './message-log'
import { pastBatches } from './past-batches'
import { packIds, type ShortId, shortIdOf, unpackIds } from './short-id'

/** Digests of one link are answered at most this often (ms). Correct peers ask less often by far. */
const ANSWER_INTERVAL_MS = 2_000

interface Wiring {
  log: MessageLog
  now(): number
  send(frame: Uint8Array<ArrayBuffer>): void
  /** These were sent: the peer has them now. */
  onGiven(messages: readonly LoggedMessage[]): void
}

/** Answers what one peer asks of our log. All that it may have us send comes out of one budget per link. */
export class Answerer {
  readonly #log: MessageLog
  readonly #now: () => number
  readonly #send: Wiring['send']
  readonly #onGiven: Wiring['onGiven']
  readonly #budget: TokenBucket
  #answeredAt = Number.NEGATIVE_INFINITY
  /** What we named and have not sent; the messages themselves, so that none is gone from the log when it is wanted. */
  #offered = new Map<ShortId, LoggedMessage>()
  /** The same of the exchange before: its `want` may cross with the next `digest`. */
  #offeredBefore = new Map<ShortId, LoggedMessage>()
  /** Passports that this exchange has carried. */
  #vouched = new Set<string>()

  constructor({ log, now, send, onGiven }: Wiring) {
    this.#log = log
    this.#now = now
    this.#send = send
    this.#onGiven = onGiven
    this.#budget = new TokenBucket(PAST_BYTES.burst, PAST_BYTES.perSecond, now())
  }

  /**
   * Names what we hold where the logs differ, and sends all proofs if other devices are void here than there.
   * Silent when asked too often. Returns whether the logs differ.
   */
  async digest(digest: Digest): Promise<boolean> {
    // A clock that was set back does not count as too soon.
    if (Math.abs(this.#now() - this.#answeredAt) < ANSWER_INTERVAL_MS) return false
    this.#answeredAt = this.#now()
    const { messages, areBucketsAlike, areVoidedAlike } = await differenceTo(digest, this.#log)
    if (!areVoidedAlike)
      this.#sendAffordable([...this.#log.proofs.values()].map((proof) => ({ t: 'proof', ...proof })))
    const ids = messages.map(({ id }) => shortIdOf(id))
    const frames = haveFrames(ids)
    if (this.#take(frames)) {
      this.#offeredBefore = this.#offered
      this.#offered = new Map(
        messages.map((message, index) => [ids[index] ?? shortIdOf(message.id), message]),
      )
      this.#vouched = new Set()
      for (const frame of frames) this.#send(frame)
    }
    return !areBucketsAlike || !areVoidedAlike
  }

  /** Sends what was named and is wanted, each once. */
  want(want: Want): FrameFault | undefined {
    const ids = unpackIds(want.ids)
    const messages = ids.flatMap((id) => this.#offered.get(id) ?? this.#offeredBefore.get(id) ?? [])
    if (ids.length === 0 || messages.length < ids.length || new Set(ids).size < ids.length)
      return 'unsolicited'
    for (const id of ids) if (!this.#offered.delete(id)) this.#offeredBefore.delete(id)
    const batches = pastBatches(messages, this.#vouched)
    const cut = batches.findIndex((batch) => !this.#take([encodeFrame({ t: 'past', ...batch, more: true })]))
    const affordable = cut < 0 ? batches : batches.slice(0, cut)
    for (const [index, batch] of affordable.entries()) {
      for (const jwt of batch.passports) this.#vouched.add(jwt)
      this.#send(encodeFrame({ t: 'past', ...batch, more: index < affordable.length - 1 }))
    }
    const given = affordable.reduce((sum, batch) => sum + batch.messages.length, 0)
    if (given > 0) this.#onGiven(messages.slice(0, given))
    return undefined
  }

  #sendAffordable(frames: Frame[]): void {
    for (const frame of frames.map(encodeFrame)) {
      if (!this.#take([frame])) return
      this.#send(frame)
    }
  }

  #take(frames: Uint8Array[]): boolean {
    return this.#budget.take(
      frames.reduce((sum, { length }) => sum + length, 0),
      this.#now(),
    )
  }
}

/** `ids` in frames; also nothing is an answer. */
function haveFrames(ids: readonly ShortId[]): Uint8Array<ArrayBuffer>[] {
  const frames: Uint8Array<ArrayBuffer>[] = []
  for (let at = 0; at === 0 || at < ids.length; at += MAX_IDS_PER_FRAME)
    frames.push(
      encodeFrame({
        t: 'have',
        ids: packIds(ids.slice(at, at + MAX_IDS_PER_FRAME)),
        more: at + MAX_IDS_PER_FRAME < ids.length,
      }),
    )
  return frames
}
