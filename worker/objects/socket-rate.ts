import { SOCKET_BURST, SOCKET_TOKENS_PER_SECOND } from '../limits'

/**
 * A token bucket per socket. In memory only: what hibernation forgets would have refilled by then, and a
 * signal must not touch storage.
 */
export class SocketRate {
  readonly #buckets = new WeakMap<WebSocket, { tokens: number; at: number }>()

  /** Takes `cost` tokens at `now` (ms). `false` if there are not enough. */
  spend(socket: WebSocket, cost: number, now: number): boolean {
    const { tokens, at } = this.#buckets.get(socket) ?? { tokens: SOCKET_BURST, at: now }
    const refilled = Math.min(SOCKET_BURST, tokens + ((now - at) / 1000) * SOCKET_TOKENS_PER_SECOND)
    if (refilled < cost) return false
    this.#buckets.set(socket, { tokens: refilled - cost, at: now })
    return true
  }
}
