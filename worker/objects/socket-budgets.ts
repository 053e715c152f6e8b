import type { DeviceId } from '../../protocol/device'
import { SocketBudget } from './socket-budget'

const FIRST_SWEEP = 64

/**
 * The budgets of a room's devices. They outlive a socket, so that closing it and opening another buys nothing; those
 * that nothing was taken from lately are dropped now and then, which leaves no more than those who sent.
 */
export class SocketBudgets {
  readonly #budgets = new Map<DeviceId, SocketBudget>()
  #sweepAt = FIRST_SWEEP

  of(device: DeviceId, now: number): SocketBudget {
    const known = this.#budgets.get(device)
    if (known) return known
    if (this.#budgets.size >= this.#sweepAt) this.#sweep(now)
    const budget = new SocketBudget(now)
    this.#budgets.set(device, budget)
    return budget
  }

  #sweep(now: number): void {
    for (const [device, budget] of this.#budgets) {
      if (budget.isWhole(now)) this.#budgets.delete(device)
    }
    this.#sweepAt = Math.max(FIRST_SWEEP, 2 * this.#budgets.size)
  }
}
