import type { DeviceId } from '../../protocol/device'
import type { MessageId } from '../../protocol/message'

/** To whom each own message of this visit was sent. */
export class Reach {
  readonly #members = new Map<MessageId, Set<DeviceId>>()

  sent(id: MessageId, to: readonly DeviceId[]): void {
    this.#members.set(id, new Set(to))
  }

  /** `peer` took the message from our log. Returns whether that is news, of a message of ours. */
  given(id: MessageId, peer: DeviceId): boolean {
    const members = this.#members.get(id)
    if (!members || members.has(peer)) return false
    members.add(peer)
    return true
  }

  /** How many members a message was sent to; `undefined` for one that is not ours, or of an earlier visit. */
  of(id: MessageId): number | undefined {
    return this.#members.get(id)?.size
  }
}
