import type { IceServers } from '../../protocol/api'
import { ICE_RENEW_MS, type IcePass } from '../../protocol/control'
import type { Clock, Random } from '../clock'
import { Retry } from '../reconnection/retry'

/** However little the Worker gives, it is not asked more often than this (ms). */
const SHORTEST_MS = 60_000

interface Wiring {
  clock: Clock
  random: Random
  fetch(): Promise<IcePass>
  onChange(): void
}

/** Keeps credentials for relays fresh for as long as somebody may need them. */
export class IceKeeper {
  readonly #wiring: Wiring
  readonly #retry: Retry
  #pass: IcePass = { iceServers: [], expiresAt: 0 }
  #cancelRenewal = () => {}
  #isClosed = false

  constructor(wiring: Wiring) {
    this.#wiring = wiring
    this.#retry = new Retry({ ...wiring, task: () => void this.#renew() })
    this.#retry.hurry()
  }

  /** What may be used now. */
  get servers(): IceServers {
    return this.#pass.expiresAt > this.#wiring.clock.now() ? this.#pass.iceServers : []
  }

  /** There is reason to hope: what failed is tried at once. */
  hurry(): void {
    if (this.#retry.isFailing) this.#retry.hurry()
  }

  close(): void {
    this.#isClosed = true
    this.#retry.cancel()
    this.#cancelRenewal()
  }

  async #renew(): Promise<void> {
    const { clock, fetch, onChange } = this.#wiring
    try {
      const pass = await fetch()
      if (this.#isClosed) return
      this.#pass = pass
      this.#retry.succeeded()
      const holds = pass.expiresAt - clock.now()
      // What holds for no long time is what there is while there are no relays: too often is asked in vain, too.
      const wait = holds > ICE_RENEW_MS ? holds - ICE_RENEW_MS : holds / 2
      this.#cancelRenewal()
      this.#cancelRenewal = clock.after(Math.max(SHORTEST_MS, wait), () => void this.#renew())
      onChange()
    } catch {
      if (!this.#isClosed) this.#retry.failed()
    }
  }
}
