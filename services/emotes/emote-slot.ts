import type { Clock, Random } from '../clock'
import { type Answer, type AskProvider, Pace } from './asking'
import type { EmoteCache, KeptSet } from './kept-set'
import type { EmoteSource } from './sources'

/** A set this old (ms) is asked for anew; what there is goes on being shown meanwhile, and while nobody answers. */
const FRESH_MS = { channel: 10 * 60_000, global: 60 * 60_000 } as const

interface Wiring {
  source: EmoteSource
  clock: Pick<Clock, 'now'>
  random: Random
  ask: AskProvider
  cache: EmoteCache
  /** Of the whole provider; its sets share it. */
  providerPace: Pace
  /** The viewer withdrew their consent: nothing is asked or kept any more. */
  signal: AbortSignal
  /** Emotes came, went or changed, or the provider stopped or began to answer. */
  onChange(): void
}

/** One set: what is known of it, and when it is asked for again. */
export class EmoteSlot {
  readonly #wiring: Wiring
  readonly #pace: Pace
  #kept: KeptSet | undefined
  #loading: Promise<void> | undefined
  #isAsking = false

  constructor(wiring: Wiring) {
    this.#wiring = wiring
    this.#pace = new Pace(wiring.random)
  }

  get source(): EmoteSource {
    return this.#wiring.source
  }

  get kept(): KeptSet | undefined {
    return this.#kept
  }

  get isFailing(): boolean {
    return this.#pace.isFailing || this.#wiring.providerPace.isFailing
  }

  /** Finds what was kept from earlier. Never rejects. */
  load(): Promise<void> {
    this.#loading ??= this.#wiring.cache.load(this.source.key).then(
      (kept) => {
        this.#kept ??= kept
      },
      () => {},
    )
    return this.#loading
  }

  /** When (ms) it is to be asked for, or would be if all goes well with what is on its way. */
  dueAt(): number {
    const { clock, providerPace } = this.#wiring
    const now = clock.now()
    const fresh = FRESH_MS[this.source.scope]
    if (this.#isAsking) return now + fresh
    // What was asked for later than now is from before the clock was set right.
    const stale = this.#kept && this.#kept.askedAt <= now ? this.#kept.askedAt + fresh : now
    return Math.max(stale, this.#pace.retryAt, providerPace.retryAt)
  }

  /** Asks if it is time to. Never rejects. */
  async refresh(): Promise<void> {
    const { clock, ask, signal, onChange } = this.#wiring
    if (this.#isAsking || signal.aborted || this.dueAt() > clock.now()) return
    this.#isAsking = true
    const before = this.#look()
    const answer = await ask(this.source.url, this.#kept?.etag, signal)
    this.#isAsking = false
    if (signal.aborted) return
    this.#take(answer)
    if (this.#look() !== before) onChange()
  }

  #take(answer: Answer): void {
    const { clock, providerPace } = this.#wiring
    const now = clock.now()
    if (answer.t === 'failed') {
      this.#pace.failed(now, answer.retryAfterMs)
      // Its sets are asked for together, and fail together: once.
      if (answer.provider && providerPace.retryAt <= now) providerPace.failed(now, answer.retryAfterMs)
      return
    }
    providerPace.succeeded()
    const kept = this.#keptOf(answer, now)
    if (!kept) return this.#pace.failed(now)
    this.#pace.succeeded()
    this.#kept = kept
    void this.#wiring.cache.save(this.source.key, kept).catch(() => {})
  }

  #keptOf(answer: Exclude<Answer, { t: 'failed' }>, askedAt: number): KeptSet | undefined {
    if (answer.t === 'same') return this.#kept && { ...this.#kept, askedAt }
    if (answer.t === 'none') return { emotes: [], askedAt }
    const reading = this.source.read(answer.body)
    return reading && { ...reading, ...(answer.etag !== undefined && { etag: answer.etag }), askedAt }
  }

  /** What `onChange` is about, as one value. */
  #look(): string {
    return JSON.stringify([this.#kept?.emotes, this.#kept?.channelId, this.isFailing])
  }
}
