import { z } from './schema'

/** SHA-256 of a message's unsigned bytes, base64url: its id wherever it is kept, shown or answered. */
export type MessageId = string & { readonly __message: never }

/** 32 bytes have one spelling only: the last character carries four bits (RFC 4648 §3.5). */
const MESSAGE_ID = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/
export const messageIdSchema = z.custom<MessageId>(
  (value) => typeof value === 'string' && MESSAGE_ID.test(value),
  'not a message id',
)

/** `say`: text. `me`: what its author does, to be read after their name. */
export const kindSchema = z.enum(['say', 'me'])
