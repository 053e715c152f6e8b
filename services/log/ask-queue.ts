import type { DeviceId } from '../../protocol/device'
import type { Clock } from '../clock'

/** Pulls that run at once: a newcomer fills its log from two peers, and the others find little left to ask for. */
const MAX_PULLS = 2
/** One peer is asked at most this often (ms): the other end answers no more than a digest every two seconds. */
const ASK_INTERVAL_MS = 5_000
/** And at most this often (ms) only because something was learnt elsewhere. */
const RIPPLE_MS = 30_000

interface Entry {
  askedAt: number
  /** From when on (ms) it should be asked again, if it should. */
  dueAt: number | undefined
  /** Peers that were asked in vain for what this one is to be asked for. */
  tried: ReadonlySet<DeviceId>
  isRunning: boolean
}

/** Decides when which peer is asked: a few at a time, none too often. */
export class AskQueue {
  readonly #clock: Clock
  readonly #ask: (peer: DeviceId, tried: ReadonlySet<DeviceId>) => void
  readonly #entries = new Map<DeviceId, Entry>()
  #cancelTimer = () => {}

  /** `ask` is called when it is a peer's turn; `done` has to follow. `tried`: who was asked before it, in vain. */
  constructor(clock: Clock, ask: (peer: DeviceId, tried: ReadonlySet<DeviceId>) => void) {
    this.#clock = clock
    this.#ask = ask
  }

  /** A peer that can be asked from now on, and is as soon as possible. */
  add(peer: DeviceId): void {
    const askedAt = Number.NEGATIVE_INFINITY
    this.#entries.set(peer, { askedAt, dueAt: undefined, tried: new Set(), isRunning: false })
    this.soon(peer)
  }

  remove(peer: DeviceId): void {
    this.#entries.delete(peer)
    this.#run()
  }

  /** Asks `peer` in `ms`, if it was not to be asked before. */
  soon(peer: DeviceId, ms = 0): void {
    const entry = this.#entries.get(peer)
    if (entry) this.#due(entry, this.#clock.now() + ms)
  }

  /** `peer` may know something new. */
  ripple(peer: DeviceId): void {
    const entry = this.#entries.get(peer)
    if (entry) this.#due(entry, Math.max(this.#clock.now(), entry.askedAt + RIPPLE_MS))
  }

  /** Asks `peer` for what those that were `tried` did not bring. */
  retry(peer: DeviceId, tried: ReadonlySet<DeviceId>): void {
    const entry = this.#entries.get(peer)
    if (!entry) return
    entry.tried = tried
    this.#due(entry, this.#clock.now())
  }

  /** Does not ask `peer` again for now. Returns who was tried before it for what it was to be asked for. */
  cancel(peer: DeviceId): ReadonlySet<DeviceId> {
    const entry = this.#entries.get(peer)
    const tried = entry?.tried ?? new Set()
    if (entry) Object.assign(entry, { dueAt: undefined, tried: new Set() })
    return tried
  }

  /** The pull from `peer` is over. */
  done(peer: DeviceId): void {
    const entry = this.#entries.get(peer)
    if (entry) entry.isRunning = false
    this.#run()
  }

  close(): void {
    this.#entries.clear()
    this.#cancelTimer()
  }

  #due(entry: Entry, at: number): void {
    entry.dueAt = Math.min(entry.dueAt ?? at, at)
    this.#run()
  }

  /** Starts what is due, whoever waited longest first, and comes back when the next is. */
  #run(): void {
    this.#cancelTimer()
    const now = this.#clock.now()
    const waiting = [...this.#entries]
      .filter(([, { dueAt, isRunning }]) => dueAt !== undefined && !isRunning)
      .map(([peer, entry]) => ({ peer, entry, at: turnOf(entry, now) }))
      .sort((a, b) => a.at - b.at)
    let free = MAX_PULLS - [...this.#entries.values()].filter(({ isRunning }) => isRunning).length
    for (const { peer, entry, at } of waiting) {
      if (free === 0) return
      if (at > now) {
        this.#cancelTimer = this.#clock.after(at - now, () => this.#run())
        return
      }
      free--
      const { tried } = entry
      Object.assign(entry, { askedAt: now, dueAt: undefined, tried: new Set(), isRunning: true })
      this.#ask(peer, tried)
    }
  }
}

/** From when on (ms) a peer may and should be asked. A clock that was set back must not make it wait for long. */
function turnOf({ dueAt, askedAt }: Entry, now: number): number {
  const at = Math.max(dueAt ?? now, askedAt + ASK_INTERVAL_MS)
  return at > now + RIPPLE_MS ? now : at
}
