import type { SocketPass } from '../../protocol/control'
import type { DeviceId } from '../../protocol/device'
import {
  decodeToMember,
  encodeFromMember,
  SOCKET_PING,
  SocketClose,
  type ToMember,
} from '../../protocol/room-socket'
import { backoffDelay } from '../backoff'
import { type Clock, every, type Random } from '../clock'

/** The room object takes a member for live when it was pinged less than 45 s ago. */
const PING_MS = 20_000

/** Pings that may stay unanswered before the socket is taken for dead. */
const MAX_UNANSWERED = 2
/** When somebody else's hand is suspected to be on the place, it is not fought for, only asked for now and then. */
const REPLACED_RETRY_MS = 60_000

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
  onMessage(message: ToMember): void
  onOpenChange(open: boolean): void
}

/**
 * Keeps this member's socket to the room object: connects, pings, comes back with full-jitter back-off for as
 * long as the room is wanted. Everything else in the room goes on without it.
 */
export class Introducer {
  readonly #wiring: Wiring
  #socket: Socket | undefined
  #open = false
  #unanswered = 0
  #failures = 0
  #attempt = 0
  #cancelRetry = () => {}
  #stopPinging = () => {}
  #closed = false

  constructor(wiring: Wiring) {
    this.#wiring = wiring
    void this.#connect()
  }

  get isOpen(): boolean {
    return this.#open
  }

  /** Whether it was tried in vain more than once. */
  get isFailing(): boolean {
    return this.#failures > 1
  }

  /** Has a signal passed on; `false` when there is no socket for it. */
  signal(to: DeviceId, data: Uint8Array<ArrayBuffer>): boolean {
    if (this.#open) this.#socket?.send(encodeFromMember({ t: 'signal', to, data }))
    return this.#open
  }

  askForIntroductions(): void {
    if (this.#open) this.#socket?.send(encodeFromMember({ t: 'introduce' }))
  }

  /**
   * Tries at once instead of waiting: the network is back, or the viewer asks. A socket that looks open may be
   * the old network's: it is replaced, too.
   */
  hurry(): void {
    if (this.#closed) return
    this.#failures = 0
    void this.#connect()
    this.#wiring.onOpenChange(false)
  }

  close(): void {
    this.#closed = true
    this.#tearDown()
  }

  async #connect(): Promise<void> {
    this.#tearDown()
    const attempt = ++this.#attempt
    const isCurrent = () => attempt === this.#attempt && !this.#closed
    try {
      const pass = await this.#wiring.pass()
      if (!isCurrent()) return
      this.#socket = this.#wiring.openSocket(pass, {
        onOpen: () => isCurrent() && this.#opened(),
        onMessage: (data) => isCurrent() && this.#received(data),
        onPong: () => {
          if (isCurrent()) this.#unanswered = 0
        },
        onClose: (code) => isCurrent() && this.#lost(code),
      })
    } catch {
      if (isCurrent()) this.#lost()
    }
  }

  #opened(): void {
    this.#open = true
    this.#unanswered = 0
    this.#stopPinging = every(this.#wiring.clock, PING_MS, () => this.#ping())
    this.#wiring.onOpenChange(true)
  }

  #ping(): void {
    if (this.#unanswered >= MAX_UNANSWERED) return this.#lost()
    this.#unanswered++
    this.#socket?.send(SOCKET_PING)
  }

  #received(data: Uint8Array): void {
    let message: ToMember
    try {
      message = decodeToMember(data)
    } catch {
      return // The Worker is newer than we are, or broken: what cannot be read is not acted on.
    }
    this.#failures = 0
    this.#wiring.onMessage(message)
  }

  #lost(code?: number): void {
    this.#tearDown()
    const backoff = backoffDelay(this.#failures++, this.#wiring.random)
    const delay = code === SocketClose.replaced ? REPLACED_RETRY_MS : backoff
    this.#cancelRetry = this.#wiring.clock.after(delay, () => void this.#connect())
    this.#wiring.onOpenChange(false)
  }

  #tearDown(): void {
    this.#attempt++
    this.#cancelRetry()
    this.#stopPinging()
    this.#socket?.close()
    this.#socket = undefined
    this.#open = false
  }
}
