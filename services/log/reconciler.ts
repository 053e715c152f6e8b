import type { DeviceId } from '../../protocol/device'
import { encodeFrame, type Frame, type FrameFault } from '../../protocol/frames'
import { messageId, type SignedBytes } from '../../protocol/message'
import type { Have, Past } from '../../protocol/reconciliation'
import type { Clock, Random } from '../clock'
import { Answerer } from './answerer'
import { AskQueue } from './ask-queue'
import { digestOf } from './digest'
import { Expectations } from './expectations'
import type { LoggedMessage } from './logged-message'
import type { MessageLog } from './message-log'
import { Pull } from './pull'
import { packIds, type ShortId, shortIdOf } from './short-id'
import type { Vouchers } from './vouchers'

/** Some peer is asked this often on average (ms), so that whatever went wrong before is mended. */
const ROUND_MS = 60_000
/** A message that seems to be missing may just be on another way (ms). */
const GAP_PATIENCE_MS = 1_000

/** The frames of reconciliation. Proofs come by themselves, too, and are the caller's business. */
export type ReconciliationFrame = Extract<Frame, { t: 'digest' | 'have' | 'want' | 'past' }>

export interface ReconcilerWiring {
  clock: Clock
  random: Random
  log: MessageLog
  /**
   * Checks messages that were asked for, and files the good ones before it resolves. `vouchers`: the passports that came
   * with this answer so far. Resolves with what was wrong, if anything; must not reject.
   */
  file(messages: readonly SignedBytes[], vouchers: Vouchers): Promise<FrameFault | undefined>
  /** A peer took these from our log. */
  onGiven(messages: readonly LoggedMessage[], peer: DeviceId): void
  /** A peer's log was compared with ours, and what we lacked has come. */
  onPulled(): void
}

interface LinkState {
  readonly peer: DeviceId
  readonly send: (frame: Uint8Array<ArrayBuffer>) => void
  readonly answerer: Answerer
  readonly expectations: Expectations
  pull: Pull | undefined
  /** Whether the last pull failed: others are asked before this peer is asked again. */
  hasFailed: boolean
}

/**
 * Makes one room's log agree with its peers' (anti-entropy by pull, Demers et al., "Epidemic Algorithms for Replicated
 * Database Maintenance", 1987). A fresh link is asked at once, and a random one about every minute. Whoever learns
 * something that way asks its other peers, too, and whoever sees from a digest that the asking peer's log is another one
 * asks back: so what crosses one link of a room soon crosses all.
 */
export class Reconciler {
  readonly #wiring: ReconcilerWiring
  readonly #links = new Map<DeviceId, LinkState>()
  readonly #queue: AskQueue
  /** What running pulls wait for. */
  readonly #awaited = new Set<ShortId>()
  #sentBytes = 0
  #cancelRound = () => {}

  constructor(wiring: ReconcilerWiring) {
    this.#wiring = wiring
    this.#queue = new AskQueue(wiring.clock, (peer, tried) => void this.#ask(peer, tried))
    this.#scheduleRound()
  }

  /** Bytes that were sent to compare logs and to fill others'. */
  get sentBytes(): number {
    return this.#sentBytes
  }

