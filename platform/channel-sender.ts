/** What waits in the channel (bytes): above the first, frames queue up here until it is below the second. */
const HIGH_BYTES = 256 * 1024
const LOW_BYTES = 64 * 1024
/** A peer that takes nothing for so long that this much queues up is let go. */
export const MAX_QUEUED_BYTES = 1024 * 1024

interface Wiring {
  channel: RTCDataChannel
  /** Too much waits, or the channel takes no more. */
  onStuck(): void
}

/** Sends frames over a data channel without ever filling its buffer: a browser that overflows closes the channel. */
export class ChannelSender {
  readonly #channel: RTCDataChannel
  readonly #onStuck: () => void
  readonly #queue: Uint8Array<ArrayBuffer>[] = []
  #queued = 0
  #writers: (() => void)[] = []
  readonly #onLow = () => this.#drain()

  constructor({ channel, onStuck }: Wiring) {
    this.#channel = channel
    this.#onStuck = onStuck
    channel.bufferedAmountLowThreshold = LOW_BYTES
    channel.addEventListener('bufferedamountlow', this.#onLow)
  }

  get isBusy(): boolean {
    return this.#queue.length > 0 || this.#channel.bufferedAmount > HIGH_BYTES
  }

  whenWritable(): Promise<void> {
    if (!this.isBusy) return Promise.resolve()
    return new Promise((resolve) => this.#writers.push(resolve))
  }

  send(frame: Uint8Array<ArrayBuffer>): void {
    if (!this.isBusy) return this.#pass(frame)
    if (this.#queued + frame.length > MAX_QUEUED_BYTES) return this.#onStuck()
    this.#queue.push(frame)
    this.#queued += frame.length
  }

  /** Nothing is sent any more; whoever waits need not. */
  stop(): void {
    this.#channel.removeEventListener('bufferedamountlow', this.#onLow)
    this.#queue.length = 0
    this.#queued = 0
    this.#wakeWriters()
  }

  #drain(): void {
    while (this.#channel.bufferedAmount <= HIGH_BYTES) {
      const frame = this.#queue.shift()
      if (!frame) return this.#wakeWriters()
      this.#queued -= frame.length
      this.#pass(frame)
    }
  }

  #pass(frame: Uint8Array<ArrayBuffer>): void {
    try {
      this.#channel.send(frame)
    } catch {
      this.#onStuck()
    }
  }

  #wakeWriters(): void {
    for (const resolve of this.#writers.splice(0)) resolve()
  }
}
