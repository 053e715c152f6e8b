import type { DeviceId } from '../../protocol/device'
import { isTampering, type MeshFault } from '../mesh/mesh-links'

/** Senders that are remembered: with two of them all is said. */
const MAX_SENDERS = 2

/**
 * Whether somebody between us and the others changes what they send. One member alone may have sent nonsense under its own
 * name, unless nobody else gets through either.
 */
export class Tampering {
  readonly #senders = new Set<DeviceId>()
  readonly #doubted = new Set<DeviceId>()
  #isSuspected = false

  get isSuspected(): boolean {
    return this.#isSuspected
  }

  /** Takes notice of a fault that came under the name of `from`. Returns whether that makes for suspicion. */
  noted(fault: MeshFault, from: DeviceId, links: number): boolean {
    if (this.#isSuspected || !isTampering(fault)) return false
    // A handshake that failed may have been the network, once.
    const isSure = fault !== 'wrong-fingerprint' || this.#doubted.has(from)
    if (!isSure) this.#doubted.add(from)
    else if (this.#senders.size < MAX_SENDERS) this.#senders.add(from)
    this.#isSuspected = this.#senders.size >= MAX_SENDERS || (this.#senders.size > 0 && links === 0)
    return this.#isSuspected
  }
}