  /** A link is up. `send` takes one frame, and does nothing once the link has closed. */
  attach(peer: DeviceId, send: (frame: Uint8Array<ArrayBuffer>) => void): void {
    this.detach(peer)
    const { clock, log, onGiven } = this.#wiring
    const counted = (frame: Uint8Array<ArrayBuffer>) => {
      this.#sentBytes += frame.length
      send(frame)
    }
    this.#links.set(peer, {
      peer,
      send: counted,
      answerer: new Answerer({
        log,
        now: () => clock.now(),
        send: counted,
        onGiven: (messages) => onGiven(messages, peer),
      }),
      expectations: new Expectations(log.capacity),
      pull: undefined,
      hasFailed: false,
    })
    this.#queue.add(peer)
  }

  detach(peer: DeviceId): void {
    const link = this.#links.get(peer)
    if (!link) return
    this.#links.delete(peer)
    this.#queue.remove(peer)
    this.#end(link, true)
  }

  /** `peer` brought a message, but not the one that its author said before. */
  gapAt(peer: DeviceId): void {
    this.#queue.soon(peer, GAP_PATIENCE_MS)
  }

  /**
   * Takes a frame; those of one link one after the other. Resolves with a fault for what no correct peer would have sent,
   * or with what `file` found.
   */
  async receive(peer: DeviceId, frame: ReconciliationFrame): Promise<FrameFault | undefined> {
    const link = this.#links.get(peer)
    if (!link) return undefined
    switch (frame.t) {
      case 'digest':
        if ((await link.answerer.digest(frame)) && this.#isUp(link)) this.#queue.ripple(peer)
        return undefined
      case 'want':
        return link.answerer.want(frame)
      case 'have':
        return this.#have(link, frame)
      case 'past':
        return this.#past(link, frame)
    }
  }

  /** Ends everything for good; no timer is left. */
  close(): void {
    this.#cancelRound()
    this.#queue.close()
    for (const link of this.#links.values()) {
      link.pull?.stop()
      link.pull = undefined
    }
    this.#links.clear()
  }

  #isUp(link: LinkState): boolean {
    return this.#links.get(link.peer) === link
  }

  async #ask(peer: DeviceId, tried: ReadonlySet<DeviceId>): Promise<void> {
    const { clock, log } = this.#wiring
    const link = this.#links.get(peer)
    if (!link) return
    const pull = new Pull(clock, tried, () => this.#end(link, true))
    link.pull = pull
    const digest = await digestOf(log)
    if (link.pull !== pull) return
    link.expectations.asked()
    link.send(encodeFrame({ t: 'digest', ...digest }))
  }

  #have(link: LinkState, have: Have): FrameFault | undefined {
    const ids = link.expectations.have(have)
    if (!ids) return 'unsolicited'
    link.pull?.heard()
    link.pull?.named(ids, have.more)
    this.#wantNext(link)
    return undefined
  }

  async #past(link: LinkState, past: Past): Promise<FrameFault | undefined> {
    const { log, file } = this.#wiring
    const ids = await Promise.all(past.messages.map(async ({ bytes }) => shortIdOf(await messageId(bytes))))
    const vouchers = link.expectations.past(past, ids)
    if (!vouchers) return 'unsolicited'
    const { pull } = link
    pull?.heard()
    const lacking = ids.filter((id) => !log.has(id))
    const fault = await file(past.messages, vouchers)
    // What comes too late is welcome, but belongs to no pull any more.
    if (!pull || link.pull !== pull) return fault
    // Whatever came with something false is asked of another peer: a liar must not keep the truth from us.
    pull.isPartial ||= fault !== undefined && lacking.some((id) => !log.has(id))
    pull.hasNews ||= lacking.some((id) => log.has(id))
    const isOfThisPull = this.#release(pull, ids)
    if (isOfThisPull && !past.more && this.#release(pull, [...pull.wanted])) pull.isPartial = true
    this.#wantNext(link)
    return fault
  }

  /** Asks for what the peer named, we lack, and nobody else is about to bring. */
  #wantNext(link: LinkState): void {
    const { pull } = link
    if (!pull || pull.wanted.size > 0) return
    const ids = pull.next((id) => !this.#wiring.log.has(id) && !this.#awaited.has(id))
    if (ids.length > 0) {
      for (const id of ids) this.#awaited.add(id)
      link.expectations.want(ids)
      link.send(encodeFrame({ t: 'want', ids: packIds(ids) }))
    } else if (pull.isDone) this.#end(link, pull.isPartial)
  }

  /** `pull` waits for `ids` no more. Returns whether it did for any. */
  #release(pull: Pull, ids: readonly ShortId[]): boolean {
    const awaited = ids.filter((id) => pull.wanted.delete(id))
    for (const id of awaited) this.#awaited.delete(id)
    return awaited.length > 0
  }

  /** The link's pull is over. What it did not bring is asked of a peer that was not asked for it yet. */
  #end(link: LinkState, hasFailed: boolean): void {
    const { pull } = link
    if (!pull) return
    pull.stop()
    link.pull = undefined
    this.#release(pull, [...pull.wanted])
    link.hasFailed = hasFailed
    if (hasFailed) this.#retry(link, pull.tried)
    else this.#wiring.onPulled()
    if (pull.hasNews) for (const peer of this.#links.keys()) if (peer !== link.peer) this.#queue.ripple(peer)
    this.#queue.done(link.peer)
  }

  /** Asks another peer for what `link` did not bring, and for whatever it was to be asked for next. */
  #retry({ peer: failed }: LinkState, triedBefore: ReadonlySet<DeviceId>): void {
    const tried = new Set([...triedBefore, failed])
    const untried = [...this.#links.values()].filter(({ peer }) => !tried.has(peer))
    const next = this.#anyOf(untried.filter((link) => !link.hasFailed)) ?? this.#anyOf(untried)
    if (next) this.#queue.retry(next.peer, new Set([...tried, ...this.#queue.cancel(failed)]))
  }

  #scheduleRound(): void {
    // Full jitter: anything from at once to twice as long.
    const ms = this.#wiring.random() * 2 * ROUND_MS
    this.#cancelRound = this.#wiring.clock.after(ms, () => {
      this.#scheduleRound()
      const link = this.#anyOf([...this.#links.values()])
      if (link) this.#queue.soon(link.peer)
    })
  }

  #anyOf(links: readonly LinkState[]): LinkState | undefined {
    return links[Math.floor(this.#wiring.random() * links.length)]
  }
}
