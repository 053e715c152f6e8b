import type { AccountId } from './device'

/** What a profile picture is: see `PICTURE_PIXELS` and `MAX_PICTURE_BYTES`. No schema here, so that pages stay small. */
export const PICTURE_TYPE = 'image/webp'

/** Where anybody reads a picture (on the Worker's origin). What lies there never changes; `avatar` is its hash. */
export const picturePath = (account: AccountId | string, avatar: string): string =>
  `/pictures/${account}/${avatar}`

/** Bytes as base64 (RFC 4648 §4): ports between contexts carry no bytes. */
export const toBase64 = (bytes: Uint8Array): string =>
  btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))

/** The bytes of a base64 text. Throws an `InvalidCharacterError` for any other. */
export const fromBase64 = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
