import type { Message, MessageId } from '../../protocol/message'

/** What is said, before it is a message. */
export interface Words {
  readonly text: string
  /** As what its author does. */
  readonly me?: true
  /** What it answers. */
  readonly reply?: MessageId
}

/** What a message says, as it was before it was one. */
export const wordsOf = ({ kind, body, reply }: Message): Words => ({
  text: body,
  ...(kind === 'me' && { me: true }),
  ...(reply !== undefined && { reply }),
})
