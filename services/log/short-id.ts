import { fromBase64Url } from '../../protocol/bytes'
import { SHORT_ID_BYTES } from '../../protocol/limits'
import type { MessageId } from '../../protocol/message'

/**
 * The first `SHORT_ID_BYTES` of a message's SHA-256, as hexadecimal digits: texts that sort like the bytes and serve as
 * keys. Two messages with the same one take some 2^64 tries to find, and would only hide one of them.
 */
export type ShortId = string & { readonly __short: never }

const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

const shortIdOfBytes = (bytes: Uint8Array): ShortId =>
  Array.from(bytes, (byte) => hex[byte]).join('') as ShortId

export const shortIdOf = (id: MessageId): ShortId =>
  shortIdOfBytes(fromBase64Url(id).subarray(0, SHORT_ID_BYTES))

/** Short ids in one piece, as frames carry them. */
export function packIds(ids: readonly ShortId[]): Uint8Array<ArrayBuffer> {
  const digits = ids.join('')
  return Uint8Array.from({ length: digits.length / 2 }, (_, at) =>
    Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16),
  )
}

export function unpackIds(bytes: Uint8Array): ShortId[] {
  const ids: ShortId[] = []
  for (let at = 0; at < bytes.length; at += SHORT_ID_BYTES)
    ids.push(shortIdOfBytes(bytes.subarray(at, at + SHORT_ID_BYTES)))
  return ids
}
