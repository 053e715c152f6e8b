import { type SignedTerms, termsProtocol } from '../../protocol/consent'
import type { SocketPass } from '../../protocol/control'
import type { DeviceId } from '../../protocol/device'
import type { SignedBytes } from '../../protocol/message'
import {
  decodeToMember,
  encodeFromMember,
  SOCKET_PING,
  SocketClose,
  type ToMember,
} from '../../protocol/room-socket'
import { type Clock, every, type Random } from '../clock'
import { Retry } from '../reconnection/retry'

/** The room object takes a member for live when it was pinged less than 45 s ago. */
const PING_MS = 20_000

/** Pings that may stay unanswered before the socket is taken for dead. */
const MAX_UNANSWERED = 2
/** A ping out of turn, when there is reason to doubt the socket, is answered within this (ms). */
const PROBE_MS = 5_000
/** An open socket from which nothing was heard for longer (ms) is not worth a probe. */
const LONGEST_SILENCE_MS = PING_MS + PROBE_MS
/** A socket that is not open after this (ms) will not open: networks that swallow packets tell nobody. */
const CONNECT_MS = 15_000
/** A try that is younger than this (ms) is left alone, whatever gives hope: the events of one awakening come in numbers. */
const YOUNG_MS = 5_000
/** When somebody else's hand is suspected to be on the place, it is not fought for, only asked for now and then. */
const REPLACED_RETRY_MS = 60_000
/** Whom the room does not take asks again after this (ms), or twice as much: there may be a crowd of them. */
const REFUSED_RETRY_MS = 120_000

/** What the room object can have against an account: only linked ones take part, or this one is banned. */
export type Refusal = 'unlinked' | 'banned'
const REFUSALS: ReadonlyMap<number | undefined, Refusal> = new Map([
  [SocketClose.unlinked, 'unlinked'],
  [SocketClose.banned, 'banned'],
])

/** A WebSocket, as a service sees it. */
export interface Socket {
  send(data: Uint8Array<ArrayBuffer> | string): void
  close(): void
}

export interface SocketEvents {
  onOpen(): void
  onMessage(data: Uint8Array): void
  /** The answer to a ping. */
  onPong(): void
  /** Called once, also when it never opened. */
  onClose(code: number): void
}

export type OpenSocket = (pass: SocketPass, events: SocketEvents) => Socket

interface Wiring {
  clock: Clock
  random: Random
  openSocket: OpenSocket
  pass(): Promise<SocketPass>
  /** Whether the viewer agrees to direct links, and the key to seal to, as we sign it. Call `termsChanged` when it changes. */
  terms(): Promise<SignedTerms>
  onMessage(message: ToMember): void
  onOpenChange(open: boolean): void
  /** The room object does not take us. Told once, until it takes us again. */
  onRefused(): void
}

/**
 * Keeps this member's socket to the room object: connects, pings, comes back with full-jitter back-off for as
 * long as the room is wanted. Everything else in the room goes on without it.
 */
export class Introducer {
  readonly #wiring: Wiring
  readonly #retry: Retry
  #socket: Socket | undefined
  #open = false
  #unanswered = 0
  /** Answers that a probe still waits for: those to earlier pings come first. */
  #awaited = 0
  #heardAt = 0
  /** When the try under way began. */
  #tryingSince: number | undefined
  #attempt = 0
  #cancelDeadline = () => {}
  #stopPinging = () => {}
  #closed = false
  #refusal: Refusal | undefined

  constructor(wiring: Wiring) {
    this.#wiring = wiring
    this.#retry = new Retry({ ...wiring, task: () => void this.#connect() })
    this.#retry.hurry()
  }

  get isOpen(): boolean {
    return this.#open
  }

  /** Why the room object did not take us when it was asked last, if it has something against our account. */
  get refusal(): Refusal | undefined {
    return this.#refusal
  }

  /** Whether it was tried in vain more than once. */
  get isFailing(): boolean {
    return this.#retry.isFailing
  }

