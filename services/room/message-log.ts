import type { AccountId } from '../../protocol/device'
import { compareMessages, type Message, type MessageId } from '../../protocol/message'

/** Messages a room keeps. */
export const LOG_LENGTH = 1_000

/** A valid message and the person its passport named. */
export interface LoggedMessage extends Message {
  readonly account: AccountId
  readonly name: string
}

/** The newest messages of a room in their total order, each once. */
export class MessageLog {
  readonly #messages: LoggedMessage[] = []
  readonly #ids = new Set<MessageId>()

  get all(): readonly LoggedMessage[] {
    return this.#messages
  }

  /** Files a message where it belongs. `false` when it is here already or older than all that a full log keeps. */
  add(message: LoggedMessage): boolean {
    if (this.#ids.has(message.id)) return false
    let at = this.#messages.length
    for (let before = this.#messages[at - 1]; before && compareMessages(before, message) > 0; ) {
      at--
      before = this.#messages[at - 1]
    }
    if (at === 0 && this.#messages.length === LOG_LENGTH) return false
    this.#messages.splice(at, 0, message)
    this.#ids.add(message.id)
    const dropped = this.#messages.length > LOG_LENGTH ? this.#messages.shift() : undefined
    if (dropped) this.#ids.delete(dropped.id)
    return true
  }
}
