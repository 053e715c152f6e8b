import type { DeviceId } from '../../protocol/device'
import type { Clock } from '../clock'
import type { LoggedMessage } from '../log/logged-message'

/** More wait for nobody: reconciliation brings what is dropped when its time has come. */
const MAX_HELD = 200

/** Messages that are stamped ahead of our clock, until their time comes: nobody's clock puts him below the others' words. */
export class HeldMessages {
  readonly #clock: Clock
  readonly #maxOfDevice: number
  readonly #release: (message: LoggedMessage) => void
  readonly #held = new Map<string, { device: DeviceId; cancel: () => void }>()
  #isClosed = false

  /** `maxOfDevice`: no correct device has more ahead of time than the pace allows within that time. */
  constructor(clock: Clock, maxOfDevice: number, release: (message: LoggedMessage) => void) {
    this.#clock = clock
    this.#maxOfDevice = maxOfDevice
    this.#release = release
  }

  /** Returns whether it is held: what is more than anybody may have to say is worth nothing to others, either. */
  hold(message: LoggedMessage): boolean {
    const { id, device, time } = message
    if (this.#held.has(id)) return true
    const ofDevice = [...this.#held.values()].filter((held) => held.device === device).length
    if (this.#isClosed || this.#held.size >= MAX_HELD || ofDevice >= this.#maxOfDevice) return false
    const cancel = this.#clock.after(Math.max(1, time.ms - this.#clock.now()), () => {
      this.#held.delete(id)
      this.#release(message)
    })
    this.#held.set(id, { device, cancel })
    return true
  }

  close(): void {
    this.#isClosed = true
    for (const { cancel } of this.#held.values()) cancel()
    this.#held.clear()
  }
}