  /** Has a signal passed on; `false` when there is no socket for it. */
  signal(to: DeviceId, data: Uint8Array<ArrayBuffer>): boolean {
    if (this.#open) this.#socket?.send(encodeFromMember({ t: 'signal', to, data }))
    return this.#open
  }

  /** Has a sealed frame passed on; `false` when there is no socket for it. */
  sendHub(to: DeviceId, data: Uint8Array<ArrayBuffer>): boolean {
    if (this.#open) this.#socket?.send(encodeFromMember({ t: 'hub', to, data }))
    return this.#open
  }

  /** Tells the room object whether we agree to direct links, for those whom it introduces to us. */
  async termsChanged(): Promise<void> {
    const { direct, ...consent } = await this.#wiring.terms()
    if (this.#open) this.#socket?.send(encodeFromMember({ t: 'terms', direct, consent }))
  }

  /** Hands a ruling to the room object; `false` when there is no socket for it. */
  rule(signed: SignedBytes): boolean {
    if (this.#open) this.#socket?.send(encodeFromMember({ t: 'rule', ...signed }))
    return this.#open
  }

  /** Asks the room object for rulings. */
  tell(ids: Uint8Array<ArrayBuffer>): void {
    if (this.#open) this.#socket?.send(encodeFromMember({ t: 'tell', ids }))
  }

  askForIntroductions(): void {
    if (this.#open) this.#socket?.send(encodeFromMember({ t: 'introduce' }))
  }

  /**
   * There is reason to doubt, or to hope: the network went, came or changed, the machine slept. An open socket has to
   * answer within 5 s, and is replaced at once if it was silent too long; where there is none it is tried at once.
   */
  probe(): void {
    if (this.#open && this.#isRecent(this.#heardAt, LONGEST_SILENCE_MS)) return this.#question()
    if (this.#refusal) return // No network changes that; a new passport does.
    if (this.#tryingSince !== undefined && this.#isRecent(this.#tryingSince, YOUNG_MS)) return
    this.reconnectNow()
  }

  /** Begins anew with a fresh socket, whatever there is: the viewer asks, or the clock needs the Worker's time. */
  reconnectNow(): void {
    if (this.#closed) return
    this.#retry.hurry()
    this.#wiring.onOpenChange(false)
  }

  close(): void {
    this.#closed = true
    this.#retry.cancel()
    this.#tearDown()
  }

  async #connect(): Promise<void> {
    this.#tearDown()
    const { clock, pass, openSocket } = this.#wiring
    const attempt = ++this.#attempt
    const isCurrent = () => attempt === this.#attempt && !this.#closed
    this.#tryingSince = clock.now()
    this.#cancelDeadline = clock.after(CONNECT_MS, () => this.#lost())
    try {
      const [ticket, terms] = await Promise.all([pass(), this.#wiring.terms()])
      if (!isCurrent()) return
      // Who is introduced to others right away has said on which terms, and how to seal what is for them alone.
      const protocols = [...ticket.protocols, termsProtocol(terms)]
      this.#socket = openSocket(
        { ...ticket, protocols },
        {
          onOpen: () => isCurrent() && this.#opened(),
          onMessage: (data) => isCurrent() && this.#received(data),
          onPong: () => isCurrent() && this.#answered(),
          onClose: (code) => isCurrent() && this.#lost(code),
        },
      )
    } catch {
      if (isCurrent()) this.#lost()
    }
  }

  #opened(): void {
    this.#cancelDeadline()
    this.#tryingSince = undefined
    this.#open = true
    this.#heardAt = this.#wiring.clock.now()
    this.#stopPinging = every(this.#wiring.clock, PING_MS, () => this.#ping())
    this.#wiring.onOpenChange(true)
  }

  #ping(): void {
    if (this.#unanswered >= MAX_UNANSWERED) return this.#lost()
    this.#sendPing()
  }

  #question(): void {
    if (this.#awaited > 0) return
    this.#awaited = this.#unanswered + 1
    this.#sendPing()
    this.#cancelDeadline = this.#wiring.clock.after(PROBE_MS, () => this.#lost())
  }

  #sendPing(): void {
    this.#unanswered++
    this.#socket?.send(SOCKET_PING)
  }

  #answered(): void {
    this.#unanswered = 0
    this.#heardAt = this.#wiring.clock.now()
    if (this.#awaited > 0 && --this.#awaited === 0) this.#cancelDeadline()
  }

  #received(data: Uint8Array): void {
    let message: ToMember
    try {
      message = decodeToMember(data)
    } catch {
      return // The Worker is newer than we are, or broken: what cannot be read is not acted on.
    }
    this.#retry.succeeded()
    if (message.t === 'welcome') this.#refusal = undefined
    this.#wiring.onMessage(message)
    // After, because a message may correct the clock.
    this.#heardAt = this.#wiring.clock.now()
  }

  #lost(code?: number): void {
    this.#tearDown()
    const refusal = REFUSALS.get(code)
    const pause = refusal ? REFUSED_RETRY_MS * (1 + this.#wiring.random()) : 0
    this.#retry.failed(code === SocketClose.replaced ? REPLACED_RETRY_MS : pause)
    const isNews = refusal !== undefined && refusal !== this.#refusal
    this.#refusal = refusal ?? this.#refusal
    this.#wiring.onOpenChange(false)
    if (isNews) this.#wiring.onRefused()
  }

  #tearDown(): void {
    this.#attempt++
    this.#cancelDeadline()
    this.#stopPinging()
    this.#socket?.close()
    this.#socket = undefined
    this.#open = false
    this.#tryingSince = undefined
    this.#unanswered = 0
    this.#awaited = 0
  }

  /** By a clock that was set back, nothing is. */
  #isRecent(at: number, ms: number): boolean {
    const age = this.#wiring.clock.now() - at
    return age >= 0 && age <= ms
  }
}
