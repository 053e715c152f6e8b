import type { AccountId } from '../../protocol/device'
import type { Message, SignedBytes } from '../../protocol/message'

/** A checked message with all that somebody else needs to check it, too. */
export interface LoggedMessage extends Message {
  readonly account: AccountId
  /** The name in the passport that vouched for the author. */
  readonly name: string
  readonly signed: SignedBytes
  /** The passport (JWT) that held for the author's device when the message was stamped. */
  readonly passport: string
  /** Own messages: what the panel called them before they were stamped. */
  readonly key?: string
}
