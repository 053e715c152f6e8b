import { createHash } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import { vi } from 'vitest'
import type { DeviceId } from '../../../../protocol/device'
import { decodeFrame, encodeFrame, type Frame, type FrameFault } from '../../../../protocol/frames'
import { decodeMessage } from '../../../../protocol/message'
import type { Clock } from '../../../../services/clock'
import type { LoggedMessage } from '../../../../services/log/logged-message'
import { MessageLog } from '../../../../services/log/message-log'
import { Reconciler } from '../../../../services/log/reconciler'
import { deviceOf, START, said } from './spoken'

/** Hashes at once: whatever is left to do is then done when the task queue comes round, so virtual time can wait for it. */
export function hashAtOnce(): void {
  vi.spyOn(crypto.subtle, 'digest').mockImplementation(async (_, data) => {
    const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array(data.buffer)
    return new Uint8Array(createHash('sha256').update(bytes).digest()).buffer
  })
}

/** Time that passes from timer to timer, with everything done that one set off before the next. */
export class StepClock implements Clock {
  #now = START
  readonly #timers = new Map<object, { at: number; task: () => void }>()

  now = () => this.#now

  after(ms: number, task: () => void): () => void {
    const key = {}
    this.#timers.set(key, { at: this.#now + ms, task })
    return () => void this.#timers.delete(key)
  }

  get pending(): number {
    return this.#timers.size
  }

  async run(ms: number, isEnough = () => false): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      await turn()
      if (isEnough()) return
      let next: { key: object; at: number; task: () => void } | undefined
      for (const [key, timer] of this.#timers)
        if (timer.at <= end && (!next || timer.at < next.at)) next = { key, ...timer }
      if (!next) break
      this.#timers.delete(next.key)
      this.#now = next.at
      next.task()
    }
    this.#now = end
  }
}

/** Mulberry32. */
export function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export class Member {
  readonly device: DeviceId
  readonly log: MessageLog
  readonly reconciler: Reconciler
  readonly faults: FrameFault[] = []
  /** Frames that arrived here. */
  readonly heard: Frame[] = []
  /** What peers took from here. */
  readonly given: LoggedMessage[] = []
  readonly sends = new Map<DeviceId, (frame: Uint8Array<ArrayBuffer>) => void>()
  seq = 0

  constructor(name: string | number, clock: Clock, random: () => number, capacity: number) {
    this.device = deviceOf(name)
    this.log = new MessageLog({ capacity })
    this.reconciler = new Reconciler({
      clock,
      random,
      log: this.log,
      onPulled: () => {},
      onGiven: (messages) => this.given.push(...messages),
      file: async (messages) => {
        for (const { bytes } of messages) {
          const { device, seq, time, body } = decodeMessage(bytes)
          this.take(said(device, seq, time, body))
        }
        return undefined
      },
    })
  }

  /** Files a message and tells of what it proves. */
  take(message: LoggedMessage, from?: DeviceId): void {
    const outcome = this.log.add(message)
    if (outcome.t === 'contradiction')
      for (const send of this.sends.values()) send(encodeFrame({ t: 'proof', ...outcome.proof }))
    if (outcome.t === 'added' && from && this.log.hasGapBefore(message)) this.reconciler.gapAt(from)
  }

  async receive(peer: DeviceId, bytes: Uint8Array): Promise<void> {
    const decoded = decodeFrame(bytes)
    if ('fault' in decoded) throw new Error(decoded.fault)
    const { frame } = decoded
    this.heard.push(frame)
    if (frame.t === 'proof') this.log.void(decodeMessage(frame.first.bytes).device, frame)
    if (frame.t !== 'digest' && frame.t !== 'have' && frame.t !== 'want' && frame.t !== 'past') return
    const fault = await this.reconciler.receive(peer, frame)
    if (fault) this.faults.push(fault)
  }
}

/** Members of one room, who is linked with whom, and what the links do to frames. */
export class SimulatedRoom {
  readonly clock = new StepClock()
  readonly random: () => number
  readonly members: Member[]
  /** How likely a frame is lost, or comes twice. */
  noise = { lost: 0, twice: 0 }
  /** Everything that was said. */
  readonly said: LoggedMessage[] = []
  readonly #links = new Map<string, { isUp: boolean }>()

  constructor(size: number, capacity: number, seed: number | (() => number)) {
    this.random = typeof seed === 'number' ? randomFrom(seed) : seed
    this.members = Array.from(
      { length: size },
      (_, index) => new Member(index, this.clock, this.random, capacity),
    )
  }

  member(index: number): Member {
    const member = this.members[index % this.members.length]
    if (!member) throw new Error('nobody is here')
    return member
  }

  connect(a: Member, b: Member): void {
    const key = [a.device, b.device].sort().join()
    if (a === b || this.#links.has(key)) return
    const link = { isUp: true }
    this.#links.set(key, link)
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      let before: Promise<void> = Promise.resolve()
      const deliver = (frame: Uint8Array<ArrayBuffer>) =>
        this.clock.after(40, () => {
          if (link.isUp) before = before.then(() => to.receive(from.device, frame))
        })
      const send = (frame: Uint8Array<ArrayBuffer>) => {
        if (this.random() >= this.noise.lost) deliver(frame)
        if (this.random() < this.noise.twice) deliver(frame)
      }
      from.sends.set(to.device, send)
      from.reconciler.attach(to.device, send)
    }
  }

  disconnect(a: Member, b: Member): void {
    const key = [a.device, b.device].sort().join()
    const link = this.#links.get(key)
    if (!link) return
    link.isUp = false
    this.#links.delete(key)
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      from.sends.delete(to.device)
      from.reconciler.detach(to.device)
    }
  }

  /** Links exactly those whom `isLinked` says. */
  arrange(isLinked: (a: number, b: number) => boolean): void {
    for (let a = 0; a < this.members.length; a++)
      for (let b = 0; b < a; b++)
        if (isLinked(b, a)) this.connect(this.member(b), this.member(a))
        else this.disconnect(this.member(b), this.member(a))
  }

  /** `author` says something that only those with a bit in `audience` hear of its own accord. */
  say(author: Member, audience: number, body = 'words', seq = author.seq++): void {
    const message = said(author.device, seq, this.clock.now(), body)
    this.said.push(message)
    author.take(message)
    for (const [index, hearer] of this.members.entries())
      if (hearer !== author && audience & (1 << index))
        this.clock.after(60, () => hearer.take(message, author.device))
  }

  get sentBytes(): number {
    return this.members.reduce((sum, { reconciler }) => sum + reconciler.sentBytes, 0)
  }

  get isAgreed(): boolean {
    const [first, ...others] = this.members.map(({ log }) => log)
    const all = first?.all ?? []
    return others.every((log) => {
      const [messages, voided] = [log.all, [...log.proofs.keys()]]
      return (
        messages.length === all.length &&
        messages.every(({ id }, index) => id === all[index]?.id) &&
        voided.length === first?.proofs.size &&
        voided.every((device) => first.isVoid(device))
      )
    })
  }

  close(): void {
    for (const { reconciler } of this.members) reconciler.close()
  }
}
